import { expect, test } from 'vitest';

import { findForcedCause } from './forced.ts';

test.each([
  ['autoclose-1611111111111', 'liquidation'],
  ['adl_autoclose', 'deleveraging'],
  ['adl_autoclose-17', 'deleveraging'],
  ['settlement_autoclose-1', 'settlement'],
  ['k-01m8gb5sm1r58z7f5edsyyr0g7-c0', undefined],
  ['web_autoclose-1', undefined],
  ['', undefined],
])('an order named %j was sent by the venue because of %s', (clientOrderId, cause) => {
  expect(findForcedCause(clientOrderId)).toBe(cause);
});
