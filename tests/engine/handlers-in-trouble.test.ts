/** Handlers that misbehave, on real servers: the row says what was wrong, the slot is free again, and the next step goes on. */
import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { defineStep, implementStep, planStep, type StepHandler, type StepWorker } from '#pkg/steps';
import { clock, makeWorker, startDispatcher } from './fixture/compose.ts';
import { steps } from './fixture/definitions.ts';
import { useEngine } from './fixture/index.ts';

const engine = useEngine();
const TIMEOUT_MS = 300;
const define = (name: string) =>
  defineStep({
    name,
    lane: 'positions',
    arguments: Type.Unknown(),
    response: Type.Unknown(),
    retry: { attemptsMax: 1 },
    timeoutMs: TIMEOUT_MS,
  });
const well = define('well');
const deaf = define('deaf');
const polite = define('polite');
const wordy = define('throw-a-word');
const odd = define('odd-outcome');
const vast = define('vast-response');

const HANDLERS: readonly StepHandler[] = [
  implementStep(well, async () => ({ kind: 'completed', response: null })),
  // Never answers, and listens to nothing.
  implementStep(deaf, () => new Promise(() => undefined)),
  implementStep(polite, async ({ signal, clock: time }) => {
    await time.sleep(60_000, signal);
    signal.throwIfAborted();
    return { kind: 'completed', response: null };
  }),
  implementStep(wordy, async () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a foreign library may do
    throw 'a word';
  }),
  implementStep(odd, async () => ({ kind: 'paused' }) as never),
  implementStep(vast, async () => ({ kind: 'completed', response: 'x'.repeat(70_000) })),
];

let dispatcher: AsyncDisposable;
let worker: StepWorker;
beforeAll(async () => {
  worker = makeWorker(engine.parts, { box: 'eos', slots: 1, handlers: HANDLERS });
  await worker.start();
  dispatcher = startDispatcher(engine.parts);
});
afterAll(async () => {
  await dispatcher[Symbol.asyncDispose]();
  await worker[Symbol.asyncDispose]();
});

const wrongs = [
  [
    'a handler that hears no signal and never answers',
    deaf,
    'StepTimedOut',
    'took longer than 300 ms',
  ],
  ['a handler that ends when it is aborted', polite, 'StepTimedOut', 'took longer than 300 ms'],
  ['a handler that throws no error', wordy, 'AttemptsSpent', 'a non-error was thrown: a word'],
  ['an unknown outcome', odd, undefined, 'an unknown outcome'],
  ['a response that is too large', vast, undefined, 'the limit is 65536'],
] as const;

test.each(wrongs)(
  '%s: the step fails with its reason, and its only slot goes on',
  async (_name, step, reason, text) => {
    const startedMs = clock.monotonicMs();
    const wrong = await engine.parts.submit(steps, [planStep(step, null, { index: 1 })]);
    const next = await engine.parts.submit(steps, [planStep(well, null, { index: 1 })]);
    const tree = await engine.ended(wrong.workflowId);
    expect(tree.workflow.state).toBe('failed');
    expect(tree.steps[0]).toMatchObject({ state: 'failed', attempts: 1 });
    expect(tree.steps[0]?.error).toContain(text);
    if (reason !== undefined) expect(tree.steps[0]?.reason).toBe(reason);
    expect((await engine.ended(next.workflowId)).workflow.state).toBe('completed');
    expect(clock.monotonicMs() - startedMs).toBeLessThan(8_000);
  },
);

test.each([
  ['no JSON', 1n, 'is not JSON'],
  ['above the limit', 'x'.repeat(70_000), 'the limit is 65536'],
])(
  'arguments that are %s are refused with workflow and step, and no row is written',
  async (_name, args, text) => {
    const count = async (): Promise<number> =>
      (await engine.parts.store.steps.listWorkflows({ limit: 1_000 })).length;
    const before = await count();
    await expect(
      engine.parts.submit(steps, [planStep(well, args, { index: 1 })]),
    ).rejects.toMatchObject({
      fields: { workflow: 'steps', step: 'well', problem: expect.stringContaining(text) as string },
    });
    expect(await count()).toBe(before);
  },
);
