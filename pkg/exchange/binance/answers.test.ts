import { expect, test } from 'vitest';

import { ExchangeProtocolError } from '../errors.ts';
import { parseAnswer } from './answers.ts';

const LONG = '8389765519993908929';

test.each([
  `{"orderId":${LONG}}`,
  `{"orderId": ${LONG} }`,
  `{"orderId":\n\t${LONG}\n}`,
  `[${LONG}]`,
  `[1,${LONG},2]`,
  `[1, ${LONG}]`,
  `{"orderId":-${LONG}}`,
])('an integer beyond 2^53 keeps every digit: %s', (text) => {
  expect(JSON.stringify(parseAnswer(text, 'order'))).toContain(`${LONG}"`);
});

test('digits in a text, a fraction, or a short integer stay what they are', () => {
  const answer = {
    id: 900_719_925_474_099,
    price: '0.1234567890123456',
    clientOrderId: `x-${LONG}`,
  };
  expect(parseAnswer(JSON.stringify(answer), 'order')).toEqual(answer);
  expect(parseAnswer('{"rate":0.1234567890123456}', 'order')).toEqual({ rate: 0.1234567890123456 });
});

test('what is no JSON is said to be none', () => {
  expect(() => parseAnswer('<html>', 'order')).toThrow(ExchangeProtocolError);
});
