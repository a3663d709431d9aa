import { id, notional, price, quantity, type VenueSymbol } from '#pkg/domain';

import { ExchangeProtocolError } from '../errors.ts';
import {
  checkLotFilter,
  checkNotionalFilter,
  checkPriceFilter,
  type SymbolAnswer,
} from './schemas.ts';

/**
 * A perpetual that nothing ends says 2100-12-25; once its end is announced it says when. Sources: a recorded exchangeInfo,
 * and github.com/freqtrade/freqtrade/pull/12259, which reads delistings from the same field.
 */
const NEVER_DELIVERED_MS = 4_133_404_800_000;
const ENDPOINT = 'GET /fapi/v1/exchangeInfo';

/**
 * Returns a perpetual with the filters that bind its orders.
 *
 * Steps come from the filters only: `pricePrecision` and `quantityPrecision` are display hints of the venue.
 */
export function decodeSymbol(answer: SymbolAnswer): VenueSymbol {
  const filter = (type: string): unknown => {
    const found = answer.filters.find(({ filterType }) => filterType === type);
    if (found !== undefined) return found;
    throw new ExchangeProtocolError({
      endpoint: ENDPOINT,
      expected: `the filter ${type}`,
      fields: { endpoint: ENDPOINT, symbol: answer.symbol },
    });
  };
  const prices = checkPriceFilter(filter('PRICE_FILTER'), ENDPOINT);
  const lot = checkLotFilter(filter('LOT_SIZE'), ENDPOINT);
  const marketLot = checkLotFilter(filter('MARKET_LOT_SIZE'), ENDPOINT);
  const least = checkNotionalFilter(filter('MIN_NOTIONAL'), ENDPOINT);
  return {
    rules: {
      symbol: id(answer.symbol),
      tickSize: price(prices.tickSize),
      priceMin: price(prices.minPrice),
      priceMax: price(prices.maxPrice),
      stepSize: quantity(lot.stepSize),
      quantityMin: quantity(lot.minQty),
      quantityMax: quantity(lot.maxQty),
      marketStepSize: quantity(marketLot.stepSize),
      marketQuantityMin: quantity(marketLot.minQty),
      marketQuantityMax: quantity(marketLot.maxQty),
      notionalMin: notional(least.notional),
    },
    baseAsset: answer.baseAsset,
    quoteAsset: answer.quoteAsset,
    isTrading: answer.status === 'TRADING',
    onboardAtMs: answer.onboardDate ?? 0,
    deliversAtMs: isAnnounced(answer.deliveryDate) ? answer.deliveryDate : undefined,
  };
}

function isAnnounced(deliveryMs: number | undefined): boolean {
  return deliveryMs !== undefined && deliveryMs > 0 && deliveryMs < NEVER_DELIVERED_MS;
}
