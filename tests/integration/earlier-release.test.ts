/** A box of the release before runs on today's schema: every statement that it sends must still be one there. */
import { readFile } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { migrate, openMysql } from '#pkg/store';
import { useTestMariadb, useTestMysql } from '../harness/index.ts';

/** What the conformance suites of the store sent when 0005-archived-stories was the newest migration; lists made short. */
const FILE = new URL('earlier/0005-archived-stories.json', import.meta.url);

describe.each([
  ['MariaDB', useTestMariadb()],
  ['MySQL', useTestMysql()],
])('on %s', (_name, server) => {
  test('every statement of the release before the newest migration finds its tables, columns and keys', async () => {
    const { statements } = JSON.parse(await readFile(FILE, 'utf8')) as {
      readonly statements: readonly string[];
    };
    expect(statements.length).toBeGreaterThan(100);
    await using database = openMysql({
      url: server.url,
      clock: createSystemClock(),
      logger: createSilentLogger(),
    });
    await migrate(database);
    const connection = await createConnection(server.url);
    const refused: string[] = [];
    for (const statement of statements) {
      await connection.query('SET @text = ?', [statement]);
      await connection.query('PREPARE earlier FROM @text').catch((error: unknown) => {
        refused.push(`${String(error)}: ${statement}`);
      });
    }
    await connection.end();
    expect(refused).toEqual([]);
  });
});
