import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createManualClock, createSeededRandom } from '#pkg/base';
import { createWorkQueue } from './work-queue.ts';

function createBench() {
  const clock = createManualClock();
  const queue = createWorkQueue({ name: 'test', clock, random: createSeededRandom('queue') });
  return { clock, queue };
}

test('a key waits once, and again when it was added while it was worked on', async () => {
  const { queue } = createBench();
  queue.add('a');
  queue.add('a');
  expect(queue.depth()).toBe(1);
  expect(await queue.take()).toBe('a');
  queue.add('a');
  queue.add('a');
  expect(queue.depth()).toBe(0);
  queue.done('a');
  expect(await queue.take()).toBe('a');
  queue.done('a');
  expect(queue.depth()).toBe(0);
});

test('of several times for one key the earliest counts', async () => {
  const { queue, clock } = createBench();
  queue.addAfter('a', 5_000);
  queue.addAfter('a', 1_000);
  queue.addAfter('a', 9_000);
  clock.advance(999);
  expect(queue.depth()).toBe(0);
  clock.advance(1);
  expect(queue.depth()).toBe(1);
  expect(await queue.take()).toBe('a');
  queue.done('a');
  clock.advance(20_000);
  expect(queue.depth()).toBe(0);
});

test('a key that fails again and again waits longer, up to a minute, and anew after a success', async () => {
  const { queue, clock } = createBench();
  const waits: number[] = [];
  const fail = async (): Promise<void> => {
    queue.addRateLimited('a');
    const startMs = clock.monotonicMs();
    while (queue.depth() === 0) clock.advance(100);
    waits.push(clock.monotonicMs() - startMs);
    await queue.take();
    queue.done('a');
  };
  for (let times = 0; times < 9; times += 1) await fail();
  expect(waits[0]).toBeLessThanOrEqual(1_000);
  expect(waits.slice(7).every((ms) => ms >= 30_000 && ms <= 60_100)).toBe(true);
  queue.forget('a');
  await fail();
  expect(waits.at(-1)).toBeLessThanOrEqual(1_000);
});

test('a closed queue hands out nothing, and lets whoever waits go', async () => {
  const { queue, clock } = createBench();
  const waiting = queue.take();
  queue.addAfter('later', 10);
  queue.close();
  clock.advance(10);
  queue.add('late');
  expect([await waiting, await queue.take(), queue.depth()]).toEqual([undefined, undefined, 0]);
});

type Action =
  | { readonly kind: 'add' | 'addRateLimited' | 'forget'; readonly key: string }
  | { readonly kind: 'addAfter'; readonly key: string; readonly delayMs: number }
  | { readonly kind: 'take' | 'finish' }
  | { readonly kind: 'advance'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c');
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('add' as const, 'addRateLimited' as const, 'forget' as const),
    key,
  }),
  fc.record({ kind: fc.constant('addAfter' as const), key, delayMs: fc.nat(5_000) }),
  fc.record({ kind: fc.constantFrom('take' as const, 'finish' as const) }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(10_000) }),
);

test('whatever happens, no key is worked on twice at a time and no addition is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const { queue, clock } = createBench();
      const working: string[] = [];
      /** Keys that must be worked on after their last addition. */
      const owed = new Set<string>();
      const takers: Promise<void>[] = [];
      const settle = async (): Promise<void> => {
        for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
      };
      const take = (): void => {
        const taken = queue.take().then((taken_) => {
          if (taken_ === undefined) return;
          expect(working).not.toContain(taken_);
          working.push(taken_);
          owed.delete(taken_);
        });
        takers.push(taken);
      };
      for (const each of actions) {
        switch (each.kind) {
          case 'add':
            owed.add(each.key);
            queue.add(each.key);
            break;
          case 'addAfter':
            owed.add(each.key);
            queue.addAfter(each.key, each.delayMs);
            break;
          case 'addRateLimited':
            owed.add(each.key);
            queue.addRateLimited(each.key);
            break;
          case 'forget':
            queue.forget(each.key);
            break;
          case 'take':
            take();
            break;
          case 'finish': {
            const done = working.shift();
            if (done !== undefined) queue.done(done);
            break;
          }
          case 'advance':
            clock.advance(each.ms);
        }
        await settle();
      }
      // Everything owed comes, given time and hands.
      for (let round = 0; round < 40; round += 1) {
        take();
        clock.advance(120_000);
        await settle();
        for (const done of working.splice(0)) queue.done(done);
        await settle();
      }
      expect([...owed]).toEqual([]);
      queue.close();
      await Promise.all(takers);
    }),
    { numRuns: 300 },
  );
});
