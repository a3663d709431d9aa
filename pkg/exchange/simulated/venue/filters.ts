/** The symbol's filters, as exchangeInfo publishes them and as orders are held against. */
import { Decimal } from '#pkg/base';
import type { ListedSymbol } from '../market/symbols.ts';
import { VenueRejection } from './rejection.ts';
import type { Side } from './rows.ts';
import { plain, type Quote } from './world.ts';

/** Working plain orders of one account in one symbol. */
export const ORDERS_MAX = 200;

const DIGITS = /\.(\d*?)0*$/;

/** Number of decimals that a step needs. */
export function decimalsOf(step: string): number {
  return DIGITS.exec(step)?.[1]?.length ?? 0;
}

export function priceMin(listed: ListedSymbol): string {
  return new Decimal(listed.tickSize).times(10).toFixed();
}

export function priceMax(listed: ListedSymbol): string {
  return listed.firstPrice === undefined
    ? '4529764'
    : String(Math.ceil(Math.max(200, listed.firstPrice * 100)));
}

/** Returns the filters in the venue's own words. */
export function describeFilters(listed: ListedSymbol): readonly unknown[] {
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: priceMin(listed),
      maxPrice: priceMax(listed),
      tickSize: listed.tickSize,
    },
    {
      filterType: 'LOT_SIZE',
      minQty: listed.stepSize,
      maxQty: listed.quantityMax,
      stepSize: listed.stepSize,
    },
    {
      filterType: 'MARKET_LOT_SIZE',
      minQty: listed.stepSize,
      maxQty: listed.marketQuantityMax,
      stepSize: listed.stepSize,
    },
    { filterType: 'MAX_NUM_ORDERS', limit: ORDERS_MAX },
    { filterType: 'MIN_NOTIONAL', notional: listed.notionalMin },
    {
      filterType: 'PERCENT_PRICE',
      multiplierUp: listed.multiplierUp,
      multiplierDown: listed.multiplierDown,
      multiplierDecimal: '4',
    },
    { filterType: 'POSITION_RISK_CONTROL', positionControlSide: 'NONE' },
  ];
}

/** Holds a quantity against LOT_SIZE or MARKET_LOT_SIZE. */
export function checkQuantity(
  listed: ListedSymbol,
  quantity: Decimal,
  kind: 'LIMIT' | 'MARKET',
): void {
  if (quantity.lte(0)) throw new VenueRejection('-4003');
  if (quantity.decimalPlaces() > decimalsOf(listed.stepSize)) throw new VenueRejection('-1111');
  if (!quantity.mod(listed.stepSize).isZero()) throw new VenueRejection('-4023');
  if (quantity.lt(listed.stepSize)) throw new VenueRejection('-4004');
  const most = kind === 'LIMIT' ? listed.quantityMax : listed.marketQuantityMax;
  if (quantity.gt(most)) throw new VenueRejection('-4005');
}

/** Holds a price against PRICE_FILTER. */
export function checkPrice(listed: ListedSymbol, price: Decimal): void {
  if (price.decimalPlaces() > decimalsOf(listed.tickSize)) throw new VenueRejection('-1111');
  if (price.lt(priceMin(listed))) throw new VenueRejection('-4013');
  if (price.gt(priceMax(listed))) throw new VenueRejection('-4002');
  if (!price.mod(listed.tickSize).isZero()) throw new VenueRejection('-4014');
}

/** Holds a limit price against PERCENT_PRICE: buys from above, sells from below. */
export function checkPercentPrice(
  listed: ListedSymbol,
  side: Side,
  price: Decimal,
  quote: Quote,
): void {
  const up = quote.mark.times(listed.multiplierUp);
  if (side === 'BUY' && price.gt(up)) {
    throw new VenueRejection('-4016', `Limit price can't be higher than ${plain(up, 4)}.`);
  }
  const down = quote.mark.times(listed.multiplierDown);
  if (side === 'SELL' && price.lt(down)) {
    throw new VenueRejection('-4024', `Limit price can't be lower than ${plain(down, 4)}.`);
  }
}

/** Holds the counterparty's best price, at which a market order would trade, against PERCENT_PRICE. */
export function checkMarketPercentPrice(
  listed: ListedSymbol,
  side: Side,
  best: Decimal,
  quote: Quote,
): void {
  const isTooFar =
    side === 'BUY'
      ? best.gt(quote.mark.times(listed.multiplierUp))
      : best.lt(quote.mark.times(listed.multiplierDown));
  if (isTooFar) throw new VenueRejection('-4131');
}

/** Holds an order that does not reduce against MIN_NOTIONAL. */
export function checkNotional(
  { notionalMin }: ListedSymbol,
  quantity: Decimal,
  price: Decimal,
  refusal: '-4164' | '-5029' = '-4164',
): void {
  if (quantity.times(price).gte(notionalMin)) return;
  const words = `Order's notional must be no smaller than ${notionalMin}`;
  throw new VenueRejection(
    refusal,
    refusal === '-4164' ? `${words} (unless you choose reduce only).` : words,
  );
}
