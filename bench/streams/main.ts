/**
 * What the streams carry, beside an SDK and the bare WebSocket library.
 *
 *   kraite bench streams [--seconds 5] [--rounds 3] [--sockets 1000] [--decide-seconds 60] [--per-tick 4]
 *     [--only ingest,sockets,decide] [--json FILE]
 *
 * The venue's end and each contender are processes of their own on one machine. Ours writes its marks to a Redis while it
 * takes them in; the others keep them in a map. Rounds are interleaved and rows are medians. A tick is one mark of one
 * symbol. From the read of a frame of 550 marks run `parsed` to its marks, `decided` to the check of a position that waits in
 * the process to be written, `handed-on` to that check written to the database's socket, `committed` to its committed row;
 * `sent-to-committed` runs from the venue's send of the frame, and `bare-commit` is one small committed write to the same
 * database in between, for what the disk takes. Where other programs want the processors, what is measured is how long this
 * one waits for them: `chrt -r 10 kraite bench streams --only decide` leaves that out.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { loadavg } from 'node:os';

import { createSystemClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { migrate, openMysql } from '#pkg/store';
import { startTemporary } from '../../tests/harness/shared-server.ts';
import { readExerciseOptions } from '../../tests/harness/exercise-options.ts';
import { median, printRows, writeRows, type BenchRow } from '../report.ts';
import { measureDecisions, type DecideResult } from './decide.ts';
import { runFeeder } from './feeder.ts';
import { measureIngest, type IngestResult } from './ingest.ts';
import { measureSockets, type SocketsResult } from './sockets.ts';

const values = readExerciseOptions({
  seconds: 5,
  rounds: 3,
  sockets: 1_000,
  'decide-seconds': 60,
  'per-tick': 4,
  only: 'ingest,sockets,decide',
  json: undefined,
  role: 'main',
  contender: '',
  url: '',
  mysql: '',
  redis: '',
});
const CONTENDERS = ['kraite', 'binance-sdk', 'ws'] as const;

const clock = createSystemClock();
const { seconds, sockets } = values;

if (values.role === 'feeder') await runFeeder();
else if (values.role === 'main') await runMain();
else await runContender();

/** One measurement in a process of its own: prints its result as a line. */
async function runContender(): Promise<never> {
  const { role, contender, url } = values;
  const servers = { mysqlUrl: values.mysql, redisUrl: values.redis };
  const result =
    role === 'ingest'
      ? await measureIngest(contender, url, { seconds, ...servers })
      : role === 'sockets'
        ? await measureSockets(contender, url, sockets)
        : await measureDecisions(url, {
            seconds: values['decide-seconds'],
            perTick: values['per-tick'],
            ...servers,
          });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(0);
}

async function runMain(): Promise<void> {
  const [mariadb, redis] = await Promise.all([startTemporary('mariadb'), startTemporary('redis')]);
  const database = openMysql({ url: mariadb.url, clock, logger: createSilentLogger() });
  await migrate(database);
  await database[Symbol.asyncDispose]();
  const feeder = start(['--role', 'feeder']);
  const { port } = await lineOf<{ readonly port: number }>(feeder);
  const base = `ws://127.0.0.1:${port}`;
  const servers = ['--mysql', mariadb.url, '--redis', redis.url];
  const measure = <T>(role: string, contender: string, url: string): Promise<T> =>
    lineOf<T>(start(['--role', role, '--contender', contender, '--url', url, ...servers]));
  const rows: BenchRow[] = [];
  const isWanted = (part: string): boolean => values.only.split(',').includes(part);
  for (const [name, path] of [
    ['ingest', '/market/flood'],
    ['ingest-single', '/market/flood-single'],
  ] as const) {
    if (!isWanted('ingest')) break;
    const runs = await interleave((contender) =>
      measure<IngestResult>('ingest', contender, `${base}${path}`),
    );
    rows.push(rowOf(name, 'ticks/s', runs, (run) => Math.round(run.ticksPerSecond)));
    rows.push(
      rowOf(`${name}-cpu`, 'ticks/CPU-s', runs, (run) => Math.round(run.ticksPerCpuSecond)),
    );
  }
  if (isWanted('sockets')) {
    const held = await interleave((contender) =>
      measure<SocketsResult>('sockets', contender, `${base}/private`),
    );
    rows.push(rowOf('sockets-added', 'MB', held, (run) => round(run.addedMegabytes)));
    rows.push(rowOf('sockets-process', 'MB', held, (run) => round(run.residentMegabytes)));
    rows.push(rowOf('sockets-open', 'ms', held, (run) => Math.round(run.openMs)));
  }
  if (isWanted('decide')) {
    const url = `${base}/market/tick`;
    rows.push(...decisionRows(await measure<DecideResult>('decide', 'kraite', url)));
  }
  feeder.stdin?.end();
  await Promise.all([mariadb[Symbol.asyncDispose](), redis[Symbol.asyncDispose]()]);
  show(rows);
  writeRows(values.json, rows);
}

