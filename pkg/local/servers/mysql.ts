import { access, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Program } from '../programs/program.ts';
import { lastLines, runCommand } from '../programs/run-command.ts';
import type { SqlServerOptions } from './mariadb.ts';
import { ServerError } from './server-error.ts';
import { LOOPBACK, type LocalServer } from './server.ts';
import {
  greets,
  initialiseOnce,
  readPidFile,
  SQL_DATABASE,
  SQL_USER,
  writeInitFile,
} from './sql-server.ts';
import { startServer, userArguments } from './start-server.ts';

/**
 * Starts a private MySQL: loopback only, one user with a password, durable at each commit.
 *
 * Making its tables takes seconds, so they are made once beside the program and copied from there.
 */
export async function startMysql(
  program: Program,
  options: SqlServerOptions,
): Promise<LocalServer> {
  const tables = join(options.dataFolder, 'tables');
  const base = [
    '--no-defaults',
    `--basedir=${join(program.root, 'usr')}`,
    `--lc-messages-dir=${join(program.root, 'usr/share/mysql')}`,
    `--plugin-dir=${join(program.root, 'usr/lib/mysql/plugin')}`,
    '--secure-file-priv=NULL',
    ...userArguments(),
  ];
  await mkdir(options.dataFolder, { recursive: true, mode: 0o700 });
  const template = `${program.root}-tables-${program.version}`;
  await initialiseOnce(template, isInitialised(template), (draft) =>
    initialise(program, base, draft),
  );
  await initialiseOnce(tables, isInitialised(tables), async (draft) => {
    await cp(template, draft, { recursive: true });
    // The server's identity: two copies must not share it.
    await rm(join(draft, 'auto.cnf'), { force: true });
  });
  const initFile = await writeInitFile(options.dataFolder, options.password);
  const pidFile = join(tables, 'mysql.pid');
  await rm(pidFile, { force: true });
  return startServer(
    {
      name: 'MySQL',
      environment: { ...program.environment },
      graceSeconds: 30,
      command: (port) => [
        ...program.command,
        ...base,
        `--datadir=${tables}`,
        `--port=${port}`,
        `--bind-address=${LOOPBACK}`,
        `--socket=${join(tables, 'mysql.sock')}`,
        `--pid-file=${pidFile}`,
        `--init-file=${initFile}`,
        `--innodb-buffer-pool-size=${options.bufferPoolMegabytes ?? 128}M`,
        '--mysqlx=OFF',
        '--skip-name-resolve',
        '--skip-log-bin',
        '--performance-schema=OFF',
        '--innodb-flush-log-at-trx-commit=1',
        '--character-set-server=utf8mb4',
        '--default-time-zone=+00:00',
      ],
      isReady: async (port, pid) => (await readPidFile(pidFile)) === pid && (await greets(port)),
      url: (port) => `mysql://${SQL_USER}:${options.password}@${LOOPBACK}:${port}/${SQL_DATABASE}`,
    },
    options,
  );
}

function isInitialised(folder: string): () => Promise<boolean> {
  return () =>
    access(join(folder, 'mysql.ibd')).then(
      () => true,
      () => false,
    );
}

async function initialise(
  program: Program,
  base: readonly string[],
  tables: string,
): Promise<void> {
  const [file, ...first] = program.command;
  const result = await runCommand(
    file,
    [...first, ...base, '--initialize-insecure', `--datadir=${tables}`],
    { environment: { ...program.environment } },
  );
  if (result.status !== 0) {
    throw new ServerError(`MySQL's tables cannot be made:\n${lastLines(result.stderr)}`);
  }
}
