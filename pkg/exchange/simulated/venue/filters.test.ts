import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal } from '#pkg/base';
import { listSymbols, type ListedSymbol } from '../market/symbols.ts';
import { checkNotional, checkPrice, checkQuantity, priceMax, priceMin } from './filters.ts';
import { VenueRejection } from './rejection.ts';

const listed = fc.constantFrom(...listSymbols(60));
const PLACES = 10;

/** The same in units of 10⁻¹⁰, so that nothing here rounds. */
function units(text: string): bigint {
  const [whole = '0', part = ''] = text.split('.');
  return BigInt(whole + part.padEnd(PLACES, '0').slice(0, PLACES));
}

const amount = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 0, max: PLACES }))
  .map(([digits, places]) => new Decimal(digits.toString()).div(new Decimal(10).pow(places)));

function isAccepted(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (thrown) {
    if (thrown instanceof VenueRejection) return false;
    throw thrown;
  }
}

/** On the grid and within both ends, by whole numbers. */
function fits(value: Decimal, step: string, least: string, most: string): boolean {
  const at = units(value.toFixed(PLACES));
  return at % units(step) === 0n && at >= units(least) && at <= units(most);
}

test('a price and a quantity are accepted just when they lie on the grid and within the ends', () => {
  fc.assert(
    fc.property(listed, amount, fc.constantFrom('LIMIT', 'MARKET'), (symbol, value, kind) => {
      const most = kind === 'LIMIT' ? symbol.quantityMax : symbol.marketQuantityMax;
      expect(isAccepted(() => checkQuantity(symbol, value, kind))).toBe(
        fits(value, symbol.stepSize, symbol.stepSize, most),
      );
      expect(isAccepted(() => checkPrice(symbol, value))).toBe(
        fits(value, symbol.tickSize, priceMin(symbol), priceMax(symbol)),
      );
    }),
    { numRuns: 2_000 },
  );
});

test('an order is worth enough just when quantity times price is', () => {
  const nearby = (symbol: ListedSymbol, value: Decimal): boolean =>
    isAccepted(() => checkNotional(symbol, value, new Decimal(symbol.notionalMin).div(10)));
  fc.assert(
    fc.property(listed, fc.integer({ min: 1, max: 2_000 }), (symbol, hundredths) => {
      expect(nearby(symbol, new Decimal(hundredths).div(100))).toBe(hundredths >= 1_000);
    }),
  );
});
