/**
 * A fleet without a moment's rest: every core is busy, and the collector of every worker has much to do.
 *
 * Nobody dies, so that each run beyond the first of a step is a false takeover: somebody was believed dead who was slow.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';

import { createSeededRandom } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { migrate, openMysql } from '#pkg/store';
import { clock, openParts } from '../../engine/fixture/compose.ts';
import { createLedger } from '../kill/ledger.ts';
import { startProcessVictim, startServerVictim } from '../kill/victims.ts';
import { startWork, type WorkReport } from '../kill/work.ts';

/** Runs so long, and until what is under way has ended. */
export async function stallFleet(options: {
  readonly durationMs: number;
  /** Of what keeps the cores busy: above 0 it leaves them to whoever else wants them. */
  readonly niceness: number;
}): Promise<WorkReport> {
  const folder = await mkdtemp(join(tmpdir(), 'kraite-stall-'));
  const ledgerFolder = join(folder, 'ledger');
  await mkdir(ledgerFolder);
  const mariadb = await startServerVictim('mariadb', folder);
  const redis = await startServerVictim('redis', folder);
  const servers = { mysqlUrl: mariadb.url, redisUrl: redis.url, namespace: 'stall' };
  const database = openMysql({ url: mariadb.url, clock, logger: createSilentLogger() });
  await migrate(database);
  await database[Symbol.asyncDispose]();
  const processes = await Promise.all(
    ['athena', 'eos', 'iris'].map((name) =>
      startProcessVictim(name, servers, ledgerFolder, { isWasteful: name !== 'athena' }),
    ),
  );
  const burners = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  for (const { pid } of burners) if (pid !== undefined) setPriority(pid, options.niceness);
  const parts = openParts(servers, 'driver');
  try {
    const work = startWork(parts, createLedger(ledgerFolder), createSeededRandom(1));
    await clock.sleep(options.durationMs);
    return await work.finish();
  } finally {
    for (const burner of burners) burner.kill('SIGKILL');
    await Promise.all(processes.map((each) => each.stop()));
    await parts.close();
    await Promise.all([redis.stop(), mariadb.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}
