/** Conditional orders (the algo API): place, cancel, look up, trigger. */
import { Decimal } from '#pkg/base';
import { findPosition, marginOf, positionAmount, reduces } from './accounting.ts';
import { checkPrice, checkQuantity } from './filters.ts';
import { emitAlgo, emitOrder } from './frames.ts';
import { crosses, endAlgo, fillOrder, takerPrice } from './matching.ts';
import { parsePositionSide, parseReduceOnly } from './orders.ts';
import {
  clientId,
  decimal,
  oneOf,
  optionalBoolean,
  optionalDecimal,
  optionalInteger,
  optionalOneOf,
  optionalText,
  text,
  type Parameters,
} from './parameters.ts';
import { noteProtection } from './protection.ts';
import { missing, VenueRejection } from './rejection.ts';
import type { AccountRow, AlgoRow, OrderRow } from './rows.ts';
import { listedSymbol, nextNumber, settingOf, type World } from './world.ts';

const ALGO_TYPES = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET'] as const;

/** Places one conditional order. Margin is not looked at before it triggers. */
export function placeAlgo(world: World, account: AccountRow, parameters: Parameters): AlgoRow {
  oneOf(parameters, 'algoType', ['CONDITIONAL']);
  const parsed = parseAlgo(world, account, parameters);
  checkAlgo(world, parsed);
  const { state } = world;
  const isDuplicate = state.algoByClientId(account.key, parsed.clientAlgoId) !== undefined;
  const statistics = state.statistics();
  state.count({
    ordersAccepted: statistics.ordersAccepted + 1,
    duplicateClientOrderIds: statistics.duplicateClientOrderIds + (isDuplicate ? 1 : 0),
  });
  const algo: AlgoRow = { ...parsed, algoId: nextNumber(world, 'lastAlgoId') };
  state.put('algos', algo.algoId, algo);
  emitAlgo(world, algo);
  noteProtection(world, algo);
  return algo;
}

function parseAlgo(world: World, account: AccountRow, parameters: Parameters): AlgoRow {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  const type = oneOf(parameters, 'type', ALGO_TYPES, '-1116');
  const isLimit = type === 'STOP' || type === 'TAKE_PROFIT';
  const closePosition = optionalBoolean(parameters, 'closePosition') ?? false;
  const quantity = optionalDecimal(parameters, 'quantity');
  if (closePosition && quantity !== undefined) throw new VenueRejection('-4137');
  if (!closePosition) checkQuantity(listed, quantity ?? missing('quantity'), 'MARKET');
  const triggerPrice = decimal(parameters, 'triggerPrice');
  checkPrice(listed, triggerPrice);
  const price = isLimit ? decimal(parameters, 'price') : new Decimal(0);
  if (isLimit) checkPrice(listed, price);
  return {
    algoId: 0,
    account: account.key,
    symbol: listed.symbol,
    clientAlgoId: clientId(parameters, 'clientAlgoId', () => `va${world.nowMs.toString(36)}`),
    side: oneOf(parameters, 'side', ['BUY', 'SELL'], '-1117'),
    positionSide: parsePositionSide(account, parameters),
    type,
    timeInForce:
      optionalOneOf(parameters, 'timeInForce', ['GTC', 'IOC', 'FOK', 'GTX'], '-1115') ?? 'GTC',
    quantity: quantity?.toFixed() ?? '0',
    price: price.toFixed(),
    triggerPrice: triggerPrice.toFixed(),
    workingType:
      optionalOneOf(parameters, 'workingType', ['MARK_PRICE', 'CONTRACT_PRICE']) ??
      'CONTRACT_PRICE',
    priceProtect: optionalBoolean(parameters, 'priceProtect') ?? false,
    reduceOnly: parseReduceOnly(account, parameters),
    closePosition,
    status: 'NEW',
    actualOrderId: undefined,
    rejectReason: '',
    createdAtMs: world.nowMs,
    updatedAtMs: world.nowMs,
    triggeredAtMs: 0,
  };
}

function checkAlgo(world: World, algo: AlgoRow): void {
  const known = world.state.algoByClientId(algo.account, algo.clientAlgoId);
  if (known?.status === 'NEW') throw new VenueRejection('-4116');
  if (algo.closePosition) {
    const position = findPosition(world, algo.account, algo.symbol, algo.positionSide);
    const amount = positionAmount(position);
    if (amount.isZero()) throw new VenueRejection('-4509');
    if (!reduces(algo.side, algo.positionSide, amount)) throw new VenueRejection('-2022');
    for (const open of world.state.openAlgosOf(algo.account)) {
      const isSame =
        open.closePosition &&
        open.symbol === algo.symbol &&
        open.positionSide === algo.positionSide &&
        isStop(open) === isStop(algo);
      if (isSame) throw new VenueRejection('-4130');
    }
  }
  if (isTriggered(world, algo)) throw new VenueRejection('-2021');
}

