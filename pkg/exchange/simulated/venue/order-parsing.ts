/** From the parameters of POST order to an order row that no rule was held against yet. */
import { Decimal } from '#pkg/base';
import type { ListedSymbol } from '../market/symbols.ts';
import { reduces } from './accounting.ts';
import { visibleDepth } from './book.ts';
import { checkPrice, checkQuantity } from './filters.ts';
import { opposite } from './matching.ts';
import {
  clientId,
  decimal,
  integer,
  oneOf,
  optionalBoolean,
  optionalOneOf,
  optionalText,
  text,
  type Parameters,
} from './parameters.ts';
import { VenueRejection } from './rejection.ts';
import type {
  AccountRow,
  OrderRow,
  PositionSide,
  SelfTradeMode,
  Side,
  TimeInForce,
} from './rows.ts';
import { tradableSymbol, type World } from './world.ts';

const CONDITIONAL_TYPES = [
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
];
export const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'] as const;
const SELF_TRADE_MODES = ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'] as const;
const PRICE_MATCHES: Readonly<Record<string, readonly ['opponent' | 'queue', number]>> = {
  OPPONENT: ['opponent', 1],
  OPPONENT_5: ['opponent', 5],
  OPPONENT_10: ['opponent', 10],
  OPPONENT_20: ['opponent', 20],
  QUEUE: ['queue', 1],
  QUEUE_5: ['queue', 5],
  QUEUE_10: ['queue', 10],
  QUEUE_20: ['queue', 20],
};
const GTD_AHEAD_MS_MIN = 600_000;
const GTD_MS_MAX = 253_402_300_799_000;

/** Returns the order that the parameters ask for. Throws VenueRejection for what no order can be made of. */
export function parseOrder(world: World, account: AccountRow, parameters: Parameters): OrderRow {
  const listed = tradableSymbol(world, text(parameters, 'symbol'));
  const side = oneOf(parameters, 'side', ['BUY', 'SELL'], '-1117');
  const typeText = text(parameters, 'type');
  if (CONDITIONAL_TYPES.includes(typeText)) throw new VenueRejection('-4120');
  const type = oneOf(parameters, 'type', ['LIMIT', 'MARKET'], '-1116');
  if (optionalBoolean(parameters, 'closePosition') === true) {
    const words = `Target strategy invalid for orderType ${type},closePosition true`;
    throw new VenueRejection('-4136', words);
  }
  const timeInForce: TimeInForce =
    type === 'LIMIT' ? oneOf(parameters, 'timeInForce', TIMES_IN_FORCE, '-1115') : 'GTC';
  const quantity = decimal(parameters, 'quantity');
  checkQuantity(listed, quantity, type);
  const { price, priceMatch } = parsePrice(world, listed, parameters, { type, side });
  const positionSide = parsePositionSide(account, parameters);
  return {
    orderId: 0,
    account: account.key,
    symbol: listed.symbol,
    clientOrderId: clientId(parameters, 'newClientOrderId', () => venueClientId(world)),
    side,
    positionSide,
    type,
    origType: type,
    timeInForce,
    price: price.toFixed(),
    quantity: quantity.toFixed(),
    executed: '0',
    quote: '0',
    status: 'NEW',
    reduceOnly: parseReduceOnly(account, parameters) || isClosingSide(side, positionSide),
    closePosition: false,
    algoId: undefined,
    rank: 0,
    selfTradeMode: parseSelfTradeMode(parameters),
    priceMatch,
    goodTillMs: parseGoodTill(world, parameters, timeInForce),
    amendments: 0,
    autoClose: '',
    createdAtMs: world.nowMs,
    updatedAtMs: world.nowMs,
  };
}

/** In hedge mode the venue marks an order that closes its side as reduce-only by itself. */
export function isClosingSide(side: Side, positionSide: PositionSide): boolean {
  return positionSide !== 'BOTH' && reduces(side, positionSide, new Decimal(0));
}

/** Hedge mode demands LONG or SHORT, one-way mode BOTH or nothing. */
export function parsePositionSide(account: AccountRow, parameters: Parameters): PositionSide {
  const sides = ['BOTH', 'LONG', 'SHORT'] as const;
  const side = optionalOneOf(parameters, 'positionSide', sides, '-4060') ?? 'BOTH';
  if ((side !== 'BOTH') !== account.isHedge) throw new VenueRejection('-4061');
  return side;
}

/** In hedge mode reduceOnly must not be sent. */
export function parseReduceOnly(account: AccountRow, parameters: Parameters): boolean {
  const reduceOnly = optionalBoolean(parameters, 'reduceOnly');
  if (reduceOnly !== undefined && account.isHedge) {
    throw new VenueRejection('-1106', "Parameter 'reduceonly' sent when not required.");
  }
  return reduceOnly ?? false;
}

export function parseSelfTradeMode(parameters: Parameters): SelfTradeMode {
  const name = 'selfTradePreventionMode';
  return optionalOneOf(parameters, name, SELF_TRADE_MODES, '-5039') ?? 'EXPIRE_MAKER';
}

/** GTD needs a date at least ten minutes ahead, whose milliseconds are dropped. Source: "New Order" and -5040. */
export function parseGoodTill(
  world: World,
  parameters: Parameters,
  timeInForce: TimeInForce,
): number {
  if (timeInForce !== 'GTD') return 0;
  const wanted = integer(parameters, 'goodTillDate');
  const goodTillMs = Math.floor(wanted / 1000) * 1000;
  if (wanted <= world.nowMs + GTD_AHEAD_MS_MIN || wanted >= GTD_MS_MAX) {
    throw new VenueRejection('-5040');
  }
  return goodTillMs;
}

/** Returns the limit price: sent, or taken from the book where a price match was asked for. */
export function parsePrice(
  world: World,
  listed: ListedSymbol,
  parameters: Parameters,
  order: { readonly type: 'LIMIT' | 'MARKET'; readonly side: Side },
): { readonly price: Decimal; readonly priceMatch: string } {
  const asked = optionalText(parameters, 'priceMatch') ?? 'NONE';
  if (asked !== 'NONE' && order.type === 'MARKET') throw new VenueRejection('-5038');
  if (order.type === 'MARKET') return { price: new Decimal(0), priceMatch: 'NONE' };
  if (asked === 'NONE') {
    const price = decimal(parameters, 'price');
    checkPrice(listed, price);
    return { price, priceMatch: 'NONE' };
  }
  const match = PRICE_MATCHES[asked];
  if (match === undefined) throw new VenueRejection('-5037');
  if (optionalText(parameters, 'price') !== undefined) {
    throw new VenueRejection('-1106', "Parameter 'price' sent when not required.");
  }
  const [whose, depth] = match;
  const side = whose === 'queue' ? order.side : opposite(order.side);
  const level = visibleDepth(world, listed, side, depth)[depth - 1];
  if (level === undefined) throw new VenueRejection('-5041');
  return { price: level.price, priceMatch: asked };
}

/** An id of the venue's own, where the customer sent none. */
export function venueClientId(world: World): string {
  return `v${world.nowMs.toString(36)}${world.state.statistics().ordersAccepted.toString(36)}`;
}
