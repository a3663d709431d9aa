import {
  price,
  type AccountId,
  type Order,
  type OrderId,
  type PositionId,
  type Price,
  type SymbolName,
} from '#pkg/domain';
import type { MarkTick } from '#pkg/exchange';

/** A price of a working order, and the side of it on which the venue should have filled it. */
export interface PriceLevel {
  readonly orderId: OrderId;
  readonly positionId: PositionId;
  readonly accountId: AccountId;
  readonly symbol: SymbolName;
  readonly price: Price;
  readonly isFilledAbove: boolean;
}

/** The mark has passed a level. */
export type Crossing = Pick<PriceLevel, 'orderId' | 'positionId' | 'accountId'>;

export interface PriceWatch {
  /** Watches these levels from now on; what was told of those that stay is kept. */
  replace(levels: readonly PriceLevel[]): void;
  /** Returns the levels that these marks have passed and that were not told just before. */
  take(ticks: readonly Pick<MarkTick, 'symbol' | 'mark'>[], nowMs: number): readonly Crossing[];
}

/** A level that stays passed is told again after this: its order should be gone by then. */
const REPEAT_MS = 30_000;

interface WatchedLevel extends PriceLevel {
  toldAtMs: number;
}

/** Returns a watch without levels. A tick costs what the levels of its symbol cost, whatever else is watched. */
export function createPriceWatch(): PriceWatch {
  let bySymbol = new Map<SymbolName, WatchedLevel[]>();
  let byKey = new Map<string, WatchedLevel>();
  return {
    replace: (levels) => {
      const nextBySymbol = new Map<SymbolName, WatchedLevel[]>();
      const nextByKey = new Map<string, WatchedLevel>();
      for (const level of levels) {
        const key = `${level.orderId} ${level.price.toFixed()}`;
        const toldAtMs = byKey.get(key)?.toldAtMs ?? Number.NEGATIVE_INFINITY;
        const watched = { ...level, toldAtMs };
        nextByKey.set(key, watched);
        const others = nextBySymbol.get(level.symbol);
        if (others === undefined) nextBySymbol.set(level.symbol, [watched]);
        else others.push(watched);
      }
      bySymbol = nextBySymbol;
      byKey = nextByKey;
    },
    take: (ticks, nowMs) => {
      const crossings: Crossing[] = [];
      for (const { symbol, mark } of ticks) {
        const levels = bySymbol.get(symbol);
        if (levels === undefined) continue;
        const at = price(mark);
        for (const level of levels) {
          const isCrossed = level.isFilledAbove ? at.gte(level.price) : at.lte(level.price);
          if (!isCrossed || nowMs - level.toldAtMs < REPEAT_MS) continue;
          level.toldAtMs = nowMs;
          const { orderId, positionId, accountId } = level;
          crossings.push({ orderId, positionId, accountId });
        }
      }
      return crossings;
    },
  };
}

/**
 * Returns the level of a working order, or undefined for one without a price of its own.
 *
 * A long position's profit fills above, its rungs and its stop below; a short one's the other way round.
 */
export function levelOf(order: Order): PriceLevel | undefined {
  const { id: orderId, positionId, accountId, symbol, purpose, direction } = order;
  if (order.status === 'planned' || order.price === undefined) return undefined;
  if (purpose !== 'rung' && purpose !== 'profit' && purpose !== 'stop') return undefined;
  const isFilledAbove = (purpose === 'profit') === (direction === 'long');
  return { orderId, positionId, accountId, symbol, price: order.price, isFilledAbove };
}
