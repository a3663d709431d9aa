/** The engine as a process of the measurement: a worker, a dispatcher or both, on servers that it is given. */
import { createIdMaker, createSystemClock, createSystemRandom } from '#pkg/base';
import { id, type BoxName, type WorkflowId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { createBullmqQueues, createRedisSignals } from '#pkg/queues';
import {
  createDispatcher,
  createStepWorker,
  createSubmitter,
  type SubmitWorkflow,
  type WorkflowDefinition,
} from '#pkg/steps';
import { createMysqlStore, migrate, openMysql, type Store } from '#pkg/store';
import { createHandlers, createWorkflows, type MeasuredWorkflows } from './work.ts';

const SLOTS = 50;
const STUCK_MS = 60_000;

export interface OurOptions {
  readonly mysqlUrl: string;
  readonly redisUrl: string;
  /** Processes of one namespace are one fleet. */
  readonly namespace?: string;
  readonly hasDispatcher?: boolean;
  readonly hasWorker?: boolean;
}

/** Runs workflows and tells how long each took from its submission to the row of its end. */
export interface OurEngine extends AsyncDisposable, MeasuredWorkflows {
  readonly workerId: string;
  readonly store: Store;
  readonly submit: SubmitWorkflow;
  ended(workflowId: WorkflowId): Promise<void>;
  /** Resolves with the milliseconds that it took. */
  run<A>(definition: WorkflowDefinition<A>, args: A): Promise<number>;
  /** From the end of one step to the start of the next one, ms, of every run since `sinceMs`. */
  hops(sinceMs: number): Promise<readonly number[]>;
  nowMs(): number;
}

export async function startOurs(options: OurOptions): Promise<OurEngine> {
  const { mysqlUrl, redisUrl, hasDispatcher = true, hasWorker = true } = options;
  const logger = createSilentLogger();
  const clock = createSystemClock();
  const random = createSystemRandom();
  const makeId = createIdMaker(clock, random);
  const database = openMysql({ url: mysqlUrl, clock, logger });
  await migrate(database);
  const store = createMysqlStore(database);
  const namespace = options.namespace ?? `bench-${makeId()}`;
  const redis = { url: redisUrl, namespace, name: 'bench', logger };
  const queues = createBullmqQueues(redis);
  const signals = createRedisSignals(redis);
  const submit = createSubmitter({ steps: store.steps, signals, clock, makeId, logger });
  const workerId = `bench-${makeId()}`;
  const worker = createStepWorker(
    {
      store,
      queues,
      signals,
      clock,
      random,
      makeId,
      logger,
      handlers: createHandlers(),
      box: id<BoxName>('bench'),
      workerId,
      process: { name: 'bench', pid: process.pid, version: '0' },
      gate: () => undefined,
    },
    {
      generation: 1,
      isDraining: false,
      lanes: [
        { lane: 'positions', slots: SLOTS },
        { lane: 'orders', slots: SLOTS },
      ],
    },
  );
  const dispatcher = hasDispatcher
    ? createDispatcher({
        store,
        queues,
        signals,
        logger,
        clock,
        holder: makeId(),
        gate: () => Promise.resolve([]),
      })
    : undefined;
  if (hasWorker) await worker.start();
  while (dispatcher?.isLeader() === false) await clock.sleep(20);

  const waiting = new Map<string, () => void>();
  const early = new Set<string>();
  await signals.subscribe('ended', (workflowId) => {
    const tell = waiting.get(workflowId);
    if (tell === undefined) early.add(workflowId);
    else tell();
    waiting.delete(workflowId);
  });
  const ended = async (workflowId: WorkflowId): Promise<void> => {
    if (early.delete(workflowId)) return;
    const { promise, resolve } = Promise.withResolvers<'told' | 'stuck'>();
    waiting.set(workflowId, () => resolve('told'));
    const cancel = clock.schedule(STUCK_MS, () => resolve('stuck'));
    const how = await promise;
    cancel();
    if (how === 'told') return;
    const rows = (await store.steps.findTree(workflowId))?.steps ?? [];
    const open = rows.filter(({ state }) => state !== 'completed').slice(0, 3);
    throw new Error(
      `workflow ${workflowId} did not end within ${STUCK_MS} ms: ${JSON.stringify(open)}`,
    );
  };
  return {
    workerId,
    store,
    submit,
    ended,
    ...createWorkflows(),
    run: async (definition, args) => {
      const startedMs = clock.monotonicMs();
      const { workflowId } = await submit(definition, args);
      await ended(workflowId);
      return clock.monotonicMs() - startedMs;
    },
    hops: async (sinceMs) =>
      (await store.steps.listRuns(sinceMs)).flatMap(({ predecessorEndedAtMs, startedAtMs }) =>
        predecessorEndedAtMs === undefined ? [] : [startedAtMs - predecessorEndedAtMs],
      ),
    nowMs: () => clock.nowMs(),
    [Symbol.asyncDispose]: async () => {
      await dispatcher?.[Symbol.asyncDispose]();
      await worker[Symbol.asyncDispose]();
      await queues[Symbol.asyncDispose]();
      await signals[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
