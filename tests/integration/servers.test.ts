import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '#pkg/base';
import { ensurePrograms, startMariadb, startRedis } from '#pkg/local';
import { useTestMariadb, useTestMysql, useTestRedis } from '../harness/index.ts';

const mariadb = useTestMariadb();
const mysql = useTestMysql();
const redis = useTestRedis();
const clock = createSystemClock();

async function select(url: string, statement: string): Promise<RowDataPacket> {
  const connection = await createConnection(url);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(statement);
    return rows[0] ?? ({} as RowDataPacket);
  } finally {
    await connection.end();
  }
}

describe('the servers of a test file', () => {
  test('are MariaDB 10.11 or newer and MySQL 8.4 or newer, durable at each commit', async () => {
    const ours = await select(
      mariadb.url,
      'SELECT VERSION() AS version, @@innodb_flush_log_at_trx_commit AS flush, DATABASE() AS name',
    );
    expect(ours['version']).toMatch(/^1\d\.\d+\.\d+-MariaDB/);
    expect(ours).toMatchObject({ flush: 1, name: expect.stringMatching(/^t_/) as string });
    const theirs = await select(mysql.url, 'SELECT VERSION() AS version');
    expect(theirs['version']).toMatch(/^(8\.4|9)\./);
  });

  test('refuse whoever has no password', async () => {
    const url = new URL(mariadb.url);
    url.password = '';
    await expect(createConnection(url.href)).rejects.toThrow(/Access denied/);
    url.username = 'root';
    await expect(createConnection(url.href)).rejects.toThrow(/Access denied/);
    const stranger = new Redis(redis.server.port, redis.server.host);
    stranger.on('error', () => undefined);
    await expect(stranger.get('x')).rejects.toThrow(/NOAUTH/);
    stranger.disconnect();
  });
});

describe('a private server', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kraite-servers-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const options = (name: string, password = 'first') => ({
    dataFolder: join(folder, name),
    logFile: join(folder, `${name}.log`),
    password,
    clock,
  });
  const programs = () =>
    ensurePrograms(['mariadb', 'redis'], { environment: process.env, report: () => undefined });

  test('keeps its data and takes a new password at the next start', async () => {
    const { mariadb: program } = await programs();
    {
      await using server = await startMariadb(program, options('m'));
      await select(server.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    }
    await using again = await startMariadb(program, options('m', 'second'));
    expect(again.url).toContain(':second@');
    expect(await select(again.url, 'SELECT value FROM kept')).toMatchObject({ value: 7 });
  });

  test('is noticed when it dies', async () => {
    await using server = await startRedis((await programs()).redis, options('r'));
    process.kill(server.pid, 'SIGKILL');
    expect((await server.exited).status).toBe(137);
  });

  test('says what it said last when it cannot start', async () => {
    const { redis: program } = await programs();
    await writeFile(join(folder, 'r'), 'a file where the data folder should be');
    await expect(startRedis(program, options('r'))).rejects.toThrow(/EEXIST|ENOTDIR/);
    await using first = await startRedis(program, options('one'));
    const clash = startRedis(program, { ...options('two'), port: first.port });
    await expect(clash).rejects.toThrow(/port \d+ on 127.0.0.1 is in use: stop what listens there/);
  });

  test('ends when the process that started it is killed with SIGKILL', async () => {
    const script = join(import.meta.dirname, '../harness/start-and-hold.ts');
    const holder = spawn(process.execPath, [script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pids = await new Promise<readonly number[]>((resolve) => {
      createInterface({ input: holder.stdout }).once('line', (line) =>
        resolve(JSON.parse(line) as readonly number[]),
      );
    });
    expect(pids.map(isRunning)).toEqual([true, true]);
    holder.kill('SIGKILL');
    const untilMs = clock.monotonicMs() + 10_000;
    while (pids.some(isRunning) && clock.monotonicMs() < untilMs) await clock.sleep(20);
    expect(pids.map(isRunning)).toEqual([false, false]);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
