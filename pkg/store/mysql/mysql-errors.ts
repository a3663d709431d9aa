/**
 * Translates what mysql2 and the server say, once; above this file nobody reads a number or a message.
 *
 * Numbers are those of MySQL 8.4/9 and MariaDB 10.11 (`perror`, errmsg reference); where both define one,
 * they agree.
 */
import { FleetError, toError } from '#pkg/base';
import { SchemaVersionError, StoreConflictError, StoreUnavailableError } from '../errors.ts';

const DUPLICATE_ENTRY = 1062;
/** Lock wait timeout, deadlock, and MariaDB's "record has changed since last read": safe to run again. */
const REPEATABLE = new Set([1205, 1213, 1020]);
/** No such table, unknown column, table definition changed. */
const SCHEMA = new Set([1146, 1054, 1412]);

const ADVICE: Readonly<Record<string, string>> = {
  AccessDenied: 'check the user and the password in KRAITE_MYSQL_URL',
  ConnectionLost: 'is the server running, and are host and port in KRAITE_MYSQL_URL right?',
  DiskFull: 'free space on the disk of the database',
  NoAnswer: 'the server accepted the connection and does not answer; look at its load and its log',
  ReadOnly: 'the server refuses writes: is it a replica or in maintenance?',
  TooManyConnections: 'raise max_connections, or run fewer processes',
  UnknownDatabase: 'create the database that KRAITE_MYSQL_URL names, or run `kraite migrate`',
};

/** Server numbers after which the same statement may work later. */
const UNAVAILABLE: Readonly<Record<number, string>> = {
  1021: 'DiskFull',
  1114: 'DiskFull',
  1030: 'DiskFull',
  1040: 'TooManyConnections',
  1203: 'TooManyConnections',
  1226: 'TooManyConnections',
  1041: 'OutOfMemory',
  1037: 'OutOfMemory',
  1044: 'AccessDenied',
  1045: 'AccessDenied',
  1130: 'AccessDenied',
  1142: 'AccessDenied',
  1698: 'AccessDenied',
  1049: 'UnknownDatabase',
  1053: 'ShuttingDown',
  1077: 'ShuttingDown',
  1079: 'ShuttingDown',
  1152: 'ConnectionLost',
  1158: 'ConnectionLost',
  1159: 'ConnectionLost',
  1160: 'ConnectionLost',
  1161: 'ConnectionLost',
  1317: 'Interrupted',
  1927: 'ConnectionLost',
  4031: 'ConnectionLost',
  1205: 'Contended',
  1213: 'Contended',
  1020: 'Contended',
  1290: 'ReadOnly',
  1792: 'ReadOnly',
  1836: 'ReadOnly',
  3100: 'ReadOnly',
  3101: 'Contended',
};

interface DriverError {
  readonly errno: number | undefined;
  readonly code: string;
  readonly text: string;
  readonly fatal: boolean;
}

/** Raised by this adapter itself when the deadline of a connection or a statement has passed. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/** True when the transaction was rolled back by the server for contention and may run again. */
export function isRepeatable(error: unknown): boolean {
  const read = readDriverError(error);
  return read?.errno !== undefined && REPEATABLE.has(read.errno);
}

/** Returns the name of the unique key that a write violated (`PRIMARY` included), else undefined. */
export function findDuplicateKey(error: unknown): string | undefined {
  const read = readDriverError(error);
  if (read?.errno !== DUPLICATE_ENTRY) return undefined;
  // MySQL says 'table.key', MariaDB 'key'.
  return /for key '(?:[^'.]+\.)?([^']+)'$/.exec(read.text)?.[1] ?? '';
}

/** Returns the error of the port for what the driver threw; anything else comes back as it is. */
export function translateError(thrown: unknown): Error {
  const read = readDriverError(thrown);
  if (read === undefined) return toError(thrown);
  const cause = toError(thrown);
  // mysql2 hangs the whole statement on the error, values included: nothing for a log.
  Reflect.deleteProperty(cause, 'sql');
  const fields = { code: read.code, errno: read.errno };
  if (read.errno !== undefined && SCHEMA.has(read.errno)) {
    const advice = 'a table or column is missing; run `kraite migrate` on this database';
    return new SchemaVersionError({ cause, fields, advice });
  }
  const problem = problemOf(thrown, read);
  if (problem === undefined) return new StoreConflictError({ cause, fields });
  return new StoreUnavailableError({
    cause,
    fields: { ...fields, problem, advice: ADVICE[problem] },
  });
}

function problemOf(thrown: unknown, read: DriverError): string | undefined {
  if (thrown instanceof DeadlinePassed) return 'NoAnswer';
  // Access denied to the whole database (1044/1045/1049) arrives with `fatal` too: numbers first.
  if (read.errno !== undefined && read.errno > 0) {
    return UNAVAILABLE[read.errno] ?? (read.fatal ? 'ConnectionLost' : undefined);
  }
  return 'ConnectionLost';
}

function readDriverError(thrown: unknown): DriverError | undefined {
  if (!(thrown instanceof Error) || thrown instanceof FleetError) return undefined;
  if (thrown instanceof DeadlinePassed) {
    return { errno: undefined, code: 'DEADLINE', text: thrown.message, fatal: true };
  }
  const { errno, code, fatal, sqlMessage } = thrown as Error & {
    readonly errno?: unknown;
    readonly code?: unknown;
    readonly fatal?: unknown;
    readonly sqlMessage?: unknown;
  };
  const isDriver = typeof code === 'string' || fatal === true || isPoolClosed(thrown);
  if (!isDriver || (typeof code === 'string' && code.startsWith('ERR_'))) return undefined;
  return {
    errno: typeof errno === 'number' ? errno : undefined,
    code: typeof code === 'string' ? code : 'CLOSED',
    text: typeof sqlMessage === 'string' ? sqlMessage : thrown.message,
    fatal: fatal === true,
  };
}

/** mysql2 gives this one neither number nor code. */
function isPoolClosed(error: Error): boolean {
  return error.message === 'Pool is closed.';
}
