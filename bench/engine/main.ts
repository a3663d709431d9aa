/**
 * How long it takes from the end of one step to the start of the next, with everything real.
 *
 *   kraite bench engine [workflows] [steps]
 *
 * One worker and one dispatcher in this process, on a MariaDB and a Redis of its own. Prints one JSON line for each
 * way: `same-lane` goes on in the worker's slot, `other-lane` goes through the queue each time.
 */
import { Type } from 'typebox';

import { createIdMaker, createSystemClock, createSystemRandom } from '#pkg/base';
import { id, type BoxName, type WorkflowId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { createBullmqQueues, createRedisSignals } from '#pkg/queues';
import {
  createDispatcher,
  createStepWorker,
  createSubmitter,
  defineStep,
  defineWorkflow,
  implementStep,
  planStep,
} from '#pkg/steps';
import { createMysqlStore, migrate, openMysql } from '#pkg/store';
import { startTemporary } from '../../tests/harness/shared-server.ts';

const [workflowsText = '200', stepsText = '11'] = process.argv.slice(2);
const mariadb = await startTemporary('mariadb');
const redisServer = await startTemporary('redis');
const STUCK_MS = 30_000;
const logger = createSilentLogger();
const clock = createSystemClock();
const random = createSystemRandom();
const makeId = createIdMaker(clock, random);
const database = openMysql({ url: mariadb.url, clock, logger });
await migrate(database);
const store = createMysqlStore(database);
const redis = { url: redisServer.url, namespace: 'bench', name: 'bench', logger };
const queues = createBullmqQueues(redis);
const signals = createRedisSignals(redis);
const submit = createSubmitter({ steps: store.steps, signals, clock, makeId, logger });

const laneSteps = (['positions', 'orders'] as const).map((lane) =>
  defineStep({ name: `no-op-${lane}`, lane, arguments: Type.Null(), response: Type.Null() }),
);
const worker = createStepWorker(
  {
    store,
    queues,
    signals,
    clock,
    random,
    makeId,
    logger,
    handlers: laneSteps.map((step) =>
      implementStep(step, async () => ({ kind: 'completed', response: null })),
    ),
    box: id<BoxName>('bench'),
    workerId: `bench-${makeId()}`,
    process: { name: 'bench', pid: process.pid, version: '0' },
    gate: () => undefined,
  },
  {
    generation: 1,
    isDraining: false,
    lanes: [
      { lane: 'positions', slots: 50 },
      { lane: 'orders', slots: 50 },
    ],
  },
);
const dispatcher = createDispatcher({
  store,
  queues,
  signals,
  logger,
  clock,
  holder: makeId(),
  gate: () => Promise.resolve(undefined),
});
await worker.start();
while (!dispatcher.isLeader()) await clock.sleep(20);

const chain = defineWorkflow<{ readonly isAlternating: boolean }>({
  name: 'chain',
  isProtective: false,
  steps: ({ isAlternating }) =>
    Array.from({ length: Number(stepsText) }, (_, index) => {
      const step = laneSteps[isAlternating ? index % 2 : 0];
      if (step === undefined) throw new Error('no step');
      return planStep(step, null, { index: index + 1 });
    }),
});

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return Math.round(value * 100) / 100;
}

/** Rejects with the rows of a workflow that neither ends nor is said to have ended. */
async function failWhenStuck(workflowId: WorkflowId, ended: Promise<unknown>): Promise<void> {
  const abort = new AbortController();
  void ended.then(() => abort.abort());
  await clock.sleep(STUCK_MS, abort.signal).catch(() => undefined);
  if (abort.signal.aborted) return;
  const tree = await store.steps.findTree(workflowId);
  throw new Error(`a workflow of the measurement is stuck: ${JSON.stringify(tree)}`);
}

async function measure(name: string, isAlternating: boolean, inFlight: number): Promise<void> {
  const sinceMs = clock.nowMs();
  const startedMs = clock.monotonicMs();
  const count = Number(workflowsText);
  const durations: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const submittedMs = clock.monotonicMs();
      const ended = Promise.withResolvers<string>();
      const { workflowId } = await submit(chain, { isAlternating });
      waiting.set(workflowId, () => ended.resolve(workflowId));
      const tree = await store.steps.findTree(workflowId);
      if (tree?.workflow.finishedAtMs === undefined) {
        await Promise.race([ended.promise, failWhenStuck(workflowId, ended.promise)]);
      }
      durations.push(clock.monotonicMs() - submittedMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const tookMs = clock.monotonicMs() - startedMs;
  const runs = await store.steps.listRuns(sinceMs);
  const hops = runs.flatMap(({ predecessorEndedAtMs, startedAtMs }) =>
    predecessorEndedAtMs === undefined ? [] : [startedAtMs - predecessorEndedAtMs],
  );
  const row = {
    name,
    inFlight,
    hopMsP50: percentile(hops, 0.5),
    hopMsP99: percentile(hops, 0.99),
    workflowMsP50: percentile(durations, 0.5),
    workflowMsP99: percentile(durations, 0.99),
    workflowsPerSecond: Math.round((count / tookMs) * 1_000),
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

const waiting = new Map<string, () => void>();
await signals.subscribe('ended', (workflowId) => {
  waiting.get(workflowId)?.();
  waiting.delete(workflowId);
});
await measure('warm-up', false, 1);
await measure('same-lane', false, 1);
await measure('other-lane', true, 1);
await measure('same-lane', false, 50);
await dispatcher[Symbol.asyncDispose]();
await worker[Symbol.asyncDispose]();
await queues[Symbol.asyncDispose]();
await signals[Symbol.asyncDispose]();
await store[Symbol.asyncDispose]();
await redisServer[Symbol.asyncDispose]();
await mariadb[Symbol.asyncDispose]();
