/**
 * mysql2's pool with what it lacks: a deadline on waiting for a connection and on every statement, and
 * one session set-up. A statement that outlives its deadline costs the connection, never a hang.
 */
import type { MysqlPool, MysqlPoolConnection } from 'kysely';
import { createPool, type PoolConnection, type QueryValues } from 'mysql2';

import { toError, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { MysqlAddress } from './mysql-address.ts';
import { DeadlinePassed } from './mysql-errors.ts';

export interface PoolOptions {
  readonly address: MysqlAddress;
  readonly connectionLimit: number;
  /** For a statement, and for waiting for a connection. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Bounds how long a row lock is waited for, well inside the deadline, so that the server answers first. */
const LOCK_WAIT_SECONDS = 3;

/** Sent with the first statement that follows: a transaction begins without a round trip of its own. */
export const BEGIN = 'START TRANSACTION';
export const COMMIT = 'COMMIT';
export const ROLLBACK = 'ROLLBACK';

/**
 * The server ends a session whose client is silent so long, and frees the row locks of its transaction: a box that lost its
 * power, or is frozen, between two statements would keep them until TCP gave up. MariaDB tells silence in a transaction
 * apart; for MySQL the pool closes what is idle well before the server would.
 */
const SILENT_SECONDS_MAX = 10;
const SILENT_IN_TRANSACTION_SECONDS_MAX = 2;
const IDLE_MS_MAX = 4_000;
const CONNECT_MS_MAX = 3_000;
const CLOSE_MS_MAX = 1_000;

const SESSION_SETUP = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY',
     time_zone = '+00:00', autocommit = 1, innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS},
     /*M! idle_transaction_timeout = ${SILENT_IN_TRANSACTION_SECONDS_MAX}, */ wait_timeout = ${SILENT_SECONDS_MAX}`,
] as const;

type QueryCallback = NonNullable<Parameters<MysqlPoolConnection['query']>[2]>;

/** One connection as kysely and the migrator see it. */
export interface BoundedConnection extends MysqlPoolConnection {
  /** Deadline of the statements that follow; back to the pool's own on release. */
  deadlineMs: number;
}

export interface BoundedPool extends MysqlPool {
  getConnection(callback: (error: unknown, connection: BoundedConnection) => void): void;
}

/** Returns a pool that connects when first asked and keeps reconnecting; only `end` closes it. */
export function createBoundedPool(options: PoolOptions): BoundedPool {
  const { address, clock, logger, deadlineMs } = options;
  const pool = createPool({
    ...address,
    connectionLimit: options.connectionLimit,
    // mysql2 closes what is above this at once, and looks for idle ones only where it is below the limit.
    maxIdle: Math.max(1, options.connectionLimit - 1),
    idleTimeout: IDLE_MS_MAX,
    connectTimeout: Math.min(CONNECT_MS_MAX, deadlineMs),
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: false,
    dateStrings: false,
    decimalNumbers: false,
    // For packets of several statements; values are always parameters.
    multipleStatements: true,
  });
  pool.on('connection', (connection) => setUp(connection, logger));
  const bounded = new WeakMap<PoolConnection, BoundedConnection>();
  return {
    getConnection: (callback) => {
      const answer = answerOnce(clock, deadlineMs, (error, connection) =>
        callback(error, connection as BoundedConnection),
      );
      pool.getConnection((error: unknown, connection: PoolConnection | undefined) => {
        if (connection === undefined || (error !== null && error !== undefined)) {
          answer(error ?? new Error('Pool is closed.'));
          return;
        }
        const known = bounded.get(connection) ?? bound(connection, clock, deadlineMs);
        bounded.set(connection, known);
        if (!answer(undefined, known)) connection.release();
      });
    },
    end: (callback) => {
      const answer = answerOnce(clock, CLOSE_MS_MAX, () => callback(undefined));
      pool.end((error: unknown) => answer(error));
    },
  };
}

/** Commands of a connection run in order, so the set-up comes before whatever asked for the connection. */
function setUp(connection: PoolConnection, logger: Logger): void {
  connection.on('error', (error: unknown) => {
    logger.warn({ err: toError(error) }, 'database connection lost');
  });
  for (const statement of SESSION_SETUP) {
    connection.query(statement, (error: unknown) => {
      if (error === null || error === undefined) return;
      logger.error({ err: toError(error) }, 'database session could not be set up');
      discard(connection);
    });
  }
}

function bound(connection: PoolConnection, clock: Clock, deadlineMs: number): BoundedConnection {
  let isToBegin = false;
  const self: BoundedConnection = {
    deadlineMs,
    config: connection.config,
    threadId: connection.threadId,
    connect: (callback) => callback?.(undefined),
    destroy: () => discard(connection),
    release: () => {
      self.deadlineMs = deadlineMs;
      isToBegin = false;
      connection.release();
    },
    query: (sql: string, parameters: unknown, callback?: QueryCallback) => {
      const isBegun = isToBegin;
      isToBegin = sql === BEGIN;
      // Nothing is begun on the server yet, so nothing is to end there either.
      if (isToBegin || (isBegun && (sql === COMMIT || sql === ROLLBACK))) {
        callback?.(undefined, []);
        return { stream: refuseStreams };
      }
      const answer = answerOnce(clock, self.deadlineMs, (error, result) => {
        if (error instanceof DeadlinePassed) discard(connection);
        callback?.(error, result as Parameters<QueryCallback>[1]);
      });
      connection.query(
        isBegun ? `${BEGIN}; ${sql}` : sql,
        parameters as QueryValues,
        (error: unknown, result: unknown) => {
          answer(error ?? undefined, isBegun ? withoutFirst(result) : result);
        },
      );
      return { stream: refuseStreams };
    },
  };
  return self;
}

/** Returns the results of a packet as if its first statement had not been there. */
function withoutFirst(results: unknown): unknown {
  if (!Array.isArray(results)) return results;
  const [, ...others] = results as readonly unknown[];
  return others.length === 1 ? others[0] : others;
}

function refuseStreams(): never {
  throw new Error('streaming results is not supported: read pages instead');
}

/** `destroy` alone only half-closes, and a server that hangs would keep the socket for ever. */
function discard(connection: PoolConnection): void {
  connection.destroy();
  const { stream } = connection as unknown as { readonly stream?: { destroy?(): void } };
  stream?.destroy?.();
}

/** Returns a function that hands its first call on, or nothing when the deadline came first; true if handed on. */
function answerOnce(
  clock: Clock,
  deadlineMs: number,
  callback: (error: unknown, value: unknown) => void,
): (error: unknown, value?: unknown) => boolean {
  let isAnswered = false;
  const cancel = clock.schedule(deadlineMs, () => {
    isAnswered = true;
    callback(new DeadlinePassed(`no answer within ${deadlineMs} ms`), undefined);
  });
  return (error, value) => {
    if (isAnswered) return false;
    isAnswered = true;
    cancel();
    callback(error, value);
    return true;
  };
}
