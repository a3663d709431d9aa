import { id, price, type SymbolName } from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';
import type { RedisConnection } from '#pkg/redis';

import type { PriceBoard } from './price-board.ts';

/** One field for each symbol, holding `<price> <ms>`. */
const DEFAULT_KEY = 'kraite:marks';

/** Returns the board that all boxes share: one hash, written whole by the market stream each second. */
export function createRedisPriceBoard(
  dependencies: { readonly redis: RedisConnection },
  options: { readonly key?: string } = {},
): PriceBoard {
  const { redis } = dependencies;
  const key = options.key ?? DEFAULT_KEY;
  return {
    write: async (ticks) => {
      if (ticks.length === 0) return;
      const fields: string[] = [];
      for (const { symbol, mark, atMs } of ticks) fields.push(symbol, `${mark} ${atMs}`);
      await redis.hset(key, ...fields);
    },
    find: async (symbol) => {
      const text = await redis.hget(key, symbol);
      return text === null ? undefined : decodeMark(symbol, text);
    },
    readAll: async () => {
      const marks = new Map<SymbolName, MarkPrice>();
      for (const [name, text] of Object.entries(await redis.hgetall(key))) {
        const mark = decodeMark(id(name), text);
        if (mark !== undefined) marks.set(mark.symbol, mark);
      }
      return marks;
    },
  };
}

function decodeMark(symbol: SymbolName, text: string): MarkPrice | undefined {
  const [value = '', at = ''] = text.split(' ');
  const atMs = Number(at);
  if (!/^\d+(?:\.\d+)?$/u.test(value) || !Number.isInteger(atMs)) return undefined;
  return { symbol, price: price(value), atMs };
}
