/** What several processes of one fleet do: work beside each other, stand idle, and take over from one that was killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { createSystemClock, type Clock } from '#pkg/base';
import { openAdmin } from './admin.ts';
import { median } from '../report.ts';
import { pass, type Figures } from './figures.ts';
import { startOurs, type OurEngine, type OurOptions } from './ours.ts';

const IDLE_MS = 10_000;
const SETTLE_MS = 3_000;
const KILLS = 3;
const HELD_MS = 20_000;
/** `/proc/PID/stat` counts in hundredths of a second. */
const TICK_MS = 10;

interface WorkerProcess {
  readonly child: ChildProcess;
  readonly workerId: string;
}

type Servers = Required<Pick<OurOptions, 'mysqlUrl' | 'redisUrl'>>;

/** Measures a dispatcher in this process and workers in processes of their own. */
export async function measureProcesses(
  servers: Servers,
  sizes: { readonly steps: number; readonly count: number },
): Promise<Figures> {
  const clock = createSystemClock();
  const namespace = `bench-processes-${process.pid}`;
  const engine = await startOurs({ ...servers, namespace, hasWorker: false });
  const workers: WorkerProcess[] = [];
  const figures: Record<string, number> = {};
  const chain = () => engine.run(engine.chain, { steps: sizes.steps });
  for (const processes of [1, 2, 4]) {
    while (workers.length < processes) workers.push(await startWorker(servers, namespace));
    await pass(chain, { count: 50, inFlight: 50 });
    const many = await pass(chain, { count: sizes.count * 4, inFlight: 50 });
    figures[`chain-50-rate-${processes}-processes`] = many.perSecond;
  }
  Object.assign(figures, await measureIdle(servers, workers, clock));
  figures['recovery'] = await measureRecovery(engine, { servers, namespace, workers, clock });
  for (const { child } of workers) child.kill('SIGKILL');
  await engine[Symbol.asyncDispose]();
  return figures;
}

async function startWorker(servers: Servers, namespace: string): Promise<WorkerProcess> {
  const argv = [
    join(import.meta.dirname, 'main.ts'),
    ...['--ours', servers.mysqlUrl, '--redis', servers.redisUrl, '--worker-of', namespace],
  ];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, workerId: line };
}

/** A worker for as long as its parent lives: prints its name when it takes steps. */
export async function serveAsWorker(servers: Servers, namespace: string): Promise<void> {
  const engine = await startOurs({ ...servers, namespace, hasDispatcher: false });
  process.stdout.write(`${engine.workerId}\n`);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, 1_000);
}

async function measureIdle(
  { mysqlUrl }: Servers,
  workers: readonly WorkerProcess[],
  clock: Clock,
): Promise<Figures> {
  await using admin = openAdmin(mysqlUrl);
  const cpuMs = (): number =>
    [process.pid, ...workers.map(({ child }) => child.pid ?? 0)]
      .map((pid) => cpuMsOf(pid))
      .reduce((sum, each) => sum + each, 0);
  await clock.sleep(SETTLE_MS);
  const before = { statements: await admin.countStatements(), cpuMs: cpuMs() };
  const startedMs = clock.monotonicMs();
  await clock.sleep(IDLE_MS);
  const spentMs = clock.monotonicMs() - startedMs;
  return {
    'idle-statements': ((await admin.countStatements()) - before.statements) / (spentMs / 1_000),
    'idle-cpu': ((cpuMs() - before.cpuMs) / spentMs) * 100,
  };
}

function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /u, '')
    .split(' ');
  const [user = 0, system = 0] = fields.slice(11, 13).map(Number);
  return (user + system) * TICK_MS;
}

/** Kills the worker that runs a step, and reads from the rows when the step ran again elsewhere. */
async function measureRecovery(
  engine: OurEngine,
  fleet: {
    readonly servers: Servers;
    readonly namespace: string;
    readonly workers: WorkerProcess[];
    readonly clock: Clock;
  },
): Promise<number> {
  const { workers, clock } = fleet;
  const times: number[] = [];
  while (times.length < KILLS) {
    const { workflowId } = await engine.submit(engine.hold, { width: 1, ms: HELD_MS });
    const find = async () => (await engine.store.steps.findTree(workflowId))?.steps[0];
    let step = await find();
    while (step?.state !== 'running') {
      await clock.sleep(10);
      step = await find();
    }
    const { workerId } = step;
    const victim = workers.find((each) => each.workerId === workerId);
    if (victim === undefined) throw new Error(`step ${step.id} runs in no process of this fleet`);
    const killedAtMs = engine.nowMs();
    victim.child.kill('SIGKILL');
    await engine.ended(workflowId);
    times.push(((await find())?.startedAtMs ?? Number.NaN) - killedAtMs);
    workers[workers.indexOf(victim)] = await startWorker(fleet.servers, fleet.namespace);
  }
  return median(times);
}
