import { sql } from 'kysely';

import { id, type Position, type PositionId } from '#pkg/domain';
import { StoreConflictError } from '../errors.ts';
import {
  advancedPosition,
  isOpenPosition,
  isSameIntent,
  newPosition,
  storedChanges,
} from '../rules/position-rules.ts';
import type { NewPosition, OpenCount, PositionStore } from '../position-store.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import { createKnownRows } from './known-rows.ts';
import { findDuplicateKey } from './mysql-errors.ts';
import { readPosition, writePosition, writePositionChanges } from './position-rows.ts';

type Created = Awaited<ReturnType<PositionStore['create']>>;
type Advanced = Awaited<ReturnType<PositionStore['advance']>>;

/** Returns the positions of `database`. */
export function createMysqlPositionStore(database: MysqlDatabase): PositionStore {
  const known = createKnownRows<Position>((position) => !isOpenPosition(position));
  return {
    create: (position) => create(database, position),
    find: async (positionId) => {
      const position = await database.run((queries) => find(queries, positionId));
      if (position !== undefined) known.keep(position);
      return position;
    },
    listOpen: (filter) => listOpen(database, filter ?? {}),
    countOpen: () => countOpen(database),
    list: (options) => list(database, options),
    advance: (positionId, event, options) =>
      advance({ database, guess: known.take(positionId) }, positionId, event, options),
    update: async (positionId, changes, nowMs) => {
      known.take(positionId);
      await database.run((queries) =>
        queries
          .updateTable('positions')
          .set({ ...writePositionChanges(storedChanges(changes)), updated_at_ms: nowMs })
          .where('id', '=', positionId)
          .execute(),
      );
    },
  };
}

async function create(database: MysqlDatabase, taken: NewPosition): Promise<Created> {
  const position = newPosition(taken);
  const violated = await database.run(async (queries) => {
    try {
      await queries.insertInto('positions').values(writePosition(position)).execute();
      return undefined;
    } catch (error) {
      const key = findDuplicateKey(error);
      if (key === undefined) throw error;
      return key;
    }
  });
  if (violated === undefined) return { kind: 'created', position };
  if (violated === 'positions_pair') return { kind: 'refused', reason: 'PairAlreadyHeld' };
  if (violated === 'positions_slot') return { kind: 'refused', reason: 'NoFreeSlot' };
  const standing = await database.run((queries) => find(queries, position.id));
  if (standing !== undefined && isSameIntent(standing, position)) {
    return { kind: 'created', position: standing };
  }
  throw new StoreConflictError({ fields: { key: violated, positionId: position.id } });
}

async function find(queries: Queries, positionId: PositionId): Promise<Position | undefined> {
  const row = await queries
    .selectFrom('positions')
    .selectAll()
    .where('id', '=', positionId)
    .executeTakeFirst();
  return row === undefined ? undefined : readPosition(row);
}

/** So often a row may have changed between reading and writing it; then it is locked first. */
const UNLOCKED_TRIES = 3;

/** As `changeOrder`: by what is known if that is a move, else by what is read; under the guard that the row is still that. */
async function advance(
  { database, guess }: { readonly database: MysqlDatabase; readonly guess: Position | undefined },
  ...[positionId, event, options]: Parameters<PositionStore['advance']>
): Promise<Advanced> {
  const guessed = guess === undefined ? undefined : advancedPosition(guess, event, options);
  if (guess !== undefined && guessed !== undefined) {
    if (await writeOver(database, { before: guess, after: guessed }, options)) {
      return { kind: 'moved', position: guessed, from: guess.status };
    }
  }
  for (let attempt = 1; attempt <= UNLOCKED_TRIES; attempt += 1) {
    const before = await database.run((queries) => find(queries, positionId));
    if (before === undefined) return { kind: 'refused', status: undefined };
    const after = advancedPosition(before, event, options);
    if (after === undefined) return { kind: 'refused', status: before.status };
    if (await writeOver(database, { before, after }, options)) {
      return { kind: 'moved', position: after, from: before.status };
    }
  }
  return database.transact((queries) => advanceLocked(queries, positionId, event, options));
}

/** False when the row is not as it was `before` any more. */
async function writeOver(
  database: MysqlDatabase,
  { before, after }: { readonly before: Position; readonly after: Position },
  options: Parameters<PositionStore['advance']>[2],
): Promise<boolean> {
  const written = await database.run((queries) =>
    queries
      .updateTable('positions')
      .set(writeAdvance(after, options))
      .where('id', '=', before.id)
      .where('status', '=', before.status)
      .where('updated_at_ms', '=', before.updatedAtMs)
      .executeTakeFirst(),
  );
  return written.numUpdatedRows > 0;
}

function writeAdvance(after: Position, options: Parameters<PositionStore['advance']>[2]) {
  return {
    ...writePositionChanges(storedChanges(options.changes ?? {})),
    status: after.status,
    updated_at_ms: after.updatedAtMs,
  };
}

async function advanceLocked(
  queries: Queries,
  positionId: PositionId,
  event: Parameters<PositionStore['advance']>[1],
  options: Parameters<PositionStore['advance']>[2],
): Promise<Advanced> {
  const row = await queries
    .selectFrom('positions')
    .selectAll()
    .where('id', '=', positionId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return { kind: 'refused', status: undefined };
  const before = readPosition(row);
  const after = advancedPosition(before, event, options);
  if (after === undefined) return { kind: 'refused', status: before.status };
  await queries
    .updateTable('positions')
    .set(writeAdvance(after, options))
    .where('id', '=', positionId)
    .execute();
  return { kind: 'moved', position: after, from: before.status };
}

async function listOpen(
  database: MysqlDatabase,
  filter: NonNullable<Parameters<PositionStore['listOpen']>[0]>,
): Promise<readonly Position[]> {
  const rows = await database.run((queries) => {
    let open = queries.selectFrom('positions').selectAll().where('is_open', '=', 1);
    if (filter.accountId !== undefined) open = open.where('account_id', '=', filter.accountId);
    if (filter.symbol !== undefined) open = open.where('symbol', '=', filter.symbol);
    return open.orderBy('created_at_ms').orderBy('id').execute();
  });
  return rows.map(readPosition);
}

async function countOpen(database: MysqlDatabase): Promise<readonly OpenCount[]> {
  const rows = await database.run((queries) =>
    queries
      .selectFrom('positions')
      .select(['account_id', 'direction'])
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .select(
        sql<number>`CAST(SUM(IFNULL(quantity, 0) > 0 AND stop_price IS NULL) AS SIGNED)`.as('bare'),
      )
      .where('is_open', '=', 1)
      .groupBy(['account_id', 'direction'])
      .execute(),
  );
  return rows.map((row) => ({
    accountId: id(row.account_id),
    direction: row.direction as OpenCount['direction'],
    count: row.count,
    unprotected: row.bare,
  }));
}

async function list(
  database: MysqlDatabase,
  options: Parameters<PositionStore['list']>[0],
): Promise<readonly Position[]> {
  const rows = await database.run((queries) => {
    const all = queries.selectFrom('positions').selectAll();
    const chosen =
      options.accountId === undefined ? all : all.where('account_id', '=', options.accountId);
    return chosen
      .orderBy('created_at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(options.limit)
      .execute();
  });
  return rows.map(readPosition);
}
