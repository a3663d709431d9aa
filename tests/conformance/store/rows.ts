/** Rows for the suite: each call names something that no other test has. */
import { Decimal } from '#pkg/base';
import {
  DEFAULT_ACCOUNT_SETTINGS,
  id,
  notional,
  price,
  quantity,
  type AccountId,
  type Direction,
  type PositionId,
  type SymbolName,
  type VenueSymbol,
} from '#pkg/domain';
import type { NewOrder, NewPosition } from '#pkg/store';

let counter = 0;

/** Returns `prefix` with a number that is new in this process. */
export function fresh(prefix: string): string {
  counter += 1;
  return `${prefix}-${counter}`;
}

export function newPosition(
  options: {
    readonly accountId?: AccountId;
    readonly symbol?: string;
    readonly direction?: Direction;
    readonly slot?: number;
    readonly createdAtMs?: number;
  } = {},
): NewPosition {
  return {
    id: id<PositionId>(fresh('position')),
    accountId: options.accountId ?? id<AccountId>(fresh('account')),
    symbol: id<SymbolName>(options.symbol ?? 'BTCUSDT'),
    direction: options.direction ?? 'long',
    slot: options.slot ?? 1,
    settings: DEFAULT_ACCOUNT_SETTINGS,
    createdAtMs: options.createdAtMs ?? 1_000,
  };
}

export function newOrder(options: Partial<NewOrder> = {}): NewOrder {
  return {
    id: id(fresh('order')),
    positionId: id(fresh('position')),
    accountId: id(fresh('account')),
    symbol: id('BTCUSDT'),
    direction: 'long',
    purpose: 'rung',
    rungIndex: 1,
    side: 'BUY',
    clientOrderId: id(fresh('client')),
    price: price('91500.1'),
    quantity: quantity('0.002'),
    replacesOrderId: undefined,
    createdAtMs: 2_000,
    ...options,
  };
}

export function venueSymbol(
  symbol: string,
  options: { readonly tickSize?: string } = {},
): VenueSymbol {
  return {
    rules: {
      symbol: id(symbol),
      tickSize: price(options.tickSize ?? '0.10'),
      priceMin: price('0.000001'),
      priceMax: price('4529764'),
      stepSize: quantity('0.001'),
      quantityMin: quantity('0.001'),
      quantityMax: quantity('1000'),
      marketStepSize: quantity('0.001'),
      marketQuantityMin: quantity('0.001'),
      marketQuantityMax: quantity('120'),
      notionalMin: notional('5'),
    },
    baseAsset: symbol.replace(/USDT$/, ''),
    quoteAsset: 'USDT',
    isTrading: true,
    onboardAtMs: 1_569_398_400_000,
    deliversAtMs: 1_769_590_800_000,
  };
}

/** Returns `value` with every decimal as its digits, so that rows compare by worth. */
export function plain(value: unknown): unknown {
  if (value instanceof Decimal) return value.toFixed();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
