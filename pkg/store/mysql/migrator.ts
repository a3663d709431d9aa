/**
 * Brings the schema forward, never back.
 *
 * One migrator at a time by a named lock of the server; a second one waits and finds nothing to do. DDL is not
 * transactional, so a migration counts as applied only after its last statement, and runs again otherwise.
 */
import { SchemaVersionError, StoreUnavailableError } from '../errors.ts';
import type { MysqlDatabase, MysqlSession } from './database.ts';
import { MIGRATIONS, type Migration } from './migrations/index.ts';

export interface Migrated {
  /** Ids of the migrations that this run applied; empty when the schema was up to date. */
  readonly applied: readonly string[];
}

const LOCK_WAIT_SECONDS = 60;
/** Rebuilding a large table takes minutes. */
const DDL_MS_MAX = 30 * 60_000;
const READ_MS_MAX = 5_000;
const LOCK_NAME = "CONCAT('kraite-migrate-', LEFT(SHA2(DATABASE(), 256), 40))";

/**
 * Applies what is missing, in order. Safe to repeat and to run from several processes at once.
 *
 * Throws SchemaVersionError when the schema is newer than this release and does not suit it.
 */
export function migrate(
  database: MysqlDatabase,
  options: { readonly migrations?: readonly Migration[] } = {},
): Promise<Migrated> {
  const migrations = options.migrations ?? MIGRATIONS;
  return database.reserve({ deadlineMs: DDL_MS_MAX }, async (session) => {
    await takeLock(session);
    try {
      return await applyMissing(session, migrations);
    } finally {
      await session.query(`SELECT RELEASE_LOCK(${LOCK_NAME})`);
    }
  });
}

/** Resolves when the schema is the one of this release, or of a later one that suits it; else throws SchemaVersionError with what to run. */
export function assertSchema(
  database: MysqlDatabase,
  options: { readonly migrations?: readonly Migration[] } = {},
): Promise<void> {
  const migrations = options.migrations ?? MIGRATIONS;
  return database.reserve({ deadlineMs: READ_MS_MAX }, async (session) => {
    const applied = await readApplied(session);
    refuseNewer(applied, migrations);
    const missing = migrations.filter((migration) => !applied.has(migration.id));
    if (missing.length === 0) return;
    const names = missing.map((migration) => migration.id).join(', ');
    throw new SchemaVersionError({
      advice: `it is older, ${names} missing; run \`kraite migrate\` with this release`,
      fields: { missing: names },
    });
  });
}

async function takeLock(session: MysqlSession): Promise<void> {
  const rows = await session.query(`SELECT GET_LOCK(${LOCK_NAME}, ${LOCK_WAIT_SECONDS}) AS held`);
  if (rows[0]?.['held'] === 1) return;
  throw new StoreUnavailableError({
    fields: {
      problem: 'MigrationRuns',
      advice: `another migration has run for more than ${LOCK_WAIT_SECONDS} s; wait for it, then repeat`,
    },
  });
}

async function applyMissing(
  session: MysqlSession,
  migrations: readonly Migration[],
): Promise<Migrated> {
  const before = await readApplied(session);
  refuseNewer(before, migrations);
  await session.query(
    `CREATE TABLE IF NOT EXISTS schema_migrations (
       id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
       applied_at_ms BIGINT NOT NULL,
       suits_from VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
     ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  );
  if ((await session.query(HAS_SUITS_FROM)).length === 0) await session.query(ADD_SUITS_FROM);
  const applied: string[] = [];
  for (const [at, migration] of migrations.entries()) {
    if (before.has(migration.id)) continue;
    for (const statement of migration.statements) {
      if (typeof statement === 'string') await session.query(statement);
      else if ((await session.query(statement.unless)).length === 0) {
        await session.query(statement.run);
      }
    }
    await session.query(
      `INSERT INTO schema_migrations (id, applied_at_ms, suits_from)
       VALUES (?, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED), ?)`,
      [migration.id, migration.suitsFrom ?? migrations[at - 1]?.id ?? null],
    );
    applied.push(migration.id);
  }
  return { applied };
}

const HAS_SUITS_FROM = `SELECT 1 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'schema_migrations' AND column_name = 'suits_from'`;
const ADD_SUITS_FROM = `ALTER TABLE schema_migrations
  ADD COLUMN suits_from VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL`;

/** Applied migrations by id, each with the newest one that a release must know to run on it. */
type Applied = ReadonlyMap<string, string | undefined>;

async function readApplied(session: MysqlSession): Promise<Applied> {
  const tables = await session.query(
    `SELECT 1 FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name = 'schema_migrations'`,
  );
  if (tables.length === 0) return new Map();
  // All columns: a schema that an earlier release left has fewer.
  const rows = await session.query('SELECT * FROM schema_migrations');
  return new Map(
    rows.map((row) => {
      const { suits_from: suitsFrom } = row;
      return [String(row['id']), typeof suitsFrom === 'string' ? suitsFrom : undefined];
    }),
  );
}

function refuseNewer(applied: Applied, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.id));
  const unknown = [...applied]
    .filter(([name, suitsFrom]) => !known.has(name) && !known.has(suitsFrom ?? ''))
    .map(([name]) => name)
    .toSorted();
  if (unknown.length === 0) return;
  const names = unknown.join(', ');
  throw new SchemaVersionError({
    advice: `it is newer, ${names} unknown here; run the release that applied it, or a later one`,
    fields: { unknown: names },
  });
}
