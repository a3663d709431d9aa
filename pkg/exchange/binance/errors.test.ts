import { describe, expect, test } from 'vitest';

import { classifyFault, VENUE_CODES, type FaultAction } from './errors.ts';

function answer(status: number, code: number | undefined, msg = '', retryAfter?: string) {
  const text = code === undefined ? msg : JSON.stringify({ code, msg });
  return classifyFault({ status, text, retryAfter });
}

describe('the table of faults', () => {
  test('every code of the table decides, whatever 4xx status carries it', () => {
    for (const [code, [action, rejection = 'Other']] of Object.entries(VENUE_CODES)) {
      for (const status of [400, 401, 404]) {
        expect(answer(status, Number(code))).toMatchObject({ action, rejection, venueCode: code });
      }
    }
  });

  test.for<[string, number, number | undefined, string, FaultAction]>([
    ['cross margin already set', 400, -4046, 'No need to change margin type.', 'already-so'],
    ['hedge mode already set', 400, -4059, 'No need to change position side.', 'already-so'],
    ['nothing to amend', 400, -5027, 'No need to modify the order.', 'already-so'],
    ['cancel of a gone order', 400, -2011, 'Unknown order sent.', 'gone'],
    ['query of no order', 400, -2013, 'Order does not exist.', 'not-found'],
    ['stream key gone', 400, -1125, 'This listenKey does not exist.', 'not-found'],
    ['weight spent', 429, -1003, 'Too many requests', 'wait-address'],
    ['weight spent, other status', 400, -1003, 'Too many requests', 'wait-address'],
    ['weight spent, no body', 429, undefined, '', 'wait-address'],
    ['banned', 418, -1003, 'Way too many requests; IP banned until 1795460000123.', 'ban-address'],
    ['shut out by the firewall', 403, undefined, '<html>', 'ban-address'],
    ['orders spent', 429, -1015, 'Too many new orders', 'wait-orders'],
    ['busy', 503, -1008, 'Server is currently overloaded', 'repeat'],
    ['time stamp', 400, -1021, 'Timestamp for this request…', 'resync-clock'],
    ['time stamp of an amendment', 400, -5028, 'Timestamp…', 'resync-clock'],
    ['backend time-out', 408, -1007, 'Timeout waiting for response', 'reconcile'],
    [
      'unknown 503',
      503,
      undefined,
      'Unknown error, please check your request or try again later.',
      'reconcile',
    ],
    ['refused 503', 503, undefined, 'Service Unavailable.', 'repeat'],
    [
      'refused 503 of another kind',
      503,
      undefined,
      'Internal error; unable to process your request. Please try again.',
      'repeat',
    ],
    ['a conflict', 409, undefined, '<html>', 'repeat'],
    ['reduce-only refused', 400, -2022, 'ReduceOnly Order is rejected.', 'reject'],
    ['a stop without a position', 400, -4509, 'Time in Force (TIF) GTE…', 'reject'],
    ['another position mode', 400, -4061, 'Order’s position side does not match…', 'reject'],
    [
      'a mode that orders forbid to change',
      400,
      -4067,
      'Position side cannot be changed…',
      'reject',
    ],
    ['a symbol that is not traded', 400, -4140, 'Invalid symbol status for opening.', 'reject'],
    ['a malformed key', 401, -2014, 'API-key format invalid.', 'stop-account'],
    ['a path that is not there', 404, -5000, 'Path is invalid', 'protocol'],
    ['gateway', 504, undefined, '<html>', 'reconcile'],
    ['bad gateway', 502, undefined, '<html>', 'reconcile'],
    ['bad signature', 400, -1022, 'Signature for this request is not valid.', 'stop-account'],
    [
      'key, address or permission',
      401,
      -2015,
      'Invalid API-key, IP, or permissions',
      'stop-account',
    ],
    ['working id sent again', 400, -4116, 'ClientOrderId is duplicated', 'reconcile'],
    ['a proxy in between', 407, undefined, '<html>', 'protocol'],
    ['an unknown refusal', 400, -9999, 'Something new', 'reject'],
  ])('%s (%i %s)', ([, status, code, msg, action]) => {
    expect(answer(status, code, msg)).toMatchObject({ action, message: msg });
  });

  test('how long to stay away is read from the header and from the text of a ban', () => {
    expect(answer(429, -1003, 'Too many', '7')).toMatchObject({ retryAfterMs: 7_000 });
    expect(answer(429, -1003, 'Too many')).toMatchObject({ retryAfterMs: undefined });
    expect(answer(418, -1003, 'IP(1.2.3.4) banned until 1795460000123')).toMatchObject({
      bannedUntilMs: 1795460000123,
    });
  });

  test('the address that a refused key came from is read from the text', () => {
    const text = 'Invalid API-key, IP, or permissions for action, request ip: 203.0.113.9';
    expect(answer(401, -2015, text)).toMatchObject({ seenAddress: '203.0.113.9' });
    expect(answer(401, -2015, 'Invalid API-key')).toMatchObject({ seenAddress: undefined });
  });

  test('nothing that may have been carried out is called a rejection', () => {
    for (const status of [500, 502, 503, 504, 408]) {
      expect(answer(status, undefined, 'who knows').action).toBe('reconcile');
    }
  });
});
