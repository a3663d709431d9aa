import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  DEFAULT_ACCOUNT_SETTINGS,
  DIRECTIONS,
  id,
  planPrices,
  price,
  quantity,
  notional,
  type Candle,
  type Direction,
  type SymbolName,
} from '#pkg/domain';
import { readKlines } from '#pkg/market-data';
import { walkObviously } from '../../tests/harness/obvious-ladder.ts';
import { randomCandles } from '../../tests/harness/random-candles.ts';
import {
  judgeSetup,
  prepareHistory,
  setupOf,
  simulateStarts,
  summarizeOutcomes,
  VENUE_FEES,
  type LadderSetup,
} from './index.ts';
import { shapeLadder } from './setup.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const NAMES = ['open', 'profit', 'stop'] as const;

const setups: fc.Arbitrary<LadderSetup> = fc.record({
  direction: fc.constantFrom<Direction>('long', 'short'),
  gapPercent: fc.double({ min: 0.2, max: 12, noNaN: true }),
  multipliers: fc.array(fc.constantFrom(1, 1.5, 2, 3), { maxLength: 5 }),
  profitPercent: fc.double({ min: 0.05, max: 3, noNaN: true }),
  stopPercent: fc.double({ min: 0.5, max: 10, noNaN: true }),
  fees: fc.constantFrom(VENUE_FEES, { makerRatio: 0, takerRatio: 0 }),
});

function compare(candles: readonly Candle[], setup: LadderSetup): void {
  const found = simulateStarts(prepareHistory(candles), setup);
  for (let start = 0; start < candles.length; start += 1) {
    const expected = walkObviously(candles, setup, start);
    const where = `start ${start} of ${JSON.stringify(setup)}`;
    expect(NAMES[found.ended[start] ?? 9], where).toBe(expected.ended);
    expect(found.rungs[start], where).toBe(expected.rungs);
    expect(found.endedAt[start], where).toBe(expected.endedAt);
    expect(found.results[start], where).toBeCloseTo(expected.result, 10);
  }
}

test('every start ends as a plain walk over the candles says', () => {
  const markets = fc.record({
    seed: fc.integer(),
    volatility: fc.constantFrom(0.001, 0.005, 0.02, 0.1),
    drift: fc.constantFrom(-0.01, 0, 0.01),
    jump: fc.constantFrom(0, 0.05),
    count: fc.integer({ min: 1, max: 150 }),
  });
  fc.assert(
    fc.property(setups, markets, (setup, { seed, ...market }) => {
      compare(randomCandles(seed, market), setup);
    }),
    { numRuns: 150 },
  );
});

const [recorded] = readKlines(`${ROOT}data`, { symbol: 'BTCUSDT', timeframe: '1h' });
const BTC = recorded?.candles ?? [];

test.each(DIRECTIONS)(
  'the %s starts of the recorded crash end as a plain walk says',
  (direction) => {
    const setup = { ...setupOf(DEFAULT_ACCOUNT_SETTINGS, direction), gapPercent: 2 };
    compare(BTC.slice(1_150, 1_650), setup);
  },
);

test.each(DIRECTIONS)('the simulated %s ladder is the one that would be placed', (direction) => {
  const plan = planPrices(
    {
      symbol: id<SymbolName>('ANYUSDT'),
      tickSize: price(0),
      priceMin: price(0),
      priceMax: price(0),
      stepSize: quantity(0),
      quantityMin: quantity(0),
      quantityMax: quantity(0),
      marketStepSize: quantity(0),
      marketQuantityMin: quantity(0),
      marketQuantityMax: quantity(0),
      notionalMin: notional(0),
    },
    {
      direction,
      settings: DEFAULT_ACCOUNT_SETTINGS,
      entryPrice: price(1),
      entryQuantity: quantity(1),
    },
  );
  if (plan.kind === 'infeasible') throw new Error(plan.reason);
  const shape = shapeLadder(setupOf(DEFAULT_ACCOUNT_SETTINGS, direction));
  expect(shape.stop).toBeCloseTo(plan.prices.stopPrice.toNumber(), 12);
  expect(shape.targets[0]).toBeCloseTo(plan.prices.profitPrice.toNumber(), 12);
  for (const [index, rung] of plan.prices.rungs.entries()) {
    expect(shape.rungs[index]?.price).toBeCloseTo(rung.price.toNumber(), 12);
    expect(shape.rungs[index]?.quantity).toBe(rung.quantity.toNumber());
  }
});

