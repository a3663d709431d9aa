/** How much of the market's offer is left: what takers took in the second that runs, and how deep a book is. */
import { Decimal } from '#pkg/base';
import type { Side } from './rows.ts';

const NOTHING = new Decimal(0);

export interface Level {
  readonly price: Decimal;
  readonly quantity: Decimal;
}

/** After this long the market offers again what was taken. */
export const REFILL_MS = 1_000;

/** What was taken of the market's offer in the second that runs, and how deep each book is. */
export interface Depth {
  takenOf(symbol: string, side: Side, price: Decimal, nowMs: number): Decimal;
  take(symbol: string, side: Side, level: Level, nowMs: number): void;
  /** 1 is normal; a thin book offers a part of that, and 0 nothing. */
  scaleOf(symbol: string): number;
  setScale(symbol: string, scale: number): void;
}

export function createDepth(): Depth {
  const scales = new Map<string, number>();
  let taken = new Map<string, Decimal>();
  let second = -1;
  const fresh = (nowMs: number): void => {
    const current = Math.floor(nowMs / REFILL_MS);
    if (current === second) return;
    second = current;
    taken = new Map();
  };
  return {
    takenOf: (symbol, side, price, nowMs) => {
      fresh(nowMs);
      if (taken.size === 0) return NOTHING;
      return taken.get(`${symbol}|${side}|${price.toFixed()}`) ?? NOTHING;
    },
    take: (symbol, side, level, nowMs) => {
      fresh(nowMs);
      const key = `${symbol}|${side}|${level.price.toFixed()}`;
      taken.set(key, level.quantity.plus(taken.get(key) ?? 0));
    },
    scaleOf: (symbol) => scales.get(symbol) ?? scales.get('*') ?? 1,
    setScale: (symbol, scale) => scales.set(symbol, scale),
  };
}
