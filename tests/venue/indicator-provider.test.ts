/** The indicator provider over HTTP: bulk and direct, its limits, its refusals. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createManualClock } from '#pkg/base';
import { startSimulatedVenue, type SimulatedVenue } from '#pkg/exchange/simulated';

const SECRET = 'indicator-secret';
const NOW_MS = Date.UTC(2026, 4, 3, 10, 17, 23);
let venue: SimulatedVenue;

beforeEach(async () => {
  venue = await startSimulatedVenue({
    accounts: [],
    clock: createManualClock(NOW_MS),
    taapi: { listen: { host: '127.0.0.1', port: 0 }, secret: SECRET },
  });
});
afterEach(async () => {
  await venue[Symbol.asyncDispose]();
});

interface Answered {
  readonly status: number;
  readonly body: unknown;
}

async function bulk(
  indicators: readonly Readonly<Record<string, unknown>>[],
  change: Readonly<Record<string, unknown>> = {},
): Promise<Answered> {
  const construct = {
    exchange: 'binancefutures',
    symbol: 'BTC/USDT',
    interval: '1h',
    indicators,
    ...change,
  };
  const answer = await fetch(`${venue.urls.taapi}/bulk`, {
    method: 'POST',
    body: JSON.stringify({ secret: SECRET, construct, ...change }),
  });
  return { status: answer.status, body: await answer.json() };
}

test('a bulk answers each calculation by its id, an unknown one with its error', async () => {
  const answer = await bulk([
    {
      id: 'slow',
      indicator: 'ema',
      period: 120,
      results: 2,
      backtrack: 1,
      addResultTimestamp: true,
    },
    { indicator: 'chop', period: 14 },
    { id: 'odd', indicator: 'astrology' },
  ]);
  const hourS = Math.floor(NOW_MS / 3_600_000) * 3_600;
  expect(answer.body).toEqual({
    data: [
      {
        id: 'slow',
        indicator: 'ema',
        result: {
          value: [expect.any(Number) as unknown, expect.any(Number) as unknown],
          timestamp: [hourS - 7_200, hourS - 3_600],
        },
        errors: [],
      },
      {
        id: 'binancefutures_BTC/USDT_1h_chop_14_0',
        indicator: 'chop',
        result: { value: expect.any(Number) as unknown },
        errors: [],
      },
      {
        id: 'odd',
        indicator: 'astrology',
        result: {},
        errors: ['The indicator astrology is not available.'],
      },
    ],
  });
});

test('a direct request answers one calculation', async () => {
  const query = 'exchange=binancefutures&symbol=SOL/USDT&interval=4h';
  const answer = await fetch(`${venue.urls.taapi}/candle?secret=${SECRET}&${query}&backtrack=1`);
  const candle = (await answer.json()) as Readonly<Record<string, number>>;
  const lastClosedS = Math.floor(NOW_MS / 14_400_000) * 14_400 - 14_400;
  expect(candle).toMatchObject({ timestamp: lastClosedS });
  expect(candle['high']).toBeGreaterThanOrEqual(candle['low'] ?? Number.NaN);
});

test('more than 20 calculations in one request are refused', async () => {
  const ema = { indicator: 'ema', period: 40 };
  expect((await bulk(Array.from({ length: 20 }, () => ema))).status).toBe(200);
  expect((await bulk(Array.from({ length: 21 }, () => ema))).status).toBe(400);
});

test('the 76th request within 15 s is refused in the documented words', async () => {
  for (let count = 0; count < 75; count += 1)
    expect((await bulk([{ indicator: 'rsi' }])).status).toBe(200);
  expect(await bulk([{ indicator: 'rsi' }])).toEqual({
    status: 429,
    body: { error: '429: You have exceeded your request limit (TAAPI.IO rate-limit)!' },
  });
});

test.each([
  ['a wrong secret', { secret: 'other' }, 401],
  ['no indicators', { construct: {} }, 400],
])('%s is refused', async (_what, change, status) => {
  expect((await bulk([{ indicator: 'rsi' }], change)).status).toBe(status);
});
