/**
 * kill -9 at random moments, while workflows with effects outside run.
 *
 * Real workers, dispatcher, Redis and MariaDB; each that is killed comes back with the data it had. What must hold: every
 * workflow that was submitted completes, each effect happened, no step of an ended workflow begins again, and no step
 * began more often than it was claimed.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createSeededRandom, required, toError, type Random } from '#pkg/base';
import type { WorkflowId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { migrate, openMysql, type WorkflowTree } from '#pkg/store';
import { clock, openParts, type Parts } from '../../engine/fixture/compose.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { ledgered, STEPS_EACH } from './steps.ts';
import { startProcessVictim, startServerVictim, type Victim } from './victims.ts';

export interface KillReport {
  readonly kills: Readonly<Record<string, number>>;
  readonly workflows: number;
  readonly steps: number;
  /** Runs beyond the first, of steps whose process died or whose lease lapsed. */
  readonly runsAgain: number;
  readonly problems: readonly string[];
}

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  readonly report?: (line: string) => void;
}

const BOXES = ['eos', 'iris', 'nyx', 'selene', 'hemera'] as const;
const IN_FLIGHT = 12;
const PAUSE_MS = { min: 20, spread: 300 };
const END_LIMIT_MS = 90_000;
const LOOK_MS = 150;
const TELL_EVERY = 100;

/** Runs one small fleet until so many of its processes were killed and all its work has ended. */
export async function killFleet(options: KillOptions): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), 'kraite-kill-'));
  const ledgerFolder = join(folder, 'ledger');
  await mkdir(ledgerFolder);
  const mariadb = await startServerVictim('mariadb', folder);
  const redis = await startServerVictim('redis', folder);
  const servers = { mysqlUrl: mariadb.url, redisUrl: redis.url, namespace: 'kill' };
  const database = openMysql({ url: mariadb.url, clock, logger: createSilentLogger() });
  await migrate(database);
  await database[Symbol.asyncDispose]();
  const start = (name: string): Promise<Victim> => startProcessVictim(name, servers, ledgerFolder);
  const athena = await start('athena');
  const workers = await Promise.all(BOXES.map(start));
  const parts = openParts(servers, 'driver');
  const ledger = createLedger(ledgerFolder);
  const random = createSeededRandom(options.seed);
  const work = startWork(parts, ledger, random);
  try {
    const kills = await killAll(options, random, { workers, athena, redis, mariadb });
    return { kills, ...(await work.finish()) };
  } finally {
    await Promise.all([athena, ...workers].map((victim) => victim.stop()));
    await parts.close();
    await Promise.all([redis.stop(), mariadb.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

async function killAll(
  { kills, report }: KillOptions,
  random: Random,
  victims: {
    readonly workers: readonly Victim[];
    readonly athena: Victim;
    readonly redis: Victim;
    readonly mariadb: Victim;
  },
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  /** The others go on dying while one starts again. */
  const back = new Map<Victim, Promise<void>>();
  const draw = (): Victim => {
    const drawn = random.next();
    if (drawn < 0.12) return victims.athena;
    if (drawn < 0.2) return victims.redis;
    if (drawn < 0.26) return victims.mariadb;
    return required(victims.workers[random.integer(victims.workers.length)], 'there are workers');
  };
  for (let count = 1; count <= kills; count += 1) {
    await clock.sleep(PAUSE_MS.min + random.next() * PAUSE_MS.spread);
    const victim = draw();
    await back.get(victim);
    back.set(victim, victim.kill());
    counts[victim.name] = (counts[victim.name] ?? 0) + 1;
    if (count % TELL_EVERY === 0) report?.(`${count} of ${kills} killed`);
  }
  await Promise.all(back.values());
  return counts;
}

/** Keeps some workflows under way; `finish` lets them end, and tells what did not hold. */
function startWork(parts: Parts, ledger: Ledger, random: Random) {
  const open = new Set<WorkflowId>();
  const ended: WorkflowTree[] = [];
  let isFinishing = false;
  let number = 0;
  const fill = async (): Promise<void> => {
    while (!isFinishing && open.size < IN_FLIGHT) {
      const args = { runMs: random.integer(60) };
      const options = { onceKey: `workflow-${number}` };
      const { workflowId } = await parts.submit(ledgered, args, options);
      open.add(workflowId);
      number += 1;
    }
  };
  const look = async (): Promise<void> => {
    const newest = await parts.store.steps.listWorkflows({ limit: 10 * IN_FLIGHT });
    for (const { id: workflowId, finishedAtMs } of newest) {
      if (finishedAtMs === undefined || !open.has(workflowId)) continue;
      const tree = await parts.store.steps.findTree(workflowId);
      if (tree === undefined) continue;
      await ledger.ended(tree.steps.map(({ id }) => id));
      ended.push(tree);
      open.delete(workflowId);
    }
  };
  const round = async (): Promise<void> => {
    try {
      await look();
      await fill();
    } catch (error) {
      // The database is being killed, too: the same keys are asked again.
      parts.logger.debug({ err: toError(error) }, 'asked again');
    }
    await clock.sleep(LOOK_MS);
  };
  const run = async (): Promise<void> => {
    while (!isFinishing) await round();
    const untilMs = clock.monotonicMs() + END_LIMIT_MS;
    while (open.size > 0 && clock.monotonicMs() < untilMs) await round();
  };
  const running = run();
  return {
    finish: async (): Promise<Omit<KillReport, 'kills'>> => {
      isFinishing = true;
      await running;
      const problems = [...open].map((workflowId) => `workflow ${workflowId} never ended`);
      const facts = await ledger.read();
      let runsAgain = 0;
      for (const tree of ended) {
        problems.push(...verify(tree, facts));
        for (const step of tree.steps) runsAgain += (facts.begun.get(step.id) ?? 1) - 1;
      }
      for (const stepId of facts.late)
        problems.push(`step ${stepId} began after its workflow's end`);
      const steps = ended.reduce((sum, tree) => sum + tree.steps.length, 0);
      return { workflows: ended.length, steps, runsAgain, problems };
    },
  };
}

function verify(
  { workflow, steps }: WorkflowTree,
  { effects, begun }: Awaited<ReturnType<Ledger['read']>>,
): readonly string[] {
  const problems: string[] = [];
  if (workflow.state !== 'completed') problems.push(`workflow ${workflow.id} is ${workflow.state}`);
  if (steps.length !== STEPS_EACH) {
    problems.push(`workflow ${workflow.id} has ${steps.length} steps, not ${STEPS_EACH}`);
  }
  for (const step of steps) {
    if (step.name !== 'spread' && step.state === 'completed' && !effects.has(step.id)) {
      problems.push(`${step.name} ${step.id} completed without its effect`);
    }
    const count = begun.get(step.id) ?? 0;
    if (count > step.epoch) {
      problems.push(`${step.name} ${step.id} began ${count} times in ${step.epoch} claims`);
    }
  }
  return problems;
}
