import { describe, expect, test } from 'vitest';

import { StoreUnavailableError } from '#pkg/store';
import { implementStep, planStep } from '../definition.ts';
import { setUp, work } from './worker-testing.ts';

describe('an outcome', () => {
  test('repeats only the confirmation of a deed, and the response of the deed stays', async () => {
    const calls: string[] = [];
    const { run } = await setUp([
      implementStep(
        work,
        async () => {
          calls.push('deed');
          return { kind: 'confirming', response: { order: 7 }, afterMs: 100 };
        },
        async ({ attempt }, _args, response) => {
          calls.push(`confirm ${JSON.stringify(response)} attempt ${attempt}`);
          if (calls.length === 2) return { kind: 'confirming', response: 'later', afterMs: 100 };
          if (calls.length === 3) throw new Error('not found yet');
          return { kind: 'completed', response: 'another' };
        },
      ),
    ]);
    const tree = await run([planStep(work, null, { index: 1 })], 8_000);
    expect(tree.workflow.state).toBe('completed');
    expect(tree.steps[0]).toMatchObject({ response: '{"order":7}', attempts: 1, deferrals: 2 });
    const deed = 'confirm {"order":7} attempt';
    expect(calls).toEqual(['deed', `${deed} 1`, `${deed} 1`, `${deed} 2`]);
  });

  const wrongs: readonly (readonly [string, () => unknown, string])[] = [
    ['nothing', () => undefined, 'returned no outcome'],
    ['an unknown outcome', () => ({ kind: 'paused' }), 'returned an unknown outcome'],
    [
      'a deferral to no instant',
      () => ({ kind: 'deferred', untilMs: Number.NaN, reason: 'AwaitingFill' }),
      'deferred until NaN',
    ],
    [
      'a confirmation that it cannot make',
      () => ({ kind: 'confirming', response: null, afterMs: 1 }),
      'has no `confirm`',
    ],
  ];
  test.each(wrongs)('fails a step that returns %s, without a retry', async (_name, make, text) => {
    const { run } = await setUp([implementStep(work, async () => make() as never)]);
    const tree = await run([planStep(work, null, { index: 1 })]);
    expect(tree.steps[0]).toMatchObject({ state: 'failed', attempts: 1 });
    expect(tree.steps[0]?.error).toContain(text);
  });

  test('counts no attempt when the database was away under a handler', async () => {
    let isAway = true;
    const { run } = await setUp([
      implementStep(work, async () => {
        if (isAway) {
          isAway = false;
          throw new StoreUnavailableError({});
        }
        return { kind: 'completed', response: null };
      }),
    ]);
    const tree = await run([planStep(work, null, { index: 1 })], 2_000);
    expect(tree.steps[0]).toMatchObject({ state: 'completed', attempts: 0 });
  });

  test('counts what a handler throws as a failure, also when it is no error', async () => {
    const { run } = await setUp([
      implementStep(work, async ({ attempt }) => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a foreign library may do
        if (attempt === 1) throw 'a word';
        return { kind: 'completed', response: null };
      }),
    ]);
    const tree = await run([planStep(work, null, { index: 1 })], 2_000);
    expect(tree.steps[0]).toMatchObject({ state: 'completed', attempts: 1 });
    expect(tree.steps[0]?.error).toContain('a non-error was thrown: a word');
  });
});
