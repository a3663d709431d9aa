/**
 * Conditional orders (the algo API): place, cancel, look up.
 *
 * Source: the venue's page "New Algo Order" for USD-M futures: triggers, trailing stops, price protection,
 * one stop and one profit order with closePosition on each side, at most 200 waiting ones.
 */
import { Decimal } from '#pkg/base';
import type { ListedSymbol } from '../market/symbols.ts';
import { findPosition, positionAmount, reduces } from './accounting.ts';
import { checkPrice, checkQuantity } from './filters.ts';
import { endAlgo } from './fills.ts';
import { emitAlgo } from './frames.ts';
import {
  parseGoodTill,
  parsePositionSide,
  parsePrice,
  parseReduceOnly,
  parseSelfTradeMode,
  TIMES_IN_FORCE,
  venueClientId,
} from './order-parsing.ts';
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
import type { AccountRow, AlgoRow, AlgoType } from './rows.ts';
import { isStop, isTriggered, workingPrice } from './triggers.ts';
import { listedSymbol, nextNumber, tradableSymbol, type World } from './world.ts';

const ALGO_TYPES = [
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
] as const;
const ALGOS_MAX = 200;
const CALLBACK_PERCENT_MIN = '0.1';
/** 10 before 2026-10-23. Source: the venue's derivatives change log. */
const CALLBACK_PERCENT_MAX = '20';

/** Places one conditional order. Margin is not looked at before it triggers. */
export function placeAlgo(world: World, account: AccountRow, parameters: Parameters): AlgoRow {
  oneOf(parameters, 'algoType', ['CONDITIONAL']);
  const parsed = parseAlgo(world, account, parameters);
  checkAlgo(world, parsed);
  const { state } = world;
  if ([...state.openAlgosOf(account.key)].length >= ALGOS_MAX) throw new VenueRejection('-4045');
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
  const listed = tradableSymbol(world, text(parameters, 'symbol'));
  const type = oneOf(parameters, 'type', ALGO_TYPES, '-1116');
  const side = oneOf(parameters, 'side', ['BUY', 'SELL'], '-1117');
  const timeInForce = optionalOneOf(parameters, 'timeInForce', TIMES_IN_FORCE, '-1115') ?? 'GTC';
  const isLimit = type === 'STOP' || type === 'TAKE_PROFIT';
  const kind = { type: isLimit ? 'LIMIT' : 'MARKET', side } as const;
  const { price, priceMatch } = parsePrice(world, listed, parameters, kind);
  return {
    algoId: 0,
    account: account.key,
    symbol: listed.symbol,
    clientAlgoId: clientId(parameters, 'clientAlgoId', () => venueClientId(world)),
    side,
    positionSide: parsePositionSide(account, parameters),
    type,
    timeInForce,
    ...parseSize(account, listed, parameters, type),
    price: price.toFixed(),
    triggerPrice: parseTriggerPrice(listed, parameters, type),
    workingType:
      optionalOneOf(parameters, 'workingType', ['MARK_PRICE', 'CONTRACT_PRICE']) ??
      'CONTRACT_PRICE',
    priceProtect: optionalBoolean(parameters, 'priceProtect') ?? false,
    status: 'NEW',
    actualOrderId: undefined,
    rejectReason: '',
    selfTradeMode: parseSelfTradeMode(parameters),
    priceMatch,
    goodTillMs: parseGoodTill(world, parameters, timeInForce),
    ...parseTrail(listed, parameters, type),
    createdAtMs: world.nowMs,
    updatedAtMs: world.nowMs,
    triggeredAtMs: 0,
  };
}

function parseSize(
  account: AccountRow,
  listed: ListedSymbol,
  parameters: Parameters,
  type: AlgoType,
): Pick<AlgoRow, 'quantity' | 'closePosition' | 'reduceOnly'> {
  const closePosition = optionalBoolean(parameters, 'closePosition') ?? false;
  const quantity = optionalDecimal(parameters, 'quantity');
  const reduceOnly = parseReduceOnly(account, parameters);
  if (!closePosition) {
    checkQuantity(listed, quantity ?? missing('quantity'), 'MARKET');
    return { quantity: quantity?.toFixed() ?? '0', closePosition, reduceOnly };
  }
  if (type !== 'STOP_MARKET' && type !== 'TAKE_PROFIT_MARKET') {
    const words = `Target strategy invalid for orderType ${type},closePosition true`;
    throw new VenueRejection('-4136', words);
  }
  if (quantity !== undefined) throw new VenueRejection('-4137');
  if (optionalText(parameters, 'reduceOnly') !== undefined) {
    throw new VenueRejection('-1106', "Parameter 'reduceonly' sent when not required.");
  }
  return { quantity: '0', closePosition, reduceOnly };
}

function parseTriggerPrice(listed: ListedSymbol, parameters: Parameters, type: AlgoType): string {
  if (type === 'TRAILING_STOP_MARKET') return '0';
  const triggerPrice = decimal(parameters, 'triggerPrice');
  checkPrice(listed, triggerPrice);
  return triggerPrice.toFixed();
}

function parseTrail(
  listed: ListedSymbol,
  parameters: Parameters,
  type: AlgoType,
): Pick<AlgoRow, 'activatePrice' | 'callbackRate' | 'isActivated' | 'extreme'> {
  if (type !== 'TRAILING_STOP_MARKET') {
    return { activatePrice: '0', callbackRate: '0', isActivated: false, extreme: '0' };
  }
  const rate = decimal(parameters, 'callbackRate');
  if (rate.lt(CALLBACK_PERCENT_MIN) || rate.gt(CALLBACK_PERCENT_MAX)) {
    throw new VenueRejection('-1130', "Data sent for parameter 'callbackRate' is not valid.");
  }
  const activate = optionalDecimal(parameters, 'activatePrice');
  if (activate !== undefined) checkPrice(listed, activate);
  return {
    activatePrice: activate?.toFixed() ?? '0',
    callbackRate: rate.toFixed(),
    isActivated: false,
    extreme: '0',
  };
}

/**
 * Holds the limit price of a conditional order against PERCENT_PRICE around its trigger price. The codes name the bounds;
 * that buys have the cap and sells the floor is taken from the same filter's rule for plain orders.
 */
function checkStopPrice(world: World, { type, symbol, side, price, triggerPrice }: AlgoRow): void {
  if ((type !== 'STOP' && type !== 'TAKE_PROFIT') || Number(price) === 0) return;
  const { multiplierUp, multiplierDown } = listedSymbol(world, symbol);
  const ratio = new Decimal(price).div(triggerPrice);
  if (side === 'BUY' && ratio.gt(multiplierUp)) throw new VenueRejection('-4183');
  if (side === 'SELL' && ratio.lt(multiplierDown)) throw new VenueRejection('-4184');
}

function checkAlgo(world: World, algo: AlgoRow): void {
  checkStopPrice(world, algo);
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
  const isDue =
    algo.type === 'TRAILING_STOP_MARKET' ? isPastActivation(world, algo) : isTriggered(world, algo);
  if (isDue) throw new VenueRejection('-2021');
}

/** A selling trail must wake above the price of now, a buying one below it. */
function isPastActivation(world: World, algo: AlgoRow): boolean {
  if (algo.activatePrice === '0') return false;
  const price = workingPrice(world, algo);
  return algo.side === 'SELL' ? price.gte(algo.activatePrice) : price.lte(algo.activatePrice);
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
export function cancelAlgosIn(world: World, account: string, symbol: string): void {
  for (const algo of world.state.openAlgosOf(account).toArray()) {
    if (algo.symbol === symbol) endAlgo(world, algo, 'CANCELED');
  }
}
