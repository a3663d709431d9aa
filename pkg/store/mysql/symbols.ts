import { sql, type Insertable, type Selectable } from 'kysely';

import {
  id,
  notional,
  type LeverageBracket,
  type SymbolName,
  type TradedSymbol,
  type VenueSymbol,
} from '#pkg/domain';
import type { SymbolStore } from '../store.ts';
import {
  inBatches,
  orNull,
  orUndefined,
  readAmount,
  readJson,
  replacing,
  writeAmount,
  writeFlag,
} from './columns.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import type { SymbolsTable } from './tables.ts';

const BATCH_ROWS = 200;

/** What the venue says; direction, reason and brackets are ours. */
const VENUE_COLUMNS = [
  'base_asset',
  'quote_asset',
  'is_trading',
  'onboard_at_ms',
  'delivers_at_ms',
  'tick_size',
  'price_min',
  'price_max',
  'step_size',
  'quantity_min',
  'quantity_max',
  'market_step_size',
  'market_quantity_min',
  'market_quantity_max',
  'notional_min',
  'updated_at_ms',
] as const satisfies readonly (keyof SymbolsTable)[];

/** Returns the symbols of `database`. */
export function createMysqlSymbolStore(database: MysqlDatabase): SymbolStore {
  return {
    saveVenueSymbols: (symbols, nowMs) =>
      database.transact((queries) => saveVenueSymbols(queries, symbols, nowMs)),
    saveBrackets: async (brackets, nowMs) => {
      for (const batch of inBatches([...brackets], BATCH_ROWS)) {
        await database.run((queries) => saveBrackets(queries, batch, nowMs));
      }
    },
    saveDirection: async (symbol, conclusion) => {
      await database.run((queries) =>
        queries
          .updateTable('symbols')
          .set({
            direction: orNull(conclusion.direction),
            direction_timeframe: orNull(conclusion.timeframe),
            direction_at_ms: conclusion.atMs,
            reason: orNull(conclusion.reason),
          })
          .where('symbol', '=', symbol)
          .execute(),
      );
    },
    find: async (symbol) => {
      const row = await database.run((queries) =>
        queries.selectFrom('symbols').selectAll().where('symbol', '=', symbol).executeTakeFirst(),
      );
      return row === undefined ? undefined : readSymbol(row);
    },
    list: async () => {
      const rows = await database.run((queries) =>
        queries.selectFrom('symbols').selectAll().orderBy('symbol').execute(),
      );
      return rows.map(readSymbol);
    },
  };
}

async function saveVenueSymbols(
  queries: Queries,
  symbols: readonly VenueSymbol[],
  nowMs: number,
): Promise<void> {
  for (const batch of inBatches(symbols, BATCH_ROWS)) {
    await queries
      .insertInto('symbols')
      .values(batch.map((symbol) => writeSymbol(symbol, nowMs)))
      .onDuplicateKeyUpdate(replacing(VENUE_COLUMNS))
      .execute();
  }
  const names = symbols.map((symbol) => symbol.rules.symbol);
  const delisted = queries
    .updateTable('symbols')
    .set({ is_trading: 0, updated_at_ms: nowMs })
    .where('is_trading', '=', 1);
  await (names.length === 0 ? delisted : delisted.where('symbol', 'not in', names)).execute();
}

/** One statement for many rows: brackets belong to symbols that exist; others are left out. */
async function saveBrackets(
  queries: Queries,
  brackets: readonly (readonly [SymbolName, readonly LeverageBracket[]])[],
  nowMs: number,
): Promise<void> {
  const choices = brackets.map(
    ([symbol, rows]) => sql`WHEN ${symbol} THEN ${JSON.stringify(rows)}`,
  );
  await queries
    .updateTable('symbols')
    .set({
      brackets: sql<string>`CASE symbol ${sql.join(choices, sql` `)} ELSE brackets END`,
      updated_at_ms: nowMs,
    })
    .where(
      'symbol',
      'in',
      brackets.map(([symbol]) => symbol),
    )
    .execute();
}

function writeSymbol(symbol: VenueSymbol, nowMs: number): Insertable<SymbolsTable> {
  const { rules } = symbol;
  return {
    symbol: rules.symbol,
    base_asset: symbol.baseAsset,
    quote_asset: symbol.quoteAsset,
    is_trading: writeFlag(symbol.isTrading),
    onboard_at_ms: symbol.onboardAtMs,
    delivers_at_ms: orNull(symbol.deliversAtMs),
    tick_size: writeAmount(rules.tickSize),
    price_min: writeAmount(rules.priceMin),
    price_max: writeAmount(rules.priceMax),
    step_size: writeAmount(rules.stepSize),
    quantity_min: writeAmount(rules.quantityMin),
    quantity_max: writeAmount(rules.quantityMax),
    market_step_size: writeAmount(rules.marketStepSize),
    market_quantity_min: writeAmount(rules.marketQuantityMin),
    market_quantity_max: writeAmount(rules.marketQuantityMax),
    notional_min: writeAmount(rules.notionalMin),
    brackets: '[]',
    direction: null,
    direction_timeframe: null,
    direction_at_ms: null,
    reason: null,
    updated_at_ms: nowMs,
  };
}

function readSymbol(row: Selectable<SymbolsTable>): TradedSymbol {
  return {
    rules: {
      symbol: id(row.symbol),
      tickSize: readAmount(row.tick_size),
      priceMin: readAmount(row.price_min),
      priceMax: readAmount(row.price_max),
      stepSize: readAmount(row.step_size),
      quantityMin: readAmount(row.quantity_min),
      quantityMax: readAmount(row.quantity_max),
      marketStepSize: readAmount(row.market_step_size),
      marketQuantityMin: readAmount(row.market_quantity_min),
      marketQuantityMax: readAmount(row.market_quantity_max),
      notionalMin: readAmount(row.notional_min),
    },
    baseAsset: row.base_asset,
    quoteAsset: row.quote_asset,
    isTrading: row.is_trading === 1,
    onboardAtMs: row.onboard_at_ms,
    deliversAtMs: orUndefined(row.delivers_at_ms),
    brackets: readBrackets(row.brackets),
    direction: orUndefined(row.direction) as TradedSymbol['direction'],
    directionTimeframe: orUndefined(row.direction_timeframe) as TradedSymbol['directionTimeframe'],
    directionAtMs: orUndefined(row.direction_at_ms),
    reason: orUndefined(row.reason) as TradedSymbol['reason'],
    updatedAtMs: row.updated_at_ms,
  };
}

type BracketText = Omit<LeverageBracket, 'notionalFloor' | 'notionalCap'> & {
  readonly notionalFloor: string;
  readonly notionalCap: string;
};

function readBrackets(text: string): readonly LeverageBracket[] {
  return readJson<readonly BracketText[]>(text).map((bracket) => ({
    ...bracket,
    notionalFloor: notional(bracket.notionalFloor),
    notionalCap: notional(bracket.notionalCap),
  }));
}
