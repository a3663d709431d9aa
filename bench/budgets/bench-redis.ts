import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createSystemClock } from '#pkg/base';
import { ensurePrograms, startRedis } from '#pkg/local';

/** A private Redis that can be taken away and come back with nothing in it, at the same address. */
export interface BenchRedis extends AsyncDisposable {
  readonly url: string;
  restartEmpty(): Promise<void>;
}

export async function startBenchRedis(): Promise<BenchRedis> {
  const { redis: program } = await ensurePrograms(['redis'], {
    environment: process.env,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const folder = await mkdtemp(join(tmpdir(), 'kraite-bench-redis-'));
  const dataFolder = join(folder, 'data');
  const options = {
    dataFolder,
    logFile: join(folder, 'server.log'),
    password: randomBytes(12).toString('hex'),
    clock: createSystemClock(),
  };
  let server = await startRedis(program, options);
  const { url, port } = server;
  return {
    url,
    restartEmpty: async () => {
      await server[Symbol.asyncDispose]();
      await rm(dataFolder, { recursive: true, force: true });
      server = await startRedis(program, { ...options, port });
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
