/** When a conditional order's price has come, and what becomes of it then. */
import { Decimal } from '#pkg/base';
import { findPosition, positionAmount } from './accounting.ts';
import { endAlgo } from './fills.ts';
import { emitAlgo } from './frames.ts';
import { canFillWhole, crosses } from './matching.ts';
import { checkOrder } from './order-checks.ts';
import { enterOrder } from './orders.ts';
import { isClosingSide } from './order-parsing.ts';
import { messageOf, VenueRejection } from './rejection.ts';
import type { AlgoRow, OrderRow } from './rows.ts';
import { accountOf, type World } from './world.ts';

/** How far mark and contract price may be apart when a protected order triggers (exchangeInfo `triggerProtect`). */
export const TRIGGER_PROTECT = '0.0500';

/** `rm` of the documented frame: the page "Event: Algo Order Update". */
const REDUCE_ONLY_REJECT = 'Reduce Only reject';

export function isStop(algo: AlgoRow): boolean {
  return algo.type === 'STOP' || algo.type === 'STOP_MARKET';
}

/** The price that a conditional order watches. */
export function workingPrice(world: World, algo: AlgoRow): Decimal {
  const { mark, last } = world.quote(algo.symbol);
  return algo.workingType === 'MARK_PRICE' ? mark : last;
}

/** Has the price reached the trigger? A buying stop and a selling profit wait for a rise, the others for a fall. */
export function isTriggered(world: World, algo: AlgoRow): boolean {
  const price = workingPrice(world, algo);
  if (algo.type === 'TRAILING_STOP_MARKET') return hasTurned(algo, price);
  const waitsForRise = isStop(algo) === (algo.side === 'BUY');
  return waitsForRise ? price.gte(algo.triggerPrice) : price.lte(algo.triggerPrice);
}

/** A trail that is awake triggers when the price has come back from its best by the callback rate. */
function hasTurned(algo: AlgoRow, price: Decimal): boolean {
  if (!algo.isActivated) return false;
  const back = new Decimal(algo.callbackRate).div(100);
  const turn = new Decimal(algo.extreme).times(
    algo.side === 'SELL' ? new Decimal(1).minus(back) : back.plus(1),
  );
  return algo.side === 'SELL' ? price.lte(turn) : price.gte(turn);
}

/** Might the price of now or its date do something to a waiting order? Plain numbers tell of most that they do not. */
export function mayMove(world: World, algo: AlgoRow): boolean {
  if (algo.type === 'TRAILING_STOP_MARKET' || algo.goodTillMs > 0) return true;
  const { roughMark, roughLast } = world.quote(algo.symbol);
  const price = algo.workingType === 'MARK_PRICE' ? roughMark : roughLast;
  const waitsForRise = isStop(algo) === (algo.side === 'BUY');
  const slack = price * 1e-6;
  const trigger = Number(algo.triggerPrice);
  return waitsForRise ? price >= trigger - slack : price <= trigger + slack;
}

/** Lets a conditional order see the price of now: it wakes, follows, expires or triggers. */
export function watchAlgo(world: World, waiting: AlgoRow): void {
  if (waiting.goodTillMs > 0 && waiting.goodTillMs <= world.nowMs) {
    endAlgo(world, waiting, 'EXPIRED');
    return;
  }
  const algo = waiting.type === 'TRAILING_STOP_MARKET' ? follow(world, waiting) : waiting;
  if (isTriggered(world, algo) && !isProtected(world, algo)) triggerAlgo(world, algo);
}

/**
 * A protected order does not trigger while mark and contract price are too far apart; it goes on waiting.
 * Source: the venue's page "New Algo Order" and its help page "How to use Price Protection Function".
 */
function isProtected(world: World, algo: AlgoRow): boolean {
  if (!algo.priceProtect) return false;
  const { mark, last } = world.quote(algo.symbol);
  return mark.minus(last).abs().div(mark).gt(TRIGGER_PROTECT);
}