test('what the documents say of a full ladder holds: a long that is stopped loses 8.5 % of its size', () => {
  const fees = { makerRatio: 0, takerRatio: 0 };
  const fall = [100, 80, 60].map((close, hour) => ({
    openAtMs: hour * 3_600_000,
    open: hour === 0 ? 100 : close + 20,
    high: hour === 0 ? 100 : close + 20,
    low: close,
    close,
    volume: 1,
  }));
  const setup = { ...setupOf(DEFAULT_ACCOUNT_SETTINGS, 'long'), fees };
  const found = simulateStarts(prepareHistory(fall), setup);
  expect(NAMES[found.ended[0] ?? 9]).toBe('stop');
  expect(found.rungs[0]).toBe(4);
  expect(found.results[0]).toBeCloseTo(-0.085, 3);
});

test('all starts are counted once', () => {
  fc.assert(
    fc.property(setups, fc.integer(), (setup, seed) => {
      const history = prepareHistory(randomCandles(seed, { count: 100, volatility: 0.02 }));
      const outcomes = simulateStarts(history, setup);
      const figures = summarizeOutcomes(history, outcomes, setup.multipliers.length);
      expect(figures.profits + figures.stops + figures.open).toBe(figures.starts);
      expect(figures.byRungs.reduce((sum, count) => sum + count, 0)).toBe(figures.starts);
      expect(figures.stopEpisodes).toBeLessThanOrEqual(figures.stops);
    }),
    { numRuns: 50 },
  );
});

test('BTC through the recorded half-year may be traded long, and not short', () => {
  const history = prepareHistory(BTC);
  const long = judgeSetup(history, setupOf(DEFAULT_ACCOUNT_SETTINGS, 'long'));
  expect(long).toMatchObject({ kind: 'approve', reason: undefined, figures: { stops: 0 } });
  expect(long.notes).toHaveLength(2);
  const short = judgeSetup(history, setupOf(DEFAULT_ACCOUNT_SETTINGS, 'short'));
  expect(short).toMatchObject({ kind: 'reject', reason: 'BacktestRejected' });
  expect(short.figures.stops).toBeGreaterThan(0);
  expect(short.figures.resultPercent.mean).toBeLessThan(0);
});

test('a history of weeks is no history', () => {
  const verdict = judgeSetup(
    prepareHistory(randomCandles(1, { count: 24 * 60, volatility: 0.01 })),
    setupOf(DEFAULT_ACCOUNT_SETTINGS, 'long'),
  );
  expect(verdict).toMatchObject({ kind: 'reject', reason: 'CandlesMissing' });
});

/** Bars that tremble by 2 % around a price. */
const calm = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => {
    const [open, close] = index % 2 === 0 ? [from, from * 1.01] : [from * 1.01, from];
    return { open, close, high: from * 1.02, low: from };
  });

const way = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, index) => {
    const open = from + ((to - from) * index) / count;
    const close = from + ((to - from) * (index + 1)) / count;
    return { open, close, high: Math.max(open, close), low: Math.min(open, close) };
  });

const historyOf = (bars: ReturnType<typeof calm>) =>
  prepareHistory(bars.map((bar, hour) => ({ ...bar, openAtMs: hour * 3_600_000, volume: 1 })));

test('fall after fall is rejected at once, though a wider gap would do, and each is an episode', () => {
  const falls = Array.from({ length: 6 }, () => [...way(100, 65, 150), ...way(65, 100, 100)]);
  const history = historyOf([...falls.flat(), ...calm(1_000, 100)]);
  const setup = { ...setupOf(DEFAULT_ACCOUNT_SETTINGS, 'long'), gapPercent: 6 };
  const verdict = judgeSetup(history, setup);
  expect(verdict).toMatchObject({ kind: 'reject', reason: 'BacktestRejected' });
  expect(verdict.figures.stopsPer180).toBeGreaterThan(10);
  expect(verdict.figures.stopEpisodes).toBe(6);
  expect(judgeSetup(history, { ...setup, gapPercent: 9 }).kind).toBe('approve');
});

test('one fall among years asks for a wider gap, which is shown to be approved', () => {
  // Down by 35 %, and up again to 10 % under where it began.
  const fall = [...way(100, 65, 150), ...way(65, 90, 100)];
  const history = historyOf([...calm(6_000, 100), ...fall, ...calm(6_000, 90)]);
  const setup = { ...setupOf(DEFAULT_ACCOUNT_SETTINGS, 'long'), gapPercent: 6 };
  const verdict = judgeSetup(history, setup);
  expect(verdict).toMatchObject({ kind: 'adjust', reason: 'BacktestRejected' });
  expect(verdict.suggestion?.gapPercent).toBeGreaterThan(6);
  const { gapPercent = 0, profitPercent = 0 } = verdict.suggestion ?? {};
  expect(judgeSetup(history, { ...setup, gapPercent, profitPercent }).kind).toBe('approve');
});
