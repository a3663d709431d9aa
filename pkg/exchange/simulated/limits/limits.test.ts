import { describe, expect, test } from 'vitest';
import { createRequestLog } from '../taapi/request-log.ts';
import { createAddressLimits } from './address-limits.ts';
import { createOrderLimits } from './order-limits.ts';

const MINUTE_MS = 60_000;
const NOON_MS = Date.UTC(2026, 4, 3, 12);

describe('weight of an address', () => {
  test('the window begins with the minute of the clock', () => {
    const limits = createAddressLimits(100);
    expect(limits.take('a', 100, NOON_MS + 59_999).kind).toBe('granted');
    expect(limits.take('a', 1, NOON_MS + 59_999)).toEqual({
      kind: 'limited',
      usedWeight: 101,
      retryAfterSeconds: 1,
    });
    expect(limits.take('a', 1, NOON_MS + MINUTE_MS)).toEqual({ kind: 'granted', usedWeight: 1 });
  });

  test('one address does not spend the weight of another', () => {
    const limits = createAddressLimits(100);
    limits.take('a', 100, NOON_MS);
    expect(limits.take('b', 100, NOON_MS).kind).toBe('granted');
  });

  test('who goes on is banned, twice as long each time', () => {
    const limits = createAddressLimits(1);
    const insist = (nowMs: number): number => {
      for (;;) {
        const verdict = limits.take('a', 1, nowMs);
        if (verdict.kind === 'banned') return verdict.untilMs;
      }
    };
    const first = insist(NOON_MS);
    const second = insist(first);
    expect([first - NOON_MS, second - first]).toEqual([2 * MINUTE_MS, 4 * MINUTE_MS]);
    expect(limits.take('a', 1, second - 1)).toMatchObject({ kind: 'banned', retryAfterSeconds: 1 });
  });
});

test('orders of an account are counted over ten seconds and a minute at once', () => {
  const limits = createOrderLimits({ '10S': 2, '1M': 3 });
  const take = (offsetMs: number) => limits.take('k', NOON_MS + offsetMs);
  expect([take(0), take(1)].map((counts) => counts.refusal)).toEqual([undefined, undefined]);
  expect(take(2)).toMatchObject({
    used: { '10S': 3, '1M': 3 },
    refusal: 'Too many new orders; current limit is 2 orders per TEN_SECONDS.',
  });
  expect(take(10_000).refusal).toContain('ONE_MINUTE');
});

describe('requests to the indicator provider', () => {
  const spend = (window: 'sliding' | 'fixed', atMs: number, laterMs: number): boolean => {
    const isAllowed = createRequestLog(window);
    for (let count = 0; count < 75; count += 1) expect(isAllowed(atMs)).toBe(true);
    expect(isAllowed(atMs)).toBe(false);
    return isAllowed(laterMs);
  };

  test('75 in a window of 15 s that slides, or that is fixed to the clock', () => {
    expect(spend('sliding', NOON_MS + 14_000, NOON_MS + 15_000)).toBe(false);
    expect(spend('sliding', NOON_MS + 14_000, NOON_MS + 29_000)).toBe(true);
    expect(spend('fixed', NOON_MS + 14_000, NOON_MS + 15_000)).toBe(true);
  });
});
