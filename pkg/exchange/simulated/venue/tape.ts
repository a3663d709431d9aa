/**
 * The public tape of a symbol: one trade of the market with itself in each second, and customers' trades
 * between them.
 *
 * The market's own trade follows from (symbol, second) alone, so the tape of any hour can be read without
 * having been written. Ids rise with time: the second, then the place in it. Two halves of one trade of two
 * customers are one print.
 */
import { Decimal } from '#pkg/base';
import { MINUTE_TURNOVER } from '../market/candle-store.ts';
import { hashAt, hashText, uniformAt } from '../market/noise.ts';
import type { TradeRow } from './rows.ts';
import { listedSymbol, TRADE_IDS_PER_SECOND, type World } from './world.ts';

const SECOND_MS = 1_000;

export interface Print {
  readonly id: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** The seller took what a buyer had left resting. */
  readonly isBuyerMaker: boolean;
  readonly atMs: number;
}

/** Prints that stand for one taker at one instant, price and side. */
export interface Aggregate extends Print {
  readonly lastId: number;
}

/** Returns when the print of an id was made, to the second. */
export function secondOf(id: number): number {
  return Math.floor(id / TRADE_IDS_PER_SECOND) * SECOND_MS;
}

/** Returns the prints of [fromMs, toMs], oldest first. */
export function printsBetween(
  world: World,
  symbol: string,
  fromMs: number,
  toMs: number,
): readonly Print[] {
  const prints = new Map<number, Print>();
  const end = Math.min(toMs, world.nowMs);
  for (let atMs = Math.ceil(fromMs / SECOND_MS) * SECOND_MS; atMs <= end; atMs += SECOND_MS) {
    const print = marketPrint(world, symbol, atMs);
    prints.set(print.id, print);
  }
  for (const trade of world.state.tradesIn(symbol)) {
    if (trade.atMs >= fromMs && trade.atMs <= end) prints.set(trade.tradeId, printOf(trade));
  }
  return [...prints.values()].toSorted((one, other) => one.id - other.id);
}

/** Returns the last `count` prints up to now. */
export function newestPrints(world: World, symbol: string, count: number): readonly Print[] {
  const fromMs = world.nowMs - count * SECOND_MS;
  return printsBetween(world, symbol, fromMs, world.nowMs).slice(-count);
}

/** Adds up neighbouring prints of one instant, price and side. */
export function aggregate(prints: readonly Print[]): readonly Aggregate[] {
  const rows: Aggregate[] = [];
  for (const print of prints) {
    const last = rows.at(-1);
    const isSame =
      last !== undefined &&
      last.atMs === print.atMs &&
      last.isBuyerMaker === print.isBuyerMaker &&
      last.price.eq(print.price);
    if (isSame) {
      rows[rows.length - 1] = {
        ...last,
        quantity: last.quantity.plus(print.quantity),
        lastId: print.id,
      };
    } else {
      rows.push({ ...print, lastId: print.id });
    }
  }
  return rows;
}

function marketPrint(world: World, symbol: string, atMs: number): Print {
  const listed = listedSymbol(world, symbol);
  const second = atMs / SECOND_MS;
  const seed = hashText(symbol);
  const last = world.market.lastPriceAt(symbol, atMs);
  const tick = new Decimal(listed.tickSize);
  const price = Decimal.max(tick, new Decimal(last).div(tick).round().times(tick));
  const worth = (MINUTE_TURNOVER / 60) * (0.5 + uniformAt(seed, second));
  const step = new Decimal(listed.stepSize);
  return {
    id: second * TRADE_IDS_PER_SECOND,
    price,
    quantity: Decimal.max(step, new Decimal(worth).div(price).div(step).round().times(step)),
    isBuyerMaker: hashAt(seed ^ 0x7ed55d16, second) % 2 === 0,
    atMs,
  };
}

function printOf(trade: TradeRow): Print {
  return {
    id: trade.tradeId,
    price: new Decimal(trade.price),
    quantity: new Decimal(trade.quantity),
    isBuyerMaker: trade.isMaker === (trade.side === 'BUY'),
    atMs: trade.atMs,
  };
}
