import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { createMemorySignals } from '#pkg/queues';
import { createMemoryStore } from '#pkg/store';
import { holdLease } from './hold-lease.ts';
import { whileHeld } from './while-held.ts';

const TTL_MS = 6_000;

/** Two processes that want one lease; what they keep alive writes into `log`. */
function setUp(options: { readonly hasSignals: boolean }) {
  const clock = createManualClock();
  const logger = createSilentLogger();
  const { leases } = createMemoryStore({ clock });
  const signals = createMemorySignals();
  const log: string[] = [];
  let finishWriting: () => void = () => undefined;
  const start = (holder: string, isSlow: boolean) =>
    holdLease(
      {
        leases,
        signals: options.hasSignals ? signals : createMemorySignals(),
        clock,
        logger,
      },
      {
        name: 'user-stream',
        holder,
        ttlMs: TTL_MS,
        ...whileHeld(() => {
          log.push(`${holder} starts`);
          return {
            [Symbol.asyncDispose]: async () => {
              if (isSlow) {
                await new Promise<void>((resolve) => {
                  finishWriting = resolve;
                });
              }
              log.push(`${holder} ends`);
            },
          };
        }),
      },
    );
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { clock, log, start, settle, finishWriting: () => finishWriting() };
}

test('a lease that is handed over is taken at once, and only after the last write of the one before', async () => {
  const { log, start, settle, finishWriting } = setUp({ hasSignals: true });
  const first = start('a', true);
  await settle();
  const second = start('b', false);
  await settle();
  expect([first.isHeld(), second.isHeld(), second.epoch()]).toEqual([true, false, undefined]);

  const ended = first[Symbol.asyncDispose]();
  await settle();
  expect([first.isHeld(), second.isHeld()]).toEqual([false, false]);
  finishWriting();
  await ended;
  await settle();
  expect(second.isHeld()).toBe(true);
  expect(second.epoch()).toBe(2);
  expect(log).toEqual(['a starts', 'a ends', 'b starts']);
});

test('a release whose signal is lost is found by the next try', async () => {
  const { clock, start, settle } = setUp({ hasSignals: false });
  const first = start('a', false);
  await settle();
  const second = start('b', false);
  await settle();
  await first[Symbol.asyncDispose]();
  await settle();
  expect(second.isHeld()).toBe(false);
  clock.advance(TTL_MS / 3);
  await settle();
  expect(second.isHeld()).toBe(true);
});

test('a holder that does not come back to renew stops before the database lets another one in', async () => {
  const { clock, log, start, settle } = setUp({ hasSignals: true });
  const first = start('a', false);
  await settle();
  clock.advance(TTL_MS * 0.8);
  await settle();
  clock.advance(TTL_MS);
  expect(first.isHeld()).toBe(false);
  await settle();
  await first[Symbol.asyncDispose]();
  expect(log.filter((line) => line === 'a ends').length).toBeGreaterThan(0);
});
