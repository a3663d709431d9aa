/** Between values of the domain and what columns hold. NULL is undefined, nothing else is. */
import { sql, type RawBuilder } from 'kysely';

import { Decimal } from '#pkg/base';
import type { Notional, Price, Quantity } from '#pkg/domain';

type Amount = Price | Quantity | Notional;

export function writeAmount(value: Amount): string;
export function writeAmount(value: Amount | undefined): string | null;
export function writeAmount(value: Amount | undefined): string | null {
  return value === undefined ? null : value.toFixed();
}

export function readAmount<T extends Amount>(text: string): T {
  return new Decimal(text) as T;
}

export function readOptionalAmount<T extends Amount>(text: string | null): T | undefined {
  return text === null ? undefined : readAmount<T>(text);
}

export function orNull<T>(value: T | undefined): T | null {
  return value ?? null;
}

export function orUndefined<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

export function writeFlag(flag: boolean): number {
  return flag ? 1 : 0;
}

/** Parses JSON text that this store wrote. */
export function readJson<T>(text: string): T {
  return JSON.parse(text) as T;
}

/** In ON DUPLICATE KEY UPDATE: the value that the insert would have written. Both servers know this form. */
export function inserted<T>(column: string): RawBuilder<T> {
  return sql<T>`VALUES(${sql.ref(column)})`;
}

/** `column = VALUES(column)` for each of `columns`. */
export function replacing(columns: readonly string[]): Record<string, RawBuilder<never>> {
  return Object.fromEntries(columns.map((column) => [column, inserted<never>(column)]));
}

/** The database's own clock. */
export const DATABASE_NOW = sql<string>`NOW(3)`;

/** The database's own clock, `ms` from now. */
export function databaseIn(ms: number): RawBuilder<string> {
  return sql<string>`NOW(3) + INTERVAL ${Math.round(ms * 1000)} MICROSECOND`;
}

/** A DATETIME(3) column as ms since 1970. */
export function instantMs(column: string): RawBuilder<number> {
  return sql<number>`CAST(UNIX_TIMESTAMP(${sql.ref(column)}) * 1000 AS SIGNED)`;
}

/** Milliseconds from now until a DATETIME(3) column, by the database's clock; negative when it has passed. */
export function untilMs(column: string): RawBuilder<number> {
  return sql<number>`TIMESTAMPDIFF(MICROSECOND, NOW(3), ${sql.ref(column)}) DIV 1000`;
}

/** Splits `rows` so that one statement stays far below the packet limit. */
export function inBatches<T>(rows: readonly T[], size: number): readonly (readonly T[])[] {
  const batches: (readonly T[])[] = [];
  for (let start = 0; start < rows.length; start += size) {
    batches.push(rows.slice(start, start + size));
  }
  return batches;
}
