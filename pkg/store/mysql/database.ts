/**
 * The one way to the database: `run` for a statement, `transact` for a short transaction, `reserve` for a
 * session of its own. Each translates errors and repeats what the server rolled back for contention.
 */
import { CompiledQuery, Kysely, MysqlDialect } from 'kysely';

import {
  backoffDelayMs,
  createSystemRandom,
  FleetError,
  toError,
  type Clock,
  type Random,
} from '#pkg/base';
import type { Logger } from '#pkg/observability';
import {
  BEGIN,
  COMMIT,
  createBoundedPool,
  ROLLBACK,
  type BoundedConnection,
  type BoundedPool,
} from './connection-pool.ts';
import { inPackets, type Statement } from './packets.ts';
import { parseMysqlUrl } from './mysql-address.ts';
import { isRepeatable, translateError } from './mysql-errors.ts';
import type { Tables } from './tables.ts';

export interface MysqlOptions {
  /** `mysql://user:password@host:port/database`, or with `?socketPath=…`. */
  readonly url: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly connectionLimit?: number;
  /** For one statement, and for waiting for a connection. */
  readonly deadlineMs?: number;
  /** Jitter between repeats. */
  readonly random?: Random;
  /** Told how many changes of workflows are committed together. */
  readonly onGroup?: (members: number) => void;
  /** Told the code of each error that a statement ended in. */
  readonly onError?: (code: string) => void;
}

/** Kysely over the fleet's tables; only ever used inside `run` and `transact`. */
export type Queries = Kysely<Tables>;

/**
 * Ends a transaction: runs its last statements and commits, all in one round trip. Returns how many rows each of them
 * found or inserted. A statement that fails keeps those after it and the commit from running.
 */
export type CommitWith = (statements: readonly Statement[]) => Promise<readonly number[]>;

export interface MysqlSession {
  query(statement: string, parameters?: readonly unknown[]): Promise<readonly SessionRow[]>;
}
export type SessionRow = Readonly<Record<string, unknown>>;

export interface MysqlDatabase extends AsyncDisposable {
  readonly clock: Clock;
  readonly onGroup: MysqlOptions['onGroup'];
  /** Runs one statement that commits by itself; repeated after contention, so it must be the only one. */
  run<T>(statement: (queries: Queries) => Promise<T>): Promise<T>;
  /**
   * Runs `body` in one transaction (READ COMMITTED); repeated after contention, so it must be free of other effects.
   * It commits when `body` resolves, or with what `commitWith` is given; nothing comes after that.
   */
  transact<T>(body: (queries: Queries, commitWith: CommitWith) => Promise<T>): Promise<T>;
  /** Runs `body` on one connection with plain SQL and its own deadline; nothing is repeated. */
  reserve<T>(
    options: { readonly deadlineMs: number },
    body: (session: MysqlSession) => Promise<T>,
  ): Promise<T>;
}

const CONNECTION_LIMIT_DEFAULT = 10;
const DEADLINE_MS_DEFAULT = 5_000;
const REPEATS_MAX = 8;
const REPEAT_BACKOFF = { baseMs: 4, capMs: 200 };

/** Returns the database at `url`; connects when first used and reconnects by itself. Throws only for an unusable URL. */
export function openMysql(options: MysqlOptions): MysqlDatabase {
  const { clock, logger } = options;
  const random = options.random ?? createSystemRandom();
  const pool = createBoundedPool({
    address: parseMysqlUrl(options.url),
    connectionLimit: options.connectionLimit ?? CONNECTION_LIMIT_DEFAULT,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS_DEFAULT,
    clock,
    logger,
  });
  const kysely = new Kysely<Tables>({ dialect: new MysqlDialect({ pool }) });
  const told = (error: unknown): Error => {
    const translated = translateError(error);
    const code: unknown = translated instanceof FleetError ? translated.code : undefined;
    options.onError?.(typeof code === 'string' ? code : 'OTHER');
    return translated;
  };

  const repeat = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (!isRepeatable(error) || attempt > REPEATS_MAX) throw told(error);
        await clock.sleep(backoffDelayMs(attempt, REPEAT_BACKOFF, random));
      }
    }
  };
  return {
    clock,
    onGroup: options.onGroup,
    run: (statement) => repeat(() => statement(kysely)),
    transact: (body) =>
      repeat(() => kysely.connection().execute((one) => inTransaction(one, logger, body))),
    reserve: (session, body) => reserve(pool, session.deadlineMs, body),
    // Not kysely.destroy(): it leaves the pool open as long as kysely itself has run nothing.
    [Symbol.asyncDispose]: () => new Promise((resolve) => pool.end(() => resolve())),
  };
}

async function inTransaction<T>(
  connection: Queries,
  logger: Logger,
  body: (queries: Queries, commitWith: CommitWith) => Promise<T>,
): Promise<T> {
  let isCommitted = false;
  const send = (text: string, parameters: readonly unknown[] = []) =>
    connection.executeQuery(CompiledQuery.raw(text, [...parameters]));
  const commitWith: CommitWith = async (statements) => {
    const found: number[] = [];
    for (const { sql, parameters, count, isLast } of inPackets(statements)) {
      const { rows, numAffectedRows } = await send(isLast ? `${sql}; ${COMMIT}` : sql, parameters);
      if (isLast) isCommitted = true;
      const isOne = count === 1 && !isLast;
      const results = rows as readonly { readonly affectedRows?: number }[];
      for (let at = 0; at < count; at += 1) {
        found.push(isOne ? Number(numAffectedRows ?? 0n) : (results[at]?.affectedRows ?? 0));
      }
    }
    return found;
  };
  await send(BEGIN);
  try {
    const value = await body(connection, commitWith);
    if (!isCommitted) await send(COMMIT);
    return value;
  } catch (error) {
    try {
      await send(ROLLBACK);
    } catch (rollbackError) {
      // The connection is gone and the server rolls back with it; the first error tells more.
      logger.debug({ err: toError(rollbackError) }, 'rollback not confirmed');
    }
    throw error;
  }
}

async function reserve<T>(
  pool: BoundedPool,
  deadlineMs: number,
  body: (session: MysqlSession) => Promise<T>,
): Promise<T> {
  try {
    const connection = await new Promise<BoundedConnection>((resolve, reject) => {
      pool.getConnection((error, given) => {
        if (error === undefined) resolve(given);
        else reject(toError(error));
      });
    });
    connection.deadlineMs = deadlineMs;
    try {
      return await body({ query: (text, parameters) => query(connection, text, parameters ?? []) });
    } finally {
      connection.release();
    }
  } catch (error) {
    throw translateError(error);
  }
}

function query(
  connection: BoundedConnection,
  text: string,
  parameters: readonly unknown[],
): Promise<readonly SessionRow[]> {
  return new Promise((resolve, reject) => {
    connection.query(text, parameters, (error, result) => {
      if (error === undefined) resolve(Array.isArray(result) ? result : []);
      else reject(toError(error));
    });
  });
}
