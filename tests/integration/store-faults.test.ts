/** What a caller gets when the database is away, refuses, or breaks: an error of the port in seconds, never a hang. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { afterAll, describe, expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { DEFAULT_ACCOUNT_SETTINGS, id } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import {
  migrate,
  openMysql,
  openMysqlStore,
  StoreConflictError,
  StoreUnavailableError,
  type MysqlOptions,
  type Store,
} from '#pkg/store';
import { useTestMariadb, useTestMysql } from '../harness/index.ts';

const mariadb = useTestMariadb();
const mysql = useTestMysql();
const clock = createSystemClock();
const user = `u_${randomBytes(4).toString('hex')}`;

function optionsOf(url: string, changes: Partial<MysqlOptions> = {}): MysqlOptions {
  return { url, clock, logger: createSilentLogger(), ...changes };
}

function changed(change: (url: URL) => void): string {
  const url = new URL(mariadb.url);
  change(url);
  return url.href;
}

async function administer(...statements: readonly string[]): Promise<void> {
  const connection = await createConnection(mariadb.url);
  try {
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}

async function openReady(changes: Partial<MysqlOptions> = {}): Promise<Store> {
  await using database = openMysql(optionsOf(mariadb.url));
  await migrate(database);
  return await openMysqlStore(optionsOf(mariadb.url, changes));
}

async function thrownBy(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was to fail');
}

async function refusalOf(url: string): Promise<StoreUnavailableError> {
  const startedMs = clock.monotonicMs();
  const error = await thrownBy(openMysqlStore(optionsOf(url, { deadlineMs: 1_500 })));
  expect(error).toBeInstanceOf(StoreUnavailableError);
  expect(clock.monotonicMs() - startedMs).toBeLessThan(5_000);
  return error as StoreUnavailableError;
}

describe('opening a store', () => {
  test('at a port where nothing listens fails at once and asks for the server', async () => {
    const error = await refusalOf(changed((url) => (url.port = '1')));
    expect(error.fields).toMatchObject({
      problem: 'ConnectionLost',
      advice: expect.stringContaining('is the server running') as string,
    });
  });

  test('with a wrong password says so and never repeats the password', async () => {
    const error = await refusalOf(changed((url) => (url.password = 'hunter2-wrong')));
    expect(error.fields['problem']).toBe('AccessDenied');
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2-wrong');
  });

  test('of a database that is not there says to create it', async () => {
    const error = await refusalOf(changed((url) => (url.pathname = '/no_such_database')));
    expect(error.fields).toMatchObject({
      problem: 'UnknownDatabase',
      advice: expect.stringContaining('kraite migrate') as string,
    });
  });

  test.each([
    ['no url', 'it is not a URL'],
    ['http://root@127.0.0.1/kraite', 'it starts with http:// instead of mysql://'],
    ['mysql://root@127.0.0.1:3306', 'the database after the last slash is missing'],
    ['mysql://root@127.0.0.1:3306/a`b', 'the database after the last slash is missing'],
    ['mysql:///kraite', 'the host is missing'],
  ])('at %j is refused with what is wrong', async (url, sentence) => {
    const error = await refusalOf(url);
    expect(error.fields['advice']).toContain(sentence);
  });

  test('on a server that accepts and never speaks fails in time', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const error = await refusalOf(changed((url) => (url.port = String(port))));
    expect(error.fields['advice']).toBeDefined();
    silent.close();
  });
});

describe('a store that is open', () => {
  afterAll(() => administer(`DROP USER IF EXISTS ${user}@'%'`, 'SET GLOBAL read_only = 0'));

  test('refuses writes of a read-only database as unavailable, and still reads', async () => {
    const database = new URL(mariadb.url).pathname.slice(1);
    await using admin = await openReady();
    await admin.settings.set('mode', 'simulated', 1);
    // The run's own user may write to a read-only server; a fleet's user may not.
    await administer(
      `CREATE USER ${user}@'%' IDENTIFIED BY 'pw'`,
      `GRANT ALL ON ${database}.* TO ${user}@'%'`,
    );
    const url = changed((changing) => {
      changing.username = user;
      changing.password = 'pw';
    });
    await using store = await openMysqlStore(optionsOf(url));
    await administer('SET GLOBAL read_only = 1');
    const error = await thrownBy(store.settings.set('mode', 'live', 2));
    await expect(admin.settings.set('other', 'writable', 2)).resolves.toBeUndefined();
    expect(await store.settings.find('mode')).toBe('simulated');
    await administer('SET GLOBAL read_only = 0');

    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({ fields: { problem: 'ReadOnly' } });
    await store.settings.set('mode', 'live', 3);
    expect(await store.settings.find('mode')).toBe('live');
  });

  test('comes back by itself after its connections were killed', async () => {
    await using store = await openReady({ connectionLimit: 2 });
    await Promise.all([store.ping(), store.ping()]);
    const connection = await createConnection(mariadb.url);
    await connection.query('KILL USER CURRENT_USER').catch(() => undefined);
    connection.destroy();

    const results = await Promise.allSettled(Array.from({ length: 4 }, () => store.ping()));
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StoreUnavailableError);
    }
    await expect(store.ping()).resolves.toBeUndefined();
  });

  test('gives up on a row that somebody else keeps locked, and on a statement without an answer', async () => {
    await using store = await openReady({ deadlineMs: 800 });
    await store.settings.set('held', 'free', 1);
    const holder = await createConnection(mariadb.url);
    await holder.query('BEGIN');
    await holder.query("UPDATE settings SET value = 'held' WHERE name = 'held'");

    const startedMs = clock.monotonicMs();
    const error = await thrownBy(store.settings.set('held', 'mine', 2));
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(clock.monotonicMs() - startedMs).toBeLessThan(3_000);
    await holder.query('ROLLBACK');
    await holder.end();
    await store.settings.set('held', 'mine', 3);
    expect(await store.settings.find('held')).toBe('mine');
  });

  test('frees the locks of a client that falls silent in a transaction, as one without power does', async () => {
    await using database = openMysql(optionsOf(mariadb.url, { connectionLimit: 1 }));
    await using store = await openReady();
    await store.settings.set('silent', 'free', 1);
    await database
      .reserve({ deadlineMs: 5_000 }, async (session) => {
        await session.query('BEGIN');
        await session.query("UPDATE settings SET value = 'held' WHERE name = 'silent'");
        // Longer than one look waits for a lock: the session was ended by the server, not by its client.
        await store.settings.set('silent', 'taken', 2);
        await session.query('COMMIT');
      })
      .then(
        () => expect.unreachable('its session was ended'),
        (error: unknown) => expect(error).toBeInstanceOf(StoreUnavailableError),
      );
    expect(await store.settings.find('silent')).toBe('taken');
  });

  test.each([
    ['MariaDB', mariadb],
    ['MySQL', mysql],
  ])('of %s keeps no session of a client that is silent for 10 s', async (_name, server) => {
    await using database = openMysql(optionsOf(server.url));
    const [row] = await database.reserve({ deadlineMs: 5_000 }, (session) =>
      session.query('SELECT @@session.wait_timeout AS seconds'),
    );
    expect(row?.['seconds']).toBe(10);
  });

  test('names a value that does not fit a conflict, without showing the values', async () => {
    await using store = await openReady();
    const error = await thrownBy(
      store.accounts.save({
        id: id('account-1'),
        name: 'n'.repeat(200),
        venue: 'binance',
        apiKey: 'key',
        sealedSecret: 'v1.hidden-secret',
        isTradingOn: true,
        settings: DEFAULT_ACCOUNT_SETTINGS,
        createdAtMs: 1,
      }),
    );
    expect(error).toBeInstanceOf(StoreConflictError);
    expect(inspect(error, { depth: 10 })).not.toContain('hidden-secret');
  });
});

describe('the command migrate', () => {
  const run = async (
    url: string | undefined,
    ...words: readonly string[]
  ): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> => {
    const child = spawn(process.execPath, ['cmd/migrate/main.ts', ...words], {
      env: { PATH: process.env['PATH'], ...(url === undefined ? {} : { KRAITE_MYSQL_URL: url }) },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    await once(child, 'close');
    return { code: child.exitCode, out, err };
  };
  const name = `m_${randomBytes(4).toString('hex')}`;
  afterAll(() => administer(`DROP DATABASE IF EXISTS ${name}`));

  test('makes the database and its schema, and has nothing to do the second time', async () => {
    const url = changed((changing) => (changing.pathname = `/${name}`));
    expect(await run(url)).toEqual({
      code: 0,
      out: expect.stringMatching(/^migrated: 0001-trade, 0002-steps/) as string,
      err: '',
    });
    expect(await run(url)).toEqual({ code: 0, out: 'nothing to migrate\n', err: '' });
  });

  test('ends with 2 for wrong use and with 1 for a database that is away', async () => {
    expect(await run(undefined)).toMatchObject({
      code: 2,
      err: expect.stringContaining('KRAITE_MYSQL_URL is not set') as string,
    });
    expect(await run(mariadb.url, 'now')).toMatchObject({ code: 2 });
    expect(await run(changed((url) => (url.port = '1')))).toMatchObject({
      code: 1,
      err: expect.stringContaining('is the server running') as string,
    });
  });
});
