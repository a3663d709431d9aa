/**
 * What our client costs beside undici with nothing around it, and beside two SDKs.
 *
 *   kraite bench venue [--passes 5] [--seconds 2] [--in-flight 64] [--json FILE]
 *
 * All send the same signed request to a minimal server in a process of its own, in turns; each figure is the median of
 * its passes. The row `signed-requests` has our counts in memory, `signed-requests-redis` in a real Redis, as a
 * fleet does. `signed-request-cpu` is the processor time of the sending process for one request, `signed-request-time`
 * the time of one request at a time.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { createSystemClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { connectRedis } from '#pkg/redis';
import { startTemporary } from '../../tests/harness/shared-server.ts';
import { readExerciseOptions } from '../../tests/harness/exercise-options.ts';
import { median, printRows, writeRows, type BenchRow } from '../report.ts';
import { startCcxt, startOurs, startRawUndici, startSdk, type Contender } from './contenders.ts';

const values = readExerciseOptions({ passes: 5, seconds: 2, 'in-flight': 64, json: undefined });
const { passes, 'in-flight': inFlight } = values;
const durationMs = values.seconds * 1_000;
const WARM_UP_MS = 2_000;
const clock = createSystemClock();

await using stack = new AsyncDisposableStack();
const server = fork(join(import.meta.dirname, 'answering-server.ts'));
stack.defer(() => server.disconnect());
const [port] = (await once(server, 'message')) as [number];
const url = `http://127.0.0.1:${port}`;
const redisServer = stack.use(await startTemporary('redis'));
const redis = connectRedis({
  url: redisServer.url,
  name: 'bench',
  logger: createSilentLogger(),
  mode: 'command',
});
stack.defer(() => redis.disconnect());
const contenders = [
  startOurs(url, inFlight),
  startRawUndici(url, inFlight),
  startSdk(url, inFlight),
  startCcxt(url),
  startOurs(url, inFlight, redis),
].map((contender) => stack.use(contender));

interface Measured {
  readonly perSecond: number;
  /** Processor time of this process for one request; steadier than the rate where others use the machine too. */
  readonly cpuMicros: number;
}

/** Lets `lanes` concurrent senders send for a while. */
async function measure(contender: Contender, lanes: number, forMs: number): Promise<Measured> {
  const cpuBefore = process.cpuUsage();
  const startedMs = clock.monotonicMs();
  let count = 0;
  const lane = async (): Promise<void> => {
    while (clock.monotonicMs() - startedMs < forMs) {
      await contender.send();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const cpu = process.cpuUsage(cpuBefore);
  return {
    perSecond: (count / (clock.monotonicMs() - startedMs)) * 1_000,
    cpuMicros: (cpu.user + cpu.system) / count,
  };
}

const perSecond = new Map<string, number[]>();
const cpuMicros = new Map<string, number[]>();
const oneByOneMs = new Map<string, number[]>();
for (const contender of contenders) await measure(contender, inFlight, WARM_UP_MS);
for (let pass = 0; pass < passes; pass += 1) {
  for (const contender of contenders) {
    const rate = await measure(contender, inFlight, durationMs);
    const alone = await measure(contender, 1, durationMs / 4);
    note(perSecond, contender.name, rate.perSecond);
    note(cpuMicros, contender.name, rate.cpuMicros);
    note(oneByOneMs, contender.name, 1_000 / alone.perSecond);
    process.stderr.write(
      `pass ${pass + 1}: ${contender.name} ${Math.round(rate.perSecond)}/s, ${Math.round(rate.cpuMicros)} us of processor each\n`,
    );
  }
}

function note(figures: Map<string, number[]>, name: string, figure: number): void {
  figures.set(name, [...(figures.get(name) ?? []), figure]);
}

function row(name: string, unit: string, figures: Map<string, number[]>, ours: string): BenchRow {
  const of = (contender: string): number => median(figures.get(contender) ?? []);
  const peers = { undici: of('undici'), binance: of('binance'), ccxt: of('ccxt') };
  return { name, unit, ours: of(ours), peers, runs: passes };
}

const rows: readonly BenchRow[] = [
  row('signed-requests', '1/s', perSecond, 'ours'),
  row('signed-requests-redis', '1/s', perSecond, 'ours with Redis'),
  row('signed-request-cpu', 'us', cpuMicros, 'ours'),
  row('signed-request-time', 'ms', oneByOneMs, 'ours'),
];
printRows(rows);
writeRows(values.json, rows);
