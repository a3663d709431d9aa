/**
 * One step forward of the schema.
 *
 * DDL commits by itself, so a migration that a crash cut short runs again from its first statement: every
 * statement must be safe to repeat (`IF NOT EXISTS`, guarded updates). It must also suit the release before,
 * which still runs while the new one starts; what that one needs is removed one release later.
 */
export interface Migration {
  /** Number and name, for example `0001-trade`: the order, and the row in `schema_migrations`. */
  readonly id: string;
  readonly statements: readonly (string | GuardedStatement)[];
  /**
   * The newest migration that a release must know to run on the schema as this one leaves it; the one before by default. A
   * release that brings several names the last one of the release before it in each.
   */
  readonly suitsFrom?: string;
}

/** For what no server lets one repeat by itself, as a new index: left out when `unless` finds a row. */
export interface GuardedStatement {
  readonly unless: string;
  readonly run: string;
}

/** Ending of every CREATE TABLE: bytes compare as bytes, on every server alike. */
export const TABLE_OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

/** Our own ids, hashes and words: ASCII, compared by byte. */
export function ascii(length: number): string {
  return `VARCHAR(${length}) CHARACTER SET ascii COLLATE ascii_bin`;
}

/** Money, prices and quantities: 18 digits before the point and 18 after it. */
export const AMOUNT = 'DECIMAL(36,18)';
