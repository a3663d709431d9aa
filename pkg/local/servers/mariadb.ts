import { spawn } from 'node:child_process';
import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { firstExisting, type Program } from '../programs/program.ts';
import { ServerError } from './server-error.ts';
import { LOOPBACK, type LocalServer, type ServerOptions } from './server.ts';
import {
  greets,
  initialiseOnce,
  readPidFile,
  SQL_DATABASE,
  SQL_USER,
  writeInitFile,
} from './sql-server.ts';
import { startServer, userArguments } from './start-server.ts';

export interface SqlServerOptions extends ServerOptions {
  readonly bufferPoolMegabytes?: number;
  /** Further options of MariaDB, as on its command line. */
  readonly more?: readonly string[];
}

const REDO_LOG_SIZE = '48M';

/**
 * Starts a private MariaDB: loopback only, one user with a password, durable at each commit.
 *
 * `dataFolder` holds the tables in `tables/`; the first start makes them (about half a second).
 */
export async function startMariadb(
  program: Program,
  options: SqlServerOptions,
): Promise<LocalServer> {
  const share = await findShareFolder(program.root);
  const tables = join(options.dataFolder, 'tables');
  const base = [
    '--no-defaults',
    `--basedir=${join(program.root, 'usr')}`,
    `--lc-messages-dir=${share}`,
    `--plugin-dir=${join(program.root, 'usr/lib/mysql/plugin')}`,
    `--innodb-log-file-size=${REDO_LOG_SIZE}`,
    ...userArguments(),
  ];
  await mkdir(options.dataFolder, { recursive: true, mode: 0o700 });
  const isInitialised = (): Promise<boolean> =>
    access(join(tables, 'mysql')).then(
      () => true,
      () => false,
    );
  await initialiseOnce(tables, isInitialised, (draft) => bootstrap(program, base, share, draft));
  const initFile = await writeInitFile(options.dataFolder, options.password);
  const pidFile = join(tables, 'mariadb.pid');
  await rm(pidFile, { force: true });
  return startServer(
    {
      name: 'MariaDB',
      environment: { ...program.environment },
      graceSeconds: 20,
      command: (port) => [
        ...program.command,
        ...base,
        `--datadir=${tables}`,
        `--port=${port}`,
        `--bind-address=${LOOPBACK}`,
        `--socket=${join(tables, 'mariadb.sock')}`,
        `--pid-file=${pidFile}`,
        `--init-file=${initFile}`,
        `--innodb-buffer-pool-size=${options.bufferPoolMegabytes ?? 128}M`,
        '--skip-name-resolve',
        '--innodb-flush-log-at-trx-commit=1',
        '--sync-binlog=1',
        '--character-set-server=utf8mb4',
        '--transaction-isolation=REPEATABLE-READ',
        '--default-time-zone=+00:00',
        '--max-connections=400',
        '--table-open-cache=512',
        '--innodb-fast-shutdown=1',
        '--log-warnings=1',
        ...(options.more ?? []),
      ],
      isReady: async (port, pid) => (await readPidFile(pidFile)) === pid && (await greets(port)),
      url: (port) => `mysql://${SQL_USER}:${options.password}@${LOOPBACK}:${port}/${SQL_DATABASE}`,
    },
    options,
  );
}

async function findShareFolder(root: string): Promise<string> {
  const found = await firstExisting(root, [
    'usr/share/mysql/english/errmsg.sys',
    'usr/share/mariadb/english/errmsg.sys',
    'usr/local/share/mysql/english/errmsg.sys',
  ]);
  if (found === undefined) throw new ServerError(`MariaDB's messages are not below ${root}`);
  return join(root, found, '../..');
}

/** Makes the system tables as the distribution's own script does, without its anonymous users and password-free root. */
async function bootstrap(
  program: Program,
  base: readonly string[],
  share: string,
  tables: string,
): Promise<void> {
  const script = async (name: string): Promise<string> => {
    const file = await firstExisting(share, [`mysql_${name}.sql`, `mariadb_${name}.sql`]);
    if (file === undefined) throw new ServerError(`MariaDB's ${name}.sql is not in ${share}`);
    return readFile(join(share, file), 'utf8');
  };
  const statements = [
    'CREATE DATABASE mysql;',
    'USE mysql;',
    'SET @auth_root_socket=NULL;',
    await script('system_tables'),
    await script('performance_tables'),
    await script('system_tables_data'),
    'DELETE FROM mysql.global_priv;',
    'DELETE FROM mysql.proxies_priv;',
  ];
  const [file, ...first] = program.command;
  const child = spawn(
    file,
    [
      ...first,
      ...base,
      '--bootstrap',
      '--silent-startup',
      `--datadir=${tables}`,
      '--enforce-storage-engine=',
      '--log-warnings=0',
      '--max-allowed-packet=8M',
      '--innodb-buffer-pool-size=32M',
    ],
    { env: { ...program.environment }, stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${statements.join('\n')}\n`);
  const status = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('close', (code) => resolve(code ?? -1));
  });
  if (status !== 0) throw new ServerError(`MariaDB's tables cannot be made:\n${said.trim()}`);
}
