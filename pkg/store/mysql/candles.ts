import type { Candle, SymbolName, Timeframe } from '#pkg/domain';
import type { CandleStore } from '../store.ts';
import { inBatches, replacing } from './columns.ts';
import type { MysqlDatabase } from './database.ts';

const BATCH_ROWS = 750;

/** Returns the candles of `database`. */
export function createMysqlCandleStore(database: MysqlDatabase): CandleStore {
  return {
    save: async (symbol, timeframe, candles) => {
      for (const batch of inBatches(candles, BATCH_ROWS)) {
        await saveBatch(database, symbol, timeframe, batch);
      }
    },
    list: async (symbol, timeframe, limit) => {
      const rows = await database.run((queries) =>
        queries
          .selectFrom('candles')
          .select(['open_at_ms', 'open', 'high', 'low', 'close', 'volume'])
          .where('symbol', '=', symbol)
          .where('timeframe', '=', timeframe)
          .orderBy('open_at_ms', 'desc')
          .limit(limit)
          .execute(),
      );
      return rows
        .map(({ open_at_ms: openAtMs, ...values }) => ({ openAtMs, ...values }))
        .toReversed();
    },
    prune: (keep) => prune(database, keep),
  };
}

async function saveBatch(
  database: MysqlDatabase,
  symbol: SymbolName,
  timeframe: Timeframe,
  candles: readonly Candle[],
): Promise<void> {
  const rows = candles.map(({ openAtMs, open, high, low, close, volume }) => ({
    symbol,
    timeframe,
    open_at_ms: openAtMs,
    open,
    high,
    low,
    close,
    volume,
  }));
  await database.run((queries) =>
    queries
      .insertInto('candles')
      .values(rows)
      .onDuplicateKeyUpdate(replacing(['open', 'high', 'low', 'close', 'volume']))
      .execute(),
  );
}

/** Each series on its own, from the first candle that is too old: safe to repeat and to run twice at once. */
async function prune(database: MysqlDatabase, keep: number): Promise<number> {
  const series = await database.run((queries) =>
    queries
      .selectFrom('candles')
      .select(['symbol', 'timeframe'])
      .groupBy(['symbol', 'timeframe'])
      .having((expression) => expression.fn.countAll<number>(), '>', keep)
      .execute(),
  );
  let removed = 0;
  for (const { symbol, timeframe } of series) {
    const doomed = await database.run((queries) =>
      queries
        .selectFrom('candles')
        .select('open_at_ms')
        .where('symbol', '=', symbol)
        .where('timeframe', '=', timeframe)
        .orderBy('open_at_ms', 'desc')
        .limit(1)
        .offset(keep)
        .executeTakeFirst(),
    );
    if (doomed === undefined) continue;
    const result = await database.run((queries) =>
      queries
        .deleteFrom('candles')
        .where('symbol', '=', symbol)
        .where('timeframe', '=', timeframe)
        .where('open_at_ms', '<=', doomed.open_at_ms)
        .executeTakeFirst(),
    );
    removed += Number(result.numDeletedRows);
  }
  return removed;
}
