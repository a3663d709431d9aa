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

import { createSeededRandom, required, type Random } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { migrate, openMysql } from '#pkg/store';
import { clock, openParts } from '../../engine/fixture/compose.ts';
import { createLedger } from './ledger.ts';
import { startProcessVictim, startServerVictim, type Victim } from './victims.ts';
import { startWork, type WorkReport } from './work.ts';

export interface KillReport extends WorkReport {
  readonly kills: Readonly<Record<string, number>>;
}

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  readonly report?: (line: string) => void;
}

/** They start anew all the time; whoever runs beside them goes first. */
const NICENESS = 10;
const BOXES = ['eos', 'iris', 'nyx', 'selene', 'hemera'] as const;
const PAUSE_MS = { min: 20, spread: 300 };
const BACK_LIMIT_MS = 120_000;
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
  const start = (name: string): Promise<Victim> =>
    startProcessVictim(name, servers, ledgerFolder, { niceness: NICENESS });
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
    await whenBack(victim, back.get(victim));
    const isBack = victim.kill();
    // Told when it is waited for.
    isBack.catch(() => undefined);
    back.set(victim, isBack);
    counts[victim.name] = (counts[victim.name] ?? 0) + 1;
    if (count % TELL_EVERY === 0) report?.(`${count} of ${kills} killed`);
  }
  for (const [victim, isBack] of back) await whenBack(victim, isBack);
  return counts;
}

/** Rejects when it does not come back: with a server that somebody else ended, workers would be waited for without an end. */
async function whenBack(victim: Victim, isBack: Promise<void> | undefined): Promise<void> {
  const over = new AbortController();
  const late = clock.sleep(BACK_LIMIT_MS, over.signal).then(() => {
    if (!over.signal.aborted) throw new Error(`${victim.name} did not come back after a kill`);
  });
  try {
    await Promise.race([isBack, late]);
  } finally {
    over.abort();
  }
}