/** Waking is told with a second NEW (`ia` true); following is not told. */
function follow(world: World, algo: AlgoRow): AlgoRow {
  const price = workingPrice(world, algo);
  const isSelling = algo.side === 'SELL';
  if (!algo.isActivated) {
    const isAwake =
      algo.activatePrice === '0' ||
      (isSelling ? price.gte(algo.activatePrice) : price.lte(algo.activatePrice));
    if (!isAwake) return algo;
    return moveAlgo(world, algo, { isActivated: true, extreme: price.toFixed() });
  }
  const isBetter = isSelling ? price.gt(algo.extreme) : price.lt(algo.extreme);
  if (!isBetter) return algo;
  const followed: AlgoRow = { ...algo, extreme: price.toFixed() };
  world.state.put('algos', followed.algoId, followed);
  return followed;
}

/** Turns a conditional order whose trigger was reached into the order that it stands for. */
function triggerAlgo(world: World, algo: AlgoRow): void {
  const triggering = moveAlgo(world, algo, { status: 'TRIGGERING', triggeredAtMs: world.nowMs });
  const position = findPosition(world, algo.account, algo.symbol, algo.positionSide);
  const held = positionAmount(position).abs();
  const order = orderOf(world, triggering, algo.closePosition ? held : new Decimal(algo.quantity));
  const refusal = refusalOf(world, triggering, order, held);
  if (refusal !== undefined) {
    endAlgo(world, triggering, 'REJECTED', refusal);
    return;
  }
  // The order is written first, so that the frame of TRIGGERED can name it.
  const orderId = world.state.get('meta', 'all')?.lastOrderId ?? 0;
  moveAlgo(world, triggering, { status: 'TRIGGERED', actualOrderId: orderId + 1 });
  enterOrder(world, order);
}

function refusalOf(
  world: World,
  algo: AlgoRow,
  order: OrderRow,
  held: Decimal,
): string | undefined {
  if (order.reduceOnly && held.isZero()) return REDUCE_ONLY_REJECT;
  try {
    if (!order.reduceOnly) checkOrder(world, accountOf(world, algo.account), order);
    if (order.timeInForce === 'GTX' && crosses(world, order)) return messageOf('-5022');
    if (order.timeInForce === 'FOK' && !canFillWhole(world, order)) return messageOf('-5021');
    return undefined;
  } catch (thrown) {
    if (thrown instanceof VenueRejection) return thrown.message;
    throw thrown;
  }
}

function orderOf(world: World, algo: AlgoRow, quantity: Decimal): OrderRow {
  const isLimit = algo.type === 'STOP' || algo.type === 'TAKE_PROFIT';
  return {
    orderId: 0,
    account: algo.account,
    symbol: algo.symbol,
    clientOrderId: algo.clientAlgoId,
    side: algo.side,
    positionSide: algo.positionSide,
    type: isLimit ? 'LIMIT' : 'MARKET',
    origType: algo.type,
    timeInForce: algo.timeInForce,
    price: algo.price,
    quantity: quantity.toFixed(),
    executed: '0',
    quote: '0',
    status: 'NEW',
    reduceOnly:
      algo.reduceOnly || algo.closePosition || isClosingSide(algo.side, algo.positionSide),
    closePosition: algo.closePosition,
    algoId: algo.algoId,
    rank: 0,
    selfTradeMode: algo.selfTradeMode,
    priceMatch: algo.priceMatch,
    goodTillMs: algo.goodTillMs,
    amendments: 0,
    autoClose: '',
    createdAtMs: world.nowMs,
    updatedAtMs: world.nowMs,
  };
}

function moveAlgo(world: World, algo: AlgoRow, change: Partial<AlgoRow>): AlgoRow {
  const moved: AlgoRow = { ...algo, ...change, updatedAtMs: world.nowMs };
  world.state.put('algos', moved.algoId, moved);
  emitAlgo(world, moved);
  return moved;
}
