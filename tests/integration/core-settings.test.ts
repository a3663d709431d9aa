/** The settings and commands of the fleet's servers, on real servers: they start with them and are as durable as they say. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { required } from '#pkg/base';
import { ensurePrograms, findFreePort, type Program } from '#pkg/local';
import type { KubeObject } from '#operator/runtime';
import { eventually } from '../harness/eventually.ts';
import { allObjects, contextOf, keyOf } from '../harness/fleet-objects.ts';

const HOST = '127.0.0.1';
const objects = new Map(allObjects(contextOf()).map((object) => [keyOf(object), object]));
const children: ChildProcess[] = [];
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kraite-core-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

function objectOf(key: string): KubeObject {
  return required(objects.get(key), `the fleet has ${key}`);
}

function settingsOf(name: string, file: string): string {
  const data = objectOf(`ConfigMap/${name}`)['data'] as Readonly<Record<string, string>>;
  return required(data[file], `${name} holds ${file}`);
}

interface Container {
  readonly command: readonly string[];
  readonly readinessProbe: { readonly exec: { readonly command: readonly string[] } };
}

function containerOf(name: string): Container {
  const { template } = objectOf(`StatefulSet/${name}`)['spec'] as {
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
  return required(template.spec.containers[0], `${name} has a container`);
}

function start(command: readonly string[], environment: Readonly<Record<string, string>>) {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: 'ignore',
  });
  children.push(child);
  return child;
}

async function end(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function programOf(name: 'mysql' | 'redis'): Promise<Program> {
  const programs = await ensurePrograms([name], {
    environment: process.env,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  return programs[name];
}

test('MySQL starts with its settings, and commits durably', async () => {
  const program = await programOf('mysql');
  const data = join(folder, 'data');
  const file = join(folder, 'kraite.cnf');
  await writeFile(file, settingsOf('kraite-mysql', 'kraite.cnf'));
  // The image says where its own parts are; here is what only this machine differs in.
  const here = [
    `--defaults-file=${file}`,
    `--basedir=${join(program.root, 'usr')}`,
    `--lc-messages-dir=${join(program.root, 'usr/share/mysql')}`,
    `--plugin-dir=${join(program.root, 'usr/lib/mysql/plugin')}`,
    `--datadir=${data}`,
    '--innodb-buffer-pool-size=128M',
    '--innodb-redo-log-capacity=64M',
    `--log-error=${join(folder, 'mysql.log')}`,
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
  const run = (args: readonly string[]) =>
    start([...program.command, ...here, ...args], program.environment);
  expect(await end(run(['--initialize-insecure']))).toBe(0);
  const port = await findFreePort(HOST);
  const init = join(folder, 'init.sql');
  await writeFile(init, "CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY 'reader';\n");
  const server = run([
    `--port=${port}`,
    `--bind-address=${HOST}`,
    `--socket=${join(folder, 'mysql.sock')}`,
    `--pid-file=${join(folder, 'mysql.pid')}`,
    `--init-file=${init}`,
  ]);
  let rows: readonly RowDataPacket[] = [];
  await eventually(async () => void (rows = await readSettings(port)), { limitMs: 20_000 });
  expect(rows).toEqual([
    {
      flush: 1,
      sync: 1,
      log: 1,
      gtid: 'ON',
      isolation: 'READ-COMMITTED',
      // As many as were asked for: the limit of open files lowers it otherwise.
      connections: 6400,
      collation: 'utf8mb4_bin',
      zone: '+00:00',
      files: 0,
    },
  ]);
  server.kill('SIGTERM');
  expect(await end(server)).toBe(0);
});

async function readSettings(port: number): Promise<readonly RowDataPacket[]> {
  const reader = { user: 'reader', password: 'reader' };
  const connection = await createConnection({ host: HOST, port, ...reader });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT @@innodb_flush_log_at_trx_commit AS flush, @@sync_binlog AS sync, @@log_bin AS log,
         @@gtid_mode AS gtid, @@transaction_isolation AS isolation, @@max_connections AS connections,
         @@collation_server AS collation, @@time_zone AS zone, @@local_infile AS files`,
    );
    return rows;
  } finally {
    await connection.end();
  }
}

test('Redis starts by the command of its pod, takes the password and keeps what it was told', async () => {
  const program = await programOf('redis');
  const port = await findFreePort(HOST);
  const settings = settingsOf('kraite-redis', 'redis.conf')
    .replace('port 6379', `port ${port}`)
    .replace('dir /data', `dir ${folder}`);
  await writeFile(join(folder, 'redis.conf'), settings);
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const [tool, ...loader] = [
    join(program.root, 'usr/bin/redis-cli'),
    ...program.command.slice(0, -1),
  ];
  await shim(join(bin, 'redis-server'), program.command);
  await shim(join(bin, 'redis-cli'), [...loader, tool, '-p', String(port)]);
  const environment = (password: string) => ({
    ...program.environment,
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    REDISCLI_AUTH: password,
  });
  const { command, readinessProbe } = containerOf('kraite-hyperion-redis');
  const here = command.map((part) => part.replaceAll('/etc/kraite/redis', folder));
  const server = start(here, environment('secret'));
  const isReady = async (password: string) =>
    (await end(start(readinessProbe.exec.command, environment(password)))) === 0;
  await eventually(async () => expect(await isReady('secret')).toBe(true), { limitMs: 10_000 });
  expect(await isReady('wrong')).toBe(false);
  const client = new Redis(port, HOST, { password: 'secret' });
  const told = ['appendonly', 'appendfsync', 'save', 'maxmemory', 'maxmemory-policy'];
  const answers = await Promise.all(told.map((name) => client.config('GET', name)));
  expect(answers).toEqual([
    ['appendonly', 'yes'],
    ['appendfsync', 'everysec'],
    ['save', ''],
    ['maxmemory', '1073741824'],
    ['maxmemory-policy', 'noeviction'],
  ]);
  client.disconnect();
  const stranger = new Redis(port, HOST);
  stranger.on('error', () => undefined);
  await expect(stranger.get('x')).rejects.toThrow(/NOAUTH/);
  stranger.disconnect();
  // The shell gave its place to the server, so the signal of the kubelet arrives.
  server.kill('SIGTERM');
  expect(await end(server)).toBe(0);
});

async function shim(file: string, command: readonly string[]): Promise<void> {
  const quoted = command.map((part) => `'${part}'`).join(' ');
  await writeFile(file, `#!/bin/sh\nexec ${quoted} "$@"\n`);
  await chmod(file, 0o755);
}
