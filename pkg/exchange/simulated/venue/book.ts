/**
 * The order book: what the market offers by itself, and what customers left resting.
 *
 * The market's side is a ladder around the exogenous price, one level each hundredth of a percent, whose
 * sizes follow from (seed, symbol, second, level). What a taker takes of it is gone for the rest of that
 * second and then comes back: an order never moves the price, but a large one pays for its size. At equal
 * prices the market's own offer stands first, then customers in the order of their rank.
 */
import { Decimal } from '#pkg/base';
import { hashAt, hashText } from '../market/noise.ts';
import type { ListedSymbol } from '../market/symbols.ts';
import { REFILL_MS, type Level } from './depth.ts';
import type { OrderRow, Side } from './rows.ts';
import type { World } from './world.ts';

/** Distance of neighbouring levels, as a part of the price. */
const LEVEL_GAP = 0.0001;
/** Offered on the first level, in quote currency; farther levels offer more. */
const LEVEL_WORTH = { major: 1_000_000, other: 120_000 } as const;
const GROWTH_PER_LEVEL = 0.05;
const LEVELS_MAX = 2_000;
/** Returns what the market offers on `side` (its BUY side are the bids), best price first, as it stands now. */
export function* marketLevels(world: World, listed: ListedSymbol, side: Side): Generator<Level> {
  const scale = world.depth.scaleOf(listed.symbol);
  if (scale <= 0) return;
  const { bid, ask } = world.quote(listed.symbol);
  const touch = side === 'BUY' ? bid : ask;
  const gap = levelGap(listed, touch);
  const seed = hashAt(hashText(listed.symbol), Math.floor(world.nowMs / REFILL_MS));
  for (let index = 0; index < LEVELS_MAX; index += 1) {
    const offset = gap.times(side === 'BUY' ? -index : index);
    const price = touch.plus(offset);
    if (price.lte(0)) return;
    const offered = offeredAt(listed, { price, index, seed, scale, side });
    const left = offered.minus(world.depth.takenOf(listed.symbol, side, price, world.nowMs));
    if (left.gt(0)) yield { price, quantity: left };
  }
}

function levelGap(listed: ListedSymbol, touch: Decimal): Decimal {
  const tick = new Decimal(listed.tickSize);
  return Decimal.max(tick, touch.times(LEVEL_GAP).div(tick).round().times(tick));
}

function offeredAt(
  listed: ListedSymbol,
  at: {
    readonly price: Decimal;
    readonly index: number;
    readonly seed: number;
    readonly scale: number;
    readonly side: Side;
  },
): Decimal {
  const share = hashAt(at.seed, at.index * 2 + (at.side === 'BUY' ? 1 : 0)) / 4_294_967_296;
  const base = listed.firstPrice === undefined ? LEVEL_WORTH.major : LEVEL_WORTH.other;
  const worth = base * at.scale * (0.5 + share) * (1 + GROWTH_PER_LEVEL * at.index);
  const steps = Math.floor(worth / at.price.toNumber() / Number(listed.stepSize));
  return new Decimal(listed.stepSize).times(Math.max(1, steps));
}

/** Customers' resting limit orders on `side` of a symbol, in the order in which they trade. */
export function restingOrders(
  world: World,
  symbol: string,
  side: Side,
  isMeant: (order: OrderRow) => boolean = () => true,
): readonly OrderRow[] {
  const sign = side === 'BUY' ? -1 : 1;
  const resting = [...world.state.openOrdersIn(symbol)].filter(
    (order) => order.side === side && order.type === 'LIMIT' && isMeant(order),
  );
  return resting.toSorted(
    (one, other) => sign * (Number(one.price) - Number(other.price)) || one.rank - other.rank,
  );
}

/** Returns the first `count` levels of a side as the world sees them: market and customers added up by price. */
export function visibleDepth(
  world: World,
  listed: ListedSymbol,
  side: Side,
  count: number,
): readonly Level[] {
  const sign = side === 'BUY' ? -1 : 1;
  const resting = restingOrders(world, listed.symbol, side);
  if (resting.length === 0) return [...marketLevels(world, listed, side).take(count)];
  const levels = new Map<string, Level>();
  const add = ({ price, quantity }: Level): void => {
    const key = price.toFixed();
    levels.set(key, { price, quantity: quantity.plus(levels.get(key)?.quantity ?? 0) });
  };
  for (const order of resting) {
    add({
      price: new Decimal(order.price),
      quantity: new Decimal(order.quantity).minus(order.executed),
    });
  }
  let offered = 0;
  for (const level of marketLevels(world, listed, side)) {
    add(level);
    offered += 1;
    if (offered >= count) break;
  }
  return [...levels.values()]
    .toSorted((one, other) => sign * one.price.comparedTo(other.price))
    .slice(0, count);
}

/** Returns the best price on `side`, or undefined where nobody offers anything. */
export function bestPrice(world: World, listed: ListedSymbol, side: Side): Decimal | undefined {
  const own = restingOrders(world, listed.symbol, side)[0];
  const [market] = marketLevels(world, listed, side).take(1);
  if (own === undefined) return market?.price;
  const price = new Decimal(own.price);
  if (market === undefined) return price;
  return side === 'BUY' ? Decimal.max(price, market.price) : Decimal.min(price, market.price);
}
