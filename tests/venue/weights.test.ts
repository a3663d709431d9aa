import fc from 'fast-check';
import { expect, test } from 'vitest';

import { required } from '#pkg/base';
import { ENDPOINTS, requestWeight } from '../../pkg/exchange/binance/endpoints.ts';
import { ENDPOINTS as SERVED } from '../../pkg/exchange/simulated/venue/venue.ts';

const parameters = fc.record(
  {
    symbol: fc.constantFrom('BTCUSDT', 'SOLUSDT'),
    limit: fc.integer({ min: 1, max: 1_500 }),
    orderId: fc.nat(),
    dualSidePosition: fc.constantFrom('true', 'false'),
  },
  { requiredKeys: [] },
);

test('what the client counts for a request is what the venue charges, whatever its parameters', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(ENDPOINTS)), parameters, (asked, given) => {
      const served = required(
        SERVED.find(({ method, path }) => method === asked.method && path === asked.path),
        `The venue serves ${asked.name}.`,
      );
      const texts = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, String(value)]),
      );
      expect(requestWeight(asked, given), asked.name).toBe(served.weight(texts));
    }),
    { numRuns: 3_000 },
  );
});
