import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, inject } from 'vitest';
import { required } from '#pkg/base';
import type { LocalServer } from '#pkg/local';
import { startTemporary } from './shared-server.ts';

export interface TestDatabase {
  /** URL of a database that is empty when the file starts and dropped when it ends. Read it inside tests and hooks. */
  readonly url: string;
}

export interface TestRedis {
  /** URL of a Redis that only this file uses. Read it inside tests and hooks. */
  readonly url: string;
  readonly server: LocalServer;
}

/** Gives this test file a fresh database on the run's MariaDB. */
export function useTestMariadb(): TestDatabase {
  return useDatabase(() => inject('mariadbUrl'), 'mariadb');
}

/** Gives this test file a fresh database on the run's MySQL. */
export function useTestMysql(): TestDatabase {
  return useDatabase(() => inject('mysqlUrl'), 'mysql');
}

/** Gives this test file a Redis of its own. */
export function useTestRedis(): TestRedis {
  let server: LocalServer | undefined;
  beforeAll(async () => {
    server = await startTemporary('redis');
  });
  afterAll(async () => server?.[Symbol.asyncDispose]());
  const started = (): LocalServer => required(server, 'the test Redis is started before all tests');
  return {
    get url() {
      return started().url;
    },
    get server() {
      return started();
    },
  };
}

function useDatabase(serverUrl: () => string, name: 'mariadb' | 'mysql'): TestDatabase {
  const database = `t_${randomBytes(6).toString('hex')}`;
  const run = async (statement: string): Promise<void> => {
    const connection = await createConnection(requireUrl());
    try {
      await connection.query(statement);
    } finally {
      await connection.end();
    }
  };
  const requireUrl = (): string =>
    required(
      serverUrl(),
      `vitest.config.ts starts no ${name} for this part: add it to the part's servers`,
    );
  beforeAll(() => run(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`));
  afterAll(() => run(`DROP DATABASE IF EXISTS ${database}`));
  return {
    get url() {
      const url = new URL(requireUrl());
      url.pathname = `/${database}`;
      return url.href;
    },
  };
}
