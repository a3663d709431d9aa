import { CompiledQuery, sql } from 'kysely';

import type { Lease, LeaseFence, LeaseStore } from '../lease-store.ts';
import { databaseIn, untilMs } from './columns.ts';
import type { MysqlDatabase, Queries } from './database.ts';

/** Returns the leases of `database`, which is also whose clock decides. */
export function createMysqlLeaseStore(database: MysqlDatabase): LeaseStore {
  const find = async (name: string): Promise<Lease | undefined> => {
    const row = await database.run((queries) =>
      queries
        .selectFrom('leases')
        .select(['name', 'holder', 'epoch', untilMs('expires_at').as('remaining_ms')])
        .where('name', '=', name)
        .executeTakeFirst(),
    );
    if (row === undefined) return undefined;
    return {
      name: row.name,
      holder: row.holder,
      epoch: row.epoch,
      remainingMs: row.remaining_ms,
    };
  };
  return {
    find,
    acquire: async (name, holder, ttlMs) => {
      const epoch = await renew(database, name, holder, ttlMs);
      if (epoch !== undefined) return { name, holder, epoch, remainingMs: ttlMs };
      await take(database, name, holder, ttlMs);
      const lease = await find(name);
      if (lease === undefined || lease.holder !== holder || lease.remainingMs <= 0)
        return undefined;
      return lease;
    },
    release: async (name, holder) => {
      await database.run((queries) =>
        queries
          .updateTable('leases')
          .set({ expires_at: databaseIn(0) })
          .where('name', '=', name)
          .where('holder', '=', holder)
          .where(sql<boolean>`expires_at > NOW(3)`)
          .execute(),
      );
    },
  };
}

/** Prolongs a lease that stands, which is all that a holder asks for again and again; returns its epoch. */
async function renew(
  database: MysqlDatabase,
  name: string,
  holder: string,
  ttlMs: number,
): Promise<number | undefined> {
  const { numAffectedRows, insertId } = await database.run((queries) =>
    // The server answers with what LAST_INSERT_ID was given: no second statement asks for the epoch.
    sql`UPDATE leases SET epoch = LAST_INSERT_ID(epoch), expires_at = ${databaseIn(ttlMs)}
        WHERE name = ${name} AND holder = ${holder} AND expires_at > NOW(3)`.execute(queries),
  );
  return (numAffectedRows ?? 0n) > 0n && insertId !== undefined ? Number(insertId) : undefined;
}

/** Assignments run from left to right and see what those before them wrote: epoch, then holder, then expiry. */
async function take(
  database: MysqlDatabase,
  name: string,
  holder: string,
  ttlMs: number,
): Promise<void> {
  const expiry = databaseIn(ttlMs);
  await database.run((queries) =>
    sql`INSERT INTO leases (name, holder, epoch, expires_at)
        VALUES (${name}, ${holder}, 1, ${expiry})
        ON DUPLICATE KEY UPDATE
          epoch = IF(expires_at <= NOW(3), epoch + 1, epoch),
          holder = IF(expires_at <= NOW(3), ${holder}, holder),
          expires_at = IF(holder = ${holder}, ${expiry}, expires_at)`.execute(queries),
  );
}

/**
 * Tells which of these leases are held, and keeps it so until the transaction of `queries` ends: nobody else gets one before.
 *
 * Asked after every lock that may be waited for, so that a renewal is never kept waiting by more than the rest of a commit.
 */
export async function holdLeases(
  queries: Queries,
  leases: readonly LeaseFence[],
): Promise<(lease: LeaseFence) => boolean> {
  const names = [...new Set(leases.map(({ name }) => name))];
  if (names.length === 0) return () => false;
  const { rows } = await queries.executeQuery<LeaseFence>(
    CompiledQuery.raw(
      `SELECT name, holder, epoch FROM leases
       WHERE name IN (${names.map(() => '?').join(', ')}) AND expires_at > NOW(3) ORDER BY name
       LOCK IN SHARE MODE`,
      names,
    ),
  );
  return ({ name, holder, epoch }) =>
    rows.some((row) => row.name === name && row.holder === holder && row.epoch === epoch);
}