type Runs<T> = readonly Readonly<Record<(typeof CONTENDERS)[number], T>>[];

/** Every contender once in each round, one after another. */
async function interleave<T>(measure: (contender: string) => Promise<T>): Promise<Runs<T>> {
  const runs: Record<(typeof CONTENDERS)[number], T>[] = [];
  for (let round = 0; round < values.rounds; round += 1) {
    const run: Partial<Record<(typeof CONTENDERS)[number], T>> = {};
    for (const contender of CONTENDERS) run[contender] = await measure(contender);
    runs.push(run as Record<(typeof CONTENDERS)[number], T>);
  }
  return runs;
}

function rowOf<T>(name: string, unit: string, runs: Runs<T>, figure: (run: T) => number): BenchRow {
  const figures = runs.map((run) =>
    Object.fromEntries(CONTENDERS.map((contender) => [contender, figure(run[contender])])),
  );
  const medianOf = (contender: string): number => median(figures.map((run) => run[contender] ?? 0));
  const [ours, ...peers] = CONTENDERS;
  const others = Object.fromEntries(peers.map((peer) => [peer, medianOf(peer)]));
  return { name, unit, ours: medianOf(ours), peers: others, runs: runs.length };
}

function decisionRows(result: DecideResult): readonly BenchRow[] {
  const { readToParsed, readToDecided, readToHandedOn, readToCommitted } = result;
  const { sentToCommitted, bareCommit, ticks } = result;
  const row = (name: string, ours: number, unit = 'ms'): BenchRow => ({
    name,
    unit,
    ours: round(ours),
    peers: {},
    runs: 1,
  });
  const both = (name: string, figures: readonly number[]): readonly BenchRow[] => [
    row(`${name}-p50`, percentile(figures, 0.5)),
    row(`${name}-p99`, percentile(figures, 0.99)),
  ];
  return [
    ...both('parsed', readToParsed),
    ...both('decided', readToDecided),
    ...both('handed-on', readToHandedOn),
    ...both('committed', readToCommitted),
    ...both('sent-to-committed', sentToCommitted),
    ...both('bare-commit', bareCommit),
    row('decisions', sentToCommitted.length, 'checks'),
    row('decision-ticks', ticks, 'frames'),
  ];
}

function show(rows: readonly BenchRow[]): void {
  const load = loadavg()[0] ?? 0;
  process.stdout.write(`load of the machine at the end: ${load.toFixed(1)}\n`);
  printRows(rows);
}

function start(args: readonly string[]): ChildProcess {
  const passed = ['seconds', 'sockets', 'decide-seconds', 'per-tick'] as const;
  const flags = passed.flatMap((name) => [`--${name}`, String(values[name])]);
  return spawn(process.execPath, ['--expose-gc', import.meta.filename, ...args, ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** The first line that a child prints. */
async function lineOf<T>(child: ChildProcess): Promise<T> {
  if (child.stdout === null) throw new Error('the child prints nothing');
  const lines = createInterface({ input: child.stdout });
  // Closed, not only ended: what it printed last is read by then.
  const ended = once(child, 'close').then(() => {
    throw new Error('a process of the measurement ended without a result');
  });
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  return JSON.parse(line) as T;
}

function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function round(figure: number): number {
  return Math.round(figure * 100) / 100;
}
