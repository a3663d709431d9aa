import { Type } from 'typebox';

import { createIdMaker, createManualClock, createSeededRandom, type Reason } from '#pkg/base';
import { id, type AccountId, type BoxName } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { createMemoryQueues, createMemorySignals } from '#pkg/queues';
import { createMemoryStore } from '#pkg/store';
import { defineStep, defineWorkflow, type PlannedStep, type StepHandler } from '../definition.ts';
import { createDispatcher } from '../dispatcher/dispatcher.ts';
import { createSubmitter } from '../submit.ts';
import { createStepWorker, type WorkerOrders } from './step-worker.ts';

export const steps = defineWorkflow<readonly PlannedStep[]>({
  name: 'steps',
  isProtective: false,
  steps: (planned) => planned,
});
export const anything = { arguments: Type.Unknown(), response: Type.Unknown() };
export const work = defineStep({ name: 'work', lane: 'positions', ...anything });
export const more = defineStep({ name: 'more', lane: 'positions', ...anything });
export const pinned = defineStep({ name: 'pinned', lane: 'own', ...anything });

export const ORDERS: WorkerOrders = {
  generation: 1,
  isDraining: false,
  lanes: [
    { lane: 'positions', slots: 2 },
    { lane: 'own', slots: 1 },
  ],
};
/** Lets everything that waits for no timer run on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 300; turn += 1) await Promise.resolve();
}

/** One worker and one dispatcher in memory, on a clock that stands still. */
export async function setUp(handlers: readonly StepHandler[], gate?: () => Reason | undefined) {
  const clock = createManualClock();
  const logger = createSilentLogger();
  const random = createSeededRandom(1);
  const makeId = createIdMaker(clock, random);
  const store = createMemoryStore({ clock });
  const queues = createMemoryQueues({ logger });
  const signals = createMemorySignals();
  const submit = createSubmitter({ steps: store.steps, signals, clock, makeId, logger });
  const worker = createStepWorker(
    {
      store,
      queues,
      signals,
      handlers,
      clock,
      random,
      makeId,
      logger,
      box: id<BoxName>('eos'),
      workerId: 'eos-1',
      process: { name: 'eos-worker', pid: 1, version: '0.1.0' },
      gate: () => gate?.(),
    },
    ORDERS,
  );
  const dispatcher = createDispatcher({
    store,
    queues,
    signals,
    logger,
    clock,
    holder: 'athena-1',
    gate: () => Promise.resolve([]),
  });
  const pass = async (durationMs: number): Promise<void> => {
    for (let leftMs = durationMs; leftMs >= 0; leftMs -= 50) {
      clock.advance(Math.min(50, leftMs));
      await settle();
    }
  };
  await worker.start();
  await pass(0);
  const run = async (planned: readonly PlannedStep[], forMs = 1_000) => {
    const { workflowId } = await submit(steps, planned, { accountId: id<AccountId>('a1') });
    await pass(forMs);
    const tree = await store.steps.findTree(workflowId);
    if (tree === undefined) throw new Error('no tree');
    return tree;
  };
  return { clock, store, queues, signals, submit, worker, dispatcher, pass, run };
}
