/**
 * How long it takes from the end of one step to the start of the next, and what a workflow costs, with everything real.
 *
 *   kraite bench engine [--workflows 200] [--steps 11] [--rounds 3] [--only NAME,NAME] [--parts PART,PART] [--json FILE]
 *                       [--submissions 10000] [--flood 20000] [--waiting 100000] [--grown 100000] [--archived 100000]
 *
 * Ours runs on a MariaDB and on a MySQL that commit durably, and a Redis. The peers are a package of their own: `npm ci
 * --prefix bench/engine/peers` brings them, and those that keep their rows in PostgreSQL need `--postgres URL` of an empty
 * database. Passes are interleaved, rows are medians. `bullmq` is a chain of jobs without durable steps: the ceiling.
 *
 * Part `steps`, one worker and one dispatcher in one process: `chain-50`: 50 workflows at a time, `retries` with every fifth
 * step failing once; `hop-other-lane`: each step through the queue; `wake-late`: from the
 * instant that a step was deferred to until it runs; `fan`: so many steps beside each other, and one that
 * waits for all. Part `processes`, a dispatcher and workers in processes of their own: 1, 2 and 4 of them; what the five
 * cost while nothing is to do; from a kill -9 to the next run of its step. Part `load`: one-step workflows submitted at
 * once; urgent ones behind a flood of 20 ms steps in their lane, from submission to start; memory of waiting steps; a hop
 * and a chain with so many steps in the archive or in the tables, as multiples of those in empty tables.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { startTemporary } from '../../tests/harness/shared-server.ts';
import { readExerciseOptions } from '../../tests/harness/exercise-options.ts';
import { printRows, writeRows } from '../report.ts';
import { OURS, pass, percentile, toRows, type Figures } from './figures.ts';
import { measureLoad } from './load.ts';
import { startOurs, type OurEngine } from './ours.ts';
import { measureProcesses, serveAsWorker } from './processes.ts';

const values = readExerciseOptions({
  workflows: 200,
  steps: 11,
  rounds: 3,
  only: undefined,
  parts: 'steps,processes,load',
  submissions: 10_000,
  flood: 20_000,
  waiting: 100_000,
  grown: 100_000,
  archived: 100_000,
  json: undefined,
  postgres: undefined,
  ours: undefined,
  redis: '',
  'worker-of': undefined,
});
const PEERS = ['bullmq', 'restate', 'dbos', 'graphile-worker'] as const;
const ON_POSTGRES: readonly string[] = ['dbos', 'graphile-worker'];
const PEERS_FOLDER = join(import.meta.dirname, 'peers');
const WAKES = 20;
const DOZE_MS = 50;
const { steps, workflows: count } = values;

const parts = values.parts.split(',');

if (values.ours === undefined) await runMain();
else if (values['worker-of'] !== undefined) {
  await serveAsWorker({ mysqlUrl: values.ours, redisUrl: values.redis }, values['worker-of']);
} else await runOurs({ mysqlUrl: values.ours, redisUrl: values.redis });

type Servers = Readonly<Record<'mysqlUrl' | 'redisUrl', string>>;

/** One pass of ours in a process of its own: prints its figures as a line. */
async function runOurs(servers: Servers): Promise<never> {
  const figures: Figures = {
    ...(parts.includes('steps') ? await measureSteps(servers) : {}),
    ...(parts.includes('processes') ? await measureProcesses(servers, { steps, count }) : {}),
    ...(parts.includes('load') ? await measureLoad(servers, { ...values, count }) : {}),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exit(0);
}

async function measureSteps(servers: Servers): Promise<Figures> {
  const engine = await startOurs(servers);
  const chain =
    (isAlternating: boolean, isFlaky = false) =>
    () =>
      engine.run(engine.chain, { steps, isAlternating, isFlaky });
  const fan = (width: number) => () => engine.run(engine.fan, { width });
  await pass(chain(false), { count: 20, inFlight: 5 });
  const sinceMs = engine.nowMs();
  const alone = await pass(chain(false), { count, inFlight: 1 });
  const hops = await engine.hops(sinceMs);
  const betweenMs = engine.nowMs();
  await pass(chain(true), { count: Math.ceil(count / 4), inFlight: 1 });
  const otherHops = await engine.hops(betweenMs);
  const many = await pass(chain(false), { count: count * 4, inFlight: 50 });
  const flaky = await pass(chain(false, true), { count: count * 2, inFlight: 50 });
  const fans = await pass(fan(100), { count: 10, inFlight: 1 });
  const wide = await pass(fan(400), { count: 2, inFlight: 1 });
  const wider = await pass(fan(1_600), { count: 1, inFlight: 1 });
  const late = await measureWakes(engine);
  await engine[Symbol.asyncDispose]();
  return {
    'chain-p50': percentile(alone.durations, 0.5),
    'chain-p99': percentile(alone.durations, 0.99),
    'chain-50-p50': percentile(many.durations, 0.5),
    'chain-50-p99': percentile(many.durations, 0.99),
    'chain-50-rate': many.perSecond,
    'hop-p50': percentile(hops, 0.5),
    'hop-p99': percentile(hops, 0.99),
    'hop-other-lane-p50': percentile(otherHops, 0.5),
    'fan-100-p50': percentile(fans.durations, 0.5),
    'fan-400-per-step': percentile(wide.durations, 0.5) / 401,
    'fan-1600-per-step': percentile(wider.durations, 0.5) / 1_601,
    'chain-50-retries-rate': flaky.perSecond,
    'wake-late-p50': percentile(late, 0.5),
    'wake-late-max': percentile(late, 1),
  };
}

/** By how many ms deferred steps run too late, one after another in an engine that does nothing else. */
async function measureWakes(engine: OurEngine): Promise<readonly number[]> {
  const late: number[] = [];
  for (let at = 0; at < WAKES; at += 1) {
    const { workflowId } = await engine.submit(engine.doze, { ms: DOZE_MS + at });
    await engine.ended(workflowId);
    const tree = await engine.store.steps.findTree(workflowId);
    late.push(Number(tree?.steps[0]?.response));
  }
  return late;
}

async function runMain(): Promise<void> {
  const only = values.only?.split(',');
  const wanted = (name: string): boolean => only === undefined || only.includes(name);
  const redis = await startTemporary('redis');
  const mariadb = await startTemporary('mariadb');
  const mysql = wanted('kraite-mysql') ? await startTemporary('mysql') : undefined;
  const oursAt = (url: string): readonly string[] => [
    import.meta.filename,
    ...['--ours', url, '--redis', redis.url, ...sizes()],
  ];
  const contenders: Record<string, readonly string[]> = {
    [OURS]: oursAt(mariadb.url),
    ...(mysql === undefined ? {} : { 'kraite-mysql': oursAt(mysql.url) }),
  };
  for (const peer of parts.includes('steps') ? PEERS.filter(wanted) : []) {
    const refusal = findRefusal(peer);
    if (refusal === undefined) contenders[peer] = peerArguments(peer, redis.url);
    else process.stdout.write(`${peer} is left out: ${refusal}\n`);
  }
  const passes: Record<string, Figures>[] = [];
  for (let round = 0; round < values.rounds; round += 1) {
    const each: Record<string, Figures> = {};
    for (const [name, argv] of Object.entries(contenders)) each[name] = await figuresOf(argv);
    passes.push(each);
  }
  const rows = toRows(passes);
  process.stdout.write(`load of the machine at the end: ${(loadavg()[0] ?? 0).toFixed(1)}\n`);
  printRows(rows);
  writeRows(values.json, rows);
  for (const server of [redis, mariadb, mysql]) await server?.[Symbol.asyncDispose]();
}

function sizes(): readonly string[] {
  const { workflows, submissions, flood, waiting, grown, archived } = values;
  const all = {
    workflows,
    steps,
    submissions,
    flood,
    waiting,
    grown,
    archived,
    parts: values.parts,
  };
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

function peerArguments(peer: string, redisUrl: string): readonly string[] {
  const url = ON_POSTGRES.includes(peer) ? (values.postgres ?? '') : redisUrl;
  return [join(PEERS_FOLDER, `${peer}.mjs`), url, String(count), String(steps)];
}

function findRefusal(peer: string): string | undefined {
  if (!existsSync(join(PEERS_FOLDER, 'node_modules'))) {
    return 'bring the peers with: npm ci --prefix bench/engine/peers';
  }
  if (ON_POSTGRES.includes(peer) && values.postgres === undefined) {
    return 'name an empty database with --postgres URL';
  }
  return undefined;
}

/** The line of figures that a contender prints last. */
async function figuresOf(argv: readonly string[]): Promise<Figures> {
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) last = line;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0 || last === '') {
    throw new Error(`a contender ended with ${String(status)}: ${argv[0] ?? ''}`);
  }
  return JSON.parse(last) as Figures;
}
