/**
 * How long an opening takes from its submission to a position that is protected and laddered, and how much of that is the venue's.
 *
 *   kraite bench open [--opens 40] [--latencies 1,20,40] [--json FILE]
 *
 * A whole local fleet trades against its simulated exchange, which answers each request `latency` ms late. The time of an
 * opening grows with the latency by the number of round trips that wait for each other; the rest is ours. Beside it a
 * script on the SDK `binance` sends the same orders one after another. Rows: `open-p50-20ms` and so on, `open-round-trips`
 * (slope over the latencies), `open-overhead` (p50 at 20 ms less its round trips; to be 25 ms at most).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { createSystemClock, required } from '#pkg/base';
import { createVenueAdmin, type VenueAdmin } from '#pkg/exchange/simulated';
import { findRuntimeRecord, openFleetReader, statePaths, type FleetReader } from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';
import { readExerciseOptions } from '../../tests/harness/exercise-options.ts';
import { median, printRows, writeRows, type BenchRow } from '../report.ts';
import { startScript, type Script } from './script.ts';

const values = readExerciseOptions({ opens: 40, latencies: [1, 20, 40], json: undefined });
const { opens, latencies } = values;
const LAUNCHER = join(import.meta.dirname, '../../kraite');
const OVERHEAD_AT_MS = 20;
/** What was under way when the latency changed is not counted. */
const SETTLE_MS = 2_000;
const LOOK_MS = 500;
const ROWS_MAX = 2_000;
const clock = createSystemClock();

interface Fleet extends AsyncDisposable {
  readonly reader: FleetReader;
  readonly admin: VenueAdmin;
}

async function startFleet(): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'kraite-bench-open-'));
  const state = join(folder, 'state');
  const child = spawn(LAUNCHER, ['up', '--state', state, '-o', 'json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => {
      reject(new Error('the fleet ended before it was ready'));
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"FleetReady"')) resolve();
    });
  });
  const runtime = required(findRuntimeRecord(statePaths(state)), 'A ready fleet has a record.');
  const reader = await openFleetReader(runtime, { clock, logger: createSilentLogger() });
  return {
    reader,
    admin: createVenueAdmin(runtime.venueAdminUrl ?? ''),
    [Symbol.asyncDispose]: async () => {
      await reader[Symbol.asyncDispose]();
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Milliseconds from the submission of each opening to its end, of those that were submitted since `sinceMs`. */
async function readOpenings({ store }: FleetReader, sinceMs: number): Promise<readonly number[]> {
  const done = await store.steps.listWorkflows({
    name: 'open-position',
    state: 'completed',
    limit: ROWS_MAX,
  });
  return done
    .filter(({ submittedAtMs }) => submittedAtMs >= sinceMs)
    .map(({ submittedAtMs, finishedAtMs = Number.NaN }) => finishedAtMs - submittedAtMs);
}

async function measureFleet(fleet: Fleet, latencyMs: number): Promise<readonly number[]> {
  await fleet.admin.order({ latencyMs });
  await clock.sleep(SETTLE_MS);
  const sinceMs = clock.nowMs();
  for (;;) {
    const found = await readOpenings(fleet.reader, sinceMs);
    process.stderr.write(`\r${latencyMs} ms: ${found.length} of ${opens} openings `);
    if (found.length >= opens) break;
    await clock.sleep(LOOK_MS);
  }
  process.stderr.write('\n');
  return readOpenings(fleet.reader, sinceMs);
}

async function measureScript(script: Script, latencyMs: number): Promise<readonly number[]> {
  await script.admin.order({ latencyMs });
  const times: number[] = [];
  for (let count = 0; count < Math.min(opens, 20); count += 1) times.push(await script.open());
  return times;
}

/** Slope of a straight line through the medians by least squares. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (pick: 0 | 1): number =>
    points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const covered = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covered / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

await using stack = new AsyncDisposableStack();
const script = stack.use(await startScript(LAUNCHER));
const fleet = stack.use(await startFleet());
const rows: BenchRow[] = [];
const ours: [number, number][] = [];
const theirs: [number, number][] = [];
for (const latencyMs of latencies) {
  const times = await measureFleet(fleet, latencyMs);
  const scripted = await measureScript(script, latencyMs);
  const p50 = median(times);
  const peer = median(scripted);
  ours.push([latencyMs, p50]);
  theirs.push([latencyMs, peer]);
  rows.push(row(`open-p50-${latencyMs}ms`, 'ms', [p50, peer], times.length));
}
const slopes = [slopeOf(ours), slopeOf(theirs)] as const;
rows.push(row('open-round-trips', '', slopes, latencies.length));
const at = ours.find(([latencyMs]) => latencyMs === OVERHEAD_AT_MS);
const peerAt = theirs.find(([latencyMs]) => latencyMs === OVERHEAD_AT_MS);
if (at !== undefined && peerAt !== undefined) {
  const overheads = [at[1] - slopes[0] * at[0], peerAt[1] - slopes[1] * peerAt[0]] as const;
  rows.push(row('open-overhead', 'ms', overheads, opens));
}
printRows(rows);
writeRows(values.json, rows);

function row(
  name: string,
  unit: string,
  figures: readonly [number, number],
  runs: number,
): BenchRow {
  const [mine, script] = figures.map((figure) => Number(figure.toFixed(2)));
  return { name, unit, ours: mine ?? 0, peers: { 'script on binance': script ?? 0 }, runs };
}
