/** What much work at once costs: many submissions, a flood before an urgent workflow, steps that wait, tables that grew. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { createSilentLogger } from '#pkg/observability';
import { connectRedis } from '#pkg/redis';
import { openAdmin } from './admin.ts';
import { pass, percentile, type Figures } from './figures.ts';
import { startOurs, type OurEngine, type OurOptions } from './ours.ts';

const URGENT_COUNT = 20;
/** Of the flood; an urgent step may have to wait for one of these. */
export const FLOOD_STEP_MS = 20;
const FLOOD_WIDTH = 1_000;
const WAITING_WIDTH = 1_000;
const PACE_MS = 150;
const MEGABYTE = 1_048_576;

export interface LoadSizes {
  readonly steps: number;
  readonly count: number;
  readonly submissions: number;
  readonly flood: number;
  readonly waiting: number;
  readonly grown: number;
  readonly archived: number;
}

export async function measureLoad(
  servers: Pick<OurOptions, 'mysqlUrl' | 'redisUrl'>,
  sizes: LoadSizes,
): Promise<Figures> {
  await using admin = openAdmin(servers.mysqlUrl);
  const figures: Record<string, number> = {};
  const engine = await startOurs(servers);
  await chains(engine, sizes, 50);
  const empty = await chains(engine, sizes, sizes.count);
  await admin.fill('archived', sizes.archived);
  const archived = await chains(engine, sizes, sizes.count);
  await admin.empty();
  await admin.fill('ended', sizes.grown);
  const grown = await chains(engine, sizes, sizes.count);
  await admin.empty();
  figures['hop-archived'] = archived.hop / empty.hop;
  figures['chain-archived'] = archived.chain / empty.chain;
  figures['hop-grown'] = grown.hop / empty.hop;
  figures['chain-grown'] = grown.chain / empty.chain;
  Object.assign(figures, await submitMany(engine, sizes.submissions));
  await admin.empty();
  Object.assign(figures, await hurry(engine, sizes.flood));
  await admin.empty();
  Object.assign(figures, await waitMany(engine, servers.redisUrl, sizes.waiting));
  await engine[Symbol.asyncDispose]();
  await admin.empty();
  return figures;
}

async function chains(
  engine: OurEngine,
  { steps }: LoadSizes,
  count: number,
): Promise<{ readonly hop: number; readonly chain: number }> {
  const sinceMs = engine.nowMs();
  const alone = await pass(() => engine.run(engine.chain, { steps }), { count, inFlight: 1 });
  const hops = await engine.hops(sinceMs);
  return { hop: percentile(hops, 0.5), chain: percentile(alone.durations, 0.5) };
}

async function submitMany(engine: OurEngine, submissions: number): Promise<Figures> {
  const startedMs = performance.now();
  const submitted = await Promise.all(
    Array.from({ length: submissions }, () => engine.submit(engine.chain, { steps: 1 })),
  );
  const writtenMs = performance.now() - startedMs;
  for (const { workflowId } of submitted) await engine.ended(workflowId);
  return {
    'submit-many': writtenMs / 1_000,
    'submit-many-ended': (performance.now() - startedMs) / 1_000,
  };
}

/** How long urgent workflows take from their submission to the start of their step, without and with a flood before them. */
async function hurry(engine: OurEngine, flood: number): Promise<Figures> {
  const alone = await urgentDelays(engine);
  for (let written = 0; written < flood; written += FLOOD_WIDTH) {
    const width = Math.min(FLOOD_WIDTH, flood - written);
    await engine.submit(engine.hold, { width, ms: FLOOD_STEP_MS });
  }
  const during = await urgentDelays(engine);
  const left = await engine.store.steps.listSteps({ state: 'ready', name: 'hold-slot', limit: 1 });
  if (left.length === 0) throw new Error('the flood was over too early: make --flood larger');
  return {
    'urgent-alone': percentile(alone, 0.5),
    'urgent-in-flood-p50': percentile(during, 0.5),
    'urgent-in-flood-max': percentile(during, 1),
  };
}

async function urgentDelays(engine: OurEngine): Promise<readonly number[]> {
  const delays: number[] = [];
  for (let count = 0; count < URGENT_COUNT; count += 1) {
    const submittedAtMs = engine.nowMs();
    const { workflowId } = await engine.submit(engine.chain, { steps: 1 }, { isUrgent: true });
    await engine.ended(workflowId);
    const tree = await engine.store.steps.findTree(workflowId);
    delays.push((tree?.steps[0]?.startedAtMs ?? Number.NaN) - submittedAtMs);
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  }
  return delays;
}

/** What so many waiting steps hold in the memory of the engine's process and of Redis. */
async function waitMany(engine: OurEngine, redisUrl: string, waiting: number): Promise<Figures> {
  const redis = connectRedis({
    url: redisUrl,
    name: 'bench-memory',
    logger: createSilentLogger(),
    mode: 'command',
  });
  const redisMemory = async (): Promise<number> =>
    Number(/used_memory:(\d+)/u.exec(await redis.info('memory'))?.[1] ?? Number.NaN);
  const heap = (): number => {
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    return process.memoryUsage().heapUsed;
  };
  const before = { heap: heap(), redis: await redisMemory() };
  for (let written = 0; written < waiting; written += WAITING_WIDTH) {
    await engine.submit(engine.wait, { width: Math.min(WAITING_WIDTH, waiting - written) });
  }
  const isAdmitted = async (): Promise<boolean> =>
    (await engine.store.steps.listWorkflows({ state: 'submitted', limit: 1 })).length === 0;
  while (!(await isAdmitted())) await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  const per100Thousand = 100_000 / waiting / MEGABYTE;
  const grown = { heap: heap() - before.heap, redis: (await redisMemory()) - before.redis };
  redis.disconnect();
  return {
    'waiting-heap': Math.max(0, grown.heap) * per100Thousand,
    'waiting-redis': Math.max(0, grown.redis) * per100Thousand,
  };
}
