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
  /** The price as a plain number, by which a tick passes over most levels. */
  readonly roughPrice: number;
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
        const watched = { ...level, roughPrice: level.price.toNumber(), toldAtMs };
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
        const rough = Number(mark);
        for (const level of levels) {
          if (nowMs - level.toldAtMs < REPEAT_MS || !hasPassed(level, mark, rough)) continue;
          level.toldAtMs = nowMs;
          const { orderId, positionId, accountId } = level;
          crossings.push({ orderId, positionId, accountId });
        }
      }
      return crossings;
    },
  };
}

/** More than two prices can be apart that are equal: only nearer ones are compared digit by digit. */
const ROUGH_RATIO = 1e-12;

function hasPassed(level: WatchedLevel, mark: string, rough: number): boolean {
  const beyond = level.isFilledAbove ? rough - level.roughPrice : level.roughPrice - rough;
  if (Math.abs(beyond) > level.roughPrice * ROUGH_RATIO) return beyond > 0;
  return level.isFilledAbove ? price(mark).gte(level.price) : price(mark).lte(level.price);
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
