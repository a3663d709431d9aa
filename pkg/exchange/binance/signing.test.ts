import { expect, test } from 'vitest';

import { encodeParameters, signQuery } from './signing.ts';

// The worked example of developers.binance.com, USD-M futures, "SIGNED Endpoint Examples for POST /fapi/v1/order".
const DOCUMENTED_SECRET = '2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9';

test('the documented order is signed as the documents say', () => {
  const query = encodeParameters({
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    quantity: 1,
    price: 9000,
    timeInForce: 'GTC',
    recvWindow: 5000,
    timestamp: 1591702613943,
  });
  expect(signQuery(query, DOCUMENTED_SECRET)).toBe(
    `${query}&signature=3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9`,
  );
});

test('values are percent-encoded before they are signed', () => {
  expect(encodeParameters({ newClientOrderId: "a:b/c'(d)*!", empty: undefined, flag: true })).toBe(
    'newClientOrderId=a%3Ab%2Fc%27%28d%29%2A%21&flag=true',
  );
});

test('a request without parameters still carries its signature', () => {
  expect(signQuery('', 'secret')).toMatch(/^signature=[0-9a-f]{64}$/u);
});