function isStop(algo: AlgoRow): boolean {
  return algo.type === 'STOP' || algo.type === 'STOP_MARKET';
}

/** Has the price reached the trigger? A buying stop and a selling profit wait for a rise, the others for a fall. */
export function isTriggered(world: World, algo: AlgoRow): boolean {
  const { mark } = world.quote(algo.symbol);
  const waitsForRise = isStop(algo) === (algo.side === 'BUY');
  return waitsForRise ? mark.gte(algo.triggerPrice) : mark.lte(algo.triggerPrice);
}

/** Turns a conditional order whose trigger was reached into the order that it stands for. */
export function triggerAlgo(world: World, algo: AlgoRow): void {
  const triggering = moveAlgo(world, algo, { status: 'TRIGGERING', triggeredAtMs: world.nowMs });
  const position = findPosition(world, algo.account, algo.symbol, algo.positionSide);
  const held = positionAmount(position).abs();
  const quantity = algo.closePosition ? held : new Decimal(algo.quantity);
  const refusal = refusalOf(world, triggering, { quantity, held });
  if (refusal !== undefined) {
    endAlgo(world, triggering, 'REJECTED', refusal);
    return;
  }
  const order = orderOf(world, triggering, quantity);
  world.state.put('orders', order.orderId, order);
  const triggered = moveAlgo(world, triggering, {
    status: 'TRIGGERED',
    actualOrderId: order.orderId,
  });
  emitOrder(world, order, 'NEW');
  const isMarketable = order.type === 'MARKET' || crosses(world, order);
  const final = isMarketable
    ? fillOrder(world, order, { price: takerPrice(world, order), isMaker: false })
    : order;
  const finished = moveAlgo(world, triggered, { status: 'FINISHED' }, final);
  noteProtection(world, finished);
}

function refusalOf(
  world: World,
  algo: AlgoRow,
  size: { readonly quantity: Decimal; readonly held: Decimal },
): string | undefined {
  const mayOnlyReduce =
    algo.closePosition ||
    algo.reduceOnly ||
    (algo.positionSide !== 'BOTH' && reduces(algo.side, algo.positionSide, new Decimal(0)));
  if (mayOnlyReduce) return size.held.isZero() ? 'ReduceOnly Order is rejected.' : undefined;
  const account = world.state.get('accounts', algo.account);
  const { leverage } = settingOf(world, algo.account, algo.symbol);
  const needed = size.quantity.times(world.quote(algo.symbol).mark).div(leverage);
  const isCovered = account !== undefined && needed.lte(marginOf(world, account).available);
  return isCovered ? undefined : 'Margin is insufficient.';
}

function orderOf(world: World, algo: AlgoRow, quantity: Decimal): OrderRow {
  const isLimit = algo.type === 'STOP' || algo.type === 'TAKE_PROFIT';
  return {
    orderId: nextNumber(world, 'lastOrderId'),
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
    reduceOnly: algo.reduceOnly || algo.closePosition,
    closePosition: algo.closePosition,
    algoId: algo.algoId,
    createdAtMs: world.nowMs,
    updatedAtMs: world.nowMs,
  };
}

function moveAlgo(
  world: World,
  algo: AlgoRow,
  change: Partial<AlgoRow>,
  actual?: OrderRow,
): AlgoRow {
  const moved: AlgoRow = { ...algo, ...change, updatedAtMs: world.nowMs };
  world.state.put('algos', moved.algoId, moved);
  emitAlgo(world, moved, actual);
  return moved;
}

function findAlgo(world: World, account: AccountRow, parameters: Parameters): AlgoRow | undefined {
  const algoId = optionalInteger(parameters, 'algoId');
  const id = optionalText(parameters, 'clientAlgoId');
  if (algoId === undefined && id === undefined) missing('algoId');
  const algo =
    algoId === undefined
      ? world.state.algoByClientId(account.key, id ?? '')
      : world.state.get('algos', algoId);
  return algo?.account === account.key ? algo : undefined;
}

/** Returns the conditional order, or throws -2013. */
export function queryAlgo(world: World, account: AccountRow, parameters: Parameters): AlgoRow {
  const algo = findAlgo(world, account, parameters);
  if (algo === undefined) throw new VenueRejection('-2013');
  return algo;
}

/** Cancels a waiting conditional order, or throws -2011. */
export function cancelAlgo(world: World, account: AccountRow, parameters: Parameters): AlgoRow {
  const algo = findAlgo(world, account, parameters);
  if (algo?.status !== 'NEW') throw new VenueRejection('-2011');
  return endAlgo(world, algo, 'CANCELED');
}

/** Cancels every waiting conditional order of a symbol. */
export function cancelAllAlgos(world: World, account: AccountRow, parameters: Parameters): void {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  for (const algo of world.state.openAlgosOf(account.key).toArray()) {
    if (algo.symbol === listed.symbol) endAlgo(world, algo, 'CANCELED');
  }
}
