import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Program } from '../programs/program.ts';
import { LOOPBACK, probe, type LocalServer, type ServerOptions } from './server.ts';
import { startServer } from './start-server.ts';

/** Starts a private Redis: loopback only, password, append-only file synced each second. */
export async function startRedis(program: Program, options: ServerOptions): Promise<LocalServer> {
  const { password, dataFolder } = options;
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const settings = join(dataFolder, 'redis.conf');
  const lines = [
    `bind ${LOOPBACK}`,
    'protected-mode yes',
    // Here and not among the arguments, which every user of the machine can read.
    `requirepass ${password}`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    'databases 256',
  ];
  await writeFile(settings, `${lines.join('\n')}\n`, { mode: 0o600 });
  return startServer(
    {
      name: 'Redis',
      environment: { ...program.environment },
      graceSeconds: 10,
      command: (port) => [
        ...program.command,
        settings,
        '--port',
        String(port),
        '--dir',
        dataFolder,
      ],
      isReady: (port, pid) =>
        probe(
          port,
          `AUTH ${password}\r\nINFO server\r\nPING\r\n`,
          (received) => received.includes(`process_id:${pid}\r`) && received.includes('+PONG'),
        ),
      url: (port) => `redis://:${password}@${LOOPBACK}:${port}/0`,
    },
    options,
  );
}
