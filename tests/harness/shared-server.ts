import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '#pkg/base';
import {
  ensurePrograms,
  startMariadb,
  startMysql,
  startRedis,
  type LocalServer,
  type Program,
  type ServerOptions,
} from '#pkg/local';

type ServerName = 'mariadb' | 'mysql' | 'redis';

const STARTERS: Readonly<
  Record<ServerName, (program: Program, options: ServerOptions) => Promise<LocalServer>>
> = { mariadb: startMariadb, mysql: startMysql, redis: startRedis };

/** Starts a private server in a temporary folder that goes with it. */
export async function startTemporary(name: ServerName): Promise<LocalServer> {
  const programs = await ensurePrograms([name], {
    environment: process.env,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const folder = await mkdtemp(join(tmpdir(), `kraite-test-${name}-`));
  const server = await STARTERS[name](programs[name], {
    dataFolder: join(folder, 'data'),
    logFile: join(folder, 'server.log'),
    password: randomBytes(12).toString('hex'),
    clock: createSystemClock(),
  });
  return {
    ...server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
