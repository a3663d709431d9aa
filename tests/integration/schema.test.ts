import { createConnection } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import {
  assertSchema,
  migrate,
  openMysql,
  openMysqlStore,
  SchemaVersionError,
  type MysqlDatabase,
} from '#pkg/store';
import { readGolden } from '../harness/golden.ts';
import { useTestMariadb, useTestMysql, type TestDatabase } from '../harness/index.ts';
import { readSchemaText } from './schema-text.ts';

const GOLDEN = 'pkg/store/mysql/schema.sql';
const clock = createSystemClock();
const logger = createSilentLogger();

function open(server: TestDatabase): MysqlDatabase {
  return openMysql({ url: server.url, clock, logger });
}

async function run(server: TestDatabase, statement: string): Promise<void> {
  const connection = await createConnection(server.url);
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}

describe.each([
  ['MariaDB', useTestMariadb()],
  ['MySQL', useTestMysql()],
])('the schema on %s', (_name, server) => {
  test('of an empty database is older, and the refusal says what to run', async () => {
    await using database = open(server);
    await expect(assertSchema(database)).rejects.toThrow(SchemaVersionError);
    await expect(openMysqlStore({ url: server.url, clock, logger })).rejects.toThrow(
      /it is older, 0001-trade, 0002-steps.* missing; run `kraite migrate` with this release/,
    );
  });

  test('migrated by two at once is there for both', async () => {
    await using one = open(server);
    await using two = open(server);
    const results = await Promise.all([migrate(one), migrate(two)]);

    expect(results.map((result) => result.applied.length).toSorted()).toEqual([
      0,
      expect.any(Number),
    ]);
    await expect(assertSchema(one)).resolves.toBeUndefined();
  });

  test(`is the one of ${GOLDEN}`, async () => {
    const text = await readSchemaText(server.url);
    expect(text).toBe(readGolden(GOLDEN, text));
  });

  test('migrated twice is unchanged', async () => {
    await using database = open(server);
    const before = await readSchemaText(server.url);

    expect(await migrate(database)).toEqual({ applied: [] });
    expect(await readSchemaText(server.url)).toBe(before);
  });

  test('is completed when a migration was cut short', async () => {
    await using database = open(server);
    const before = await readSchemaText(server.url);
    await run(server, "DELETE FROM schema_migrations WHERE id = '0001-trade'");
    await run(server, 'DROP TABLE settings');

    expect(await migrate(database)).toEqual({ applied: ['0001-trade'] });
    expect(await readSchemaText(server.url)).toBe(before);
  });

  test('with a table missing is refused when the table is asked for', async () => {
    const store = await openMysqlStore({ url: server.url, clock, logger });
    await run(server, 'RENAME TABLE settings TO settings_away');
    await expect(store.settings.find('mode')).rejects.toThrow(
      /a table or column is missing; run `kraite migrate`/,
    );
    await run(server, 'RENAME TABLE settings_away TO settings');
    expect(await store.settings.find('mode')).toBeUndefined();
    await store[Symbol.asyncDispose]();
  });

  test('of a later release is refused by processes and by migrate alike', async () => {
    await using database = open(server);
    await run(
      server,
      "INSERT INTO schema_migrations VALUES ('0999-future', 1, '0998-unknown'), ('0998-unknown', 1, NULL)",
    );

    const sentence =
      'it is newer, 0998-unknown, 0999-future unknown here; run the release that applied it';
    await expect(migrate(database)).rejects.toThrow(sentence);
    await expect(assertSchema(database)).rejects.toThrow(sentence);
    await run(server, "DELETE FROM schema_migrations WHERE id LIKE '099%'");
  });

  test('of the release after, whose migration suits this one, is used as it is: a process starts again in a roll, and after a rollback', async () => {
    await using database = open(server);
    await run(
      server,
      "INSERT INTO schema_migrations SELECT '0998-after', 1, MAX(id) FROM schema_migrations",
    );
    await expect(assertSchema(database)).resolves.toBeUndefined();
    expect(await migrate(database)).toEqual({ applied: [] });
    // Two releases back is too far.
    await run(server, "INSERT INTO schema_migrations VALUES ('0999-later', 1, '0998-after')");
    await expect(assertSchema(database)).rejects.toThrow('it is newer, 0999-later unknown here');
    await run(server, "DELETE FROM schema_migrations WHERE id LIKE '099%'");
  });
});
