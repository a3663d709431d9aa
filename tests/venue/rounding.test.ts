import fc from 'fast-check';
import { expect, test } from 'vitest';

import { Decimal } from '#pkg/base';
import { price, quantity } from '#pkg/domain';
import { roundPrice, roundQuantity } from '../../pkg/domain/money/rounding.ts';
import { listSymbols } from '../../pkg/exchange/simulated/market/symbols.ts';
import {
  checkPrice,
  checkQuantity,
  priceMax,
  priceMin,
} from '../../pkg/exchange/simulated/venue/filters.ts';

const listed = fc.constantFrom(...listSymbols(60));
const amount = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 0, max: 10 }))
  .map(([digits, places]) => new Decimal(digits.toString()).div(new Decimal(10).pow(places)));

test('what the fleet rounds to the grid is accepted wherever the grid has something between the ends', () => {
  const within = (value: Decimal, least: string, most: string): boolean =>
    value.gte(least) && value.lte(most);
  fc.assert(
    fc.property(listed, amount, fc.constantFrom('down', 'up', 'nearest'), (symbol, value, how) => {
      const at = roundPrice(value, price(symbol.tickSize), how);
      if (within(at, priceMin(symbol), priceMax(symbol))) checkPrice(symbol, at);
      const size = roundQuantity(value, quantity(symbol.stepSize));
      expect(size.lte(value)).toBe(true);
      if (within(size, symbol.stepSize, symbol.quantityMax)) checkQuantity(symbol, size, 'LIMIT');
    }),
    { numRuns: 2_000 },
  );
});
