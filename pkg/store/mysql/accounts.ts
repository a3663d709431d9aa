import { sql, type Selectable } from 'kysely';

import { id, type Account, type AccountChange } from '#pkg/domain';
import { StoreConflictError } from '../errors.ts';
import { storedAmountText } from '../rules/amount.ts';
import type { AccountStore } from '../account-store.ts';
import { orUndefined, readJson, writeFlag } from './columns.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import { findDuplicateKey } from './mysql-errors.ts';
import type { AccountChangesTable, AccountsTable } from './tables.ts';

/** Returns the accounts of `database`. */
export function createMysqlAccountStore(database: MysqlDatabase): AccountStore {
  return {
    save: (account) => database.transact((queries) => save(queries, account)),
    find: async (accountId) => {
      const row = await database.run((queries) =>
        queries.selectFrom('accounts').selectAll().where('id', '=', accountId).executeTakeFirst(),
      );
      return row === undefined ? undefined : readAccount(row);
    },
    findByName: (name) => database.run((queries) => findByName(queries, name)),
    list: async () => {
      const rows = await database.run((queries) =>
        queries.selectFrom('accounts').selectAll().orderBy('name').execute(),
      );
      return rows.map(readAccount);
    },
    saveSettings: async (accountId, settings) => {
      await database.run((queries) =>
        queries
          .updateTable('accounts')
          .set({ settings: JSON.stringify(settings) })
          .where('id', '=', accountId)
          .execute(),
      );
    },
    change: (change) => database.transact((queries) => writeChange(queries, change)),
    listChanges: async (accountId, limit) => {
      const rows = await database.run((queries) =>
        queries
          .selectFrom('account_changes')
          .selectAll()
          .where('account_id', '=', accountId)
          .orderBy('number', 'desc')
          .limit(limit)
          .execute(),
      );
      return rows.map(readChange);
    },
    saveBalance: async (accountId, balance) => {
      await database.run((queries) =>
        queries
          .updateTable('accounts')
          .set({
            balance_usdt: storedAmountText(balance.balanceUsdt),
            available_usdt: storedAmountText(balance.availableUsdt),
            balance_at_ms: balance.atMs,
          })
          .where('id', '=', accountId)
          .where(sql<boolean>`COALESCE(balance_at_ms, 0) <= ${balance.atMs}`)
          .execute(),
      );
    },
  };
}

async function save(
  queries: Queries,
  account: Parameters<AccountStore['save']>[0],
): Promise<Account> {
  const columns = {
    venue: account.venue,
    api_key: account.apiKey,
    sealed_secret: account.sealedSecret,
    is_trading_on: writeFlag(account.isTradingOn),
    settings: JSON.stringify(account.settings),
  };
  try {
    await queries
      .insertInto('accounts')
      .values({
        id: account.id,
        name: account.name,
        created_at_ms: account.createdAtMs,
        ...columns,
      })
      .execute();
  } catch (error) {
    if (findDuplicateKey(error) === undefined) throw error;
    await queries.updateTable('accounts').set(columns).where('name', '=', account.name).execute();
  }
  const saved = await findByName(queries, account.name);
  if (saved !== undefined) return saved;
  throw new StoreConflictError({
    fields: { problem: 'another account has this id', accountId: account.id, name: account.name },
  });
}

type Change = Parameters<AccountStore['change']>[0];

/** The primary key decides who was first; the row follows in the same transaction. */
async function writeChange(
  queries: Queries,
  { accountId, after, kind, who, why, atMs, set }: Change,
): Promise<'changed' | 'conflict'> {
  const { settings, apiKey, sealedSecret, isTradingOn } = set;
  const settingsText = settings === undefined ? undefined : JSON.stringify(settings);
  try {
    await queries
      .insertInto('account_changes')
      .values({
        account_id: accountId,
        number: after + 1,
        kind,
        who,
        why,
        at_ms: atMs,
        settings: settingsText ?? null,
      })
      .execute();
  } catch (error) {
    if (findDuplicateKey(error) === undefined) throw error;
    return 'conflict';
  }
  const columns = {
    ...(settingsText === undefined ? {} : { settings: settingsText }),
    ...(apiKey === undefined ? {} : { api_key: apiKey }),
    ...(sealedSecret === undefined ? {} : { sealed_secret: sealedSecret }),
    ...(isTradingOn === undefined ? {} : { is_trading_on: writeFlag(isTradingOn) }),
  };
  if (Object.keys(columns).length > 0) {
    await queries.updateTable('accounts').set(columns).where('id', '=', accountId).execute();
  }
  return 'changed';
}

function readChange(row: Selectable<AccountChangesTable>): AccountChange {
  return {
    accountId: id(row.account_id),
    number: row.number,
    kind: row.kind as AccountChange['kind'],
    who: row.who,
    why: row.why,
    atMs: row.at_ms,
    settings: row.settings === null ? undefined : readJson(row.settings),
  };
}

async function findByName(queries: Queries, name: string): Promise<Account | undefined> {
  const row = await queries
    .selectFrom('accounts')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst();
  return row === undefined ? undefined : readAccount(row);
}

function readAccount(row: Selectable<AccountsTable>): Account {
  return {
    id: id(row.id),
    name: row.name,
    venue: row.venue as Account['venue'],
    apiKey: row.api_key,
    sealedSecret: row.sealed_secret,
    isTradingOn: row.is_trading_on === 1,
    settings: readJson(row.settings),
    balanceUsdt: row.balance_usdt === null ? undefined : storedAmountText(row.balance_usdt),
    availableUsdt: row.available_usdt === null ? undefined : storedAmountText(row.available_usdt),
    balanceAtMs: orUndefined(row.balance_at_ms),
    createdAtMs: row.created_at_ms,
  };
}
