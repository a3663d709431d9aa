import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createSeededRandom } from '#pkg/base';
import { id, type SymbolName } from '#pkg/domain';
import { detectShock, nextBreaker, type Breaker, type MarkSample } from './index.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 1_700_000_040_000;
const BTC = id<SymbolName>('BTCUSDT');
const ALTS = ['ETHUSDT', 'SOLUSDT', 'BNBUSDT', 'XRPUSDT'].map((name) => id<SymbolName>(name));
const OPTIONS = { reference: BTC, alts: ALTS, nowMs: NOW_MS };

type PriceOf = (symbol: SymbolName, minutesAgo: number) => number;

function samplesOf(priceOf: PriceOf, minutes = 61): MarkSample[] {
  return Array.from({ length: minutes }, (_, index) => {
    const minutesAgo = minutes - 1 - index;
    const prices = new Map([BTC, ...ALTS].map((name) => [name, priceOf(name, minutesAgo)]));
    return { atMs: NOW_MS - minutesAgo * MINUTE_MS, prices };
  });
}

/** Every symbol trembles by itself, and so little that no rule looks at it. */
function trembling(): PriceOf {
  const random = createSeededRandom('trembling');
  return () => 100 + random.next() * 0.01;
}

test('a market that trembles is calm', () => {
  expect(detectShock(samplesOf(trembling()), OPTIONS)).toMatchObject({ kind: 'calm' });
});

const fallOf =
  (symbols: readonly SymbolName[], ratio: number, withinMinutes: number): PriceOf =>
  (symbol, minutesAgo) => {
    const fallen = 1 - ratio * Math.max(0, 1 - minutesAgo / withinMinutes);
    const ownTremble = symbols.includes(symbol) ? 0 : ((symbol.length * minutesAgo) % 7) * 1e-4;
    return 100 * (symbols.includes(symbol) ? fallen : 1) + ownTremble;
  };

test.each([
  ['BTC 3 % in 15 minutes', [BTC], 0.0301, 15, ['btc-quarter']],
  ['BTC 5 % in an hour', [BTC], 0.0501, 60, ['btc-hour']],
  ['the alts 7 % in an hour', ALTS, 0.0701, 60, ['alts-hour']],
  ['all of them 3 % together', [BTC, ...ALTS], 0.0301, 60, ['together']],
] as const)('a fall of %s is a shock', (_, symbols, ratio, minutes, rules) => {
  const finding = detectShock(samplesOf(fallOf(symbols, ratio, minutes)), OPTIONS);
  expect(finding).toMatchObject({ kind: 'shock', rules });
  const less = detectShock(samplesOf(fallOf(symbols, ratio - 0.0002, minutes)), OPTIONS);
  expect(less).toMatchObject({ kind: 'calm' });
});

/** All fall by 4 % in the hour, and tremble together as far as `own` lets them. */
function together(own: number): PriceOf {
  const shared = createSeededRandom('shared');
  const common = Array.from({ length: 61 }, () => shared.normal());
  const paths = new Map(
    [BTC, ...ALTS].map((name) => {
      const random = createSeededRandom(name);
      let price = 100;
      const path = common.map((move) => {
        price *= 1 - 0.00068 + 0.0002 * (move + own * random.normal());
        return price;
      });
      return [name, path.map((at) => (at * 100) / (path[0] ?? 100))];
    }),
  );
  return (symbol, minutesAgo) => paths.get(symbol)?.[60 - minutesAgo] ?? 0;
}

test.each([
  [0.33, 'shock', 0.85, 1],
  [0.5, 'calm', 0.7, 0.85],
])('a fall of 4 %% that others share but for %d is %s', (own, kind, least, most) => {
  const finding = detectShock(samplesOf(together(own)), OPTIONS);
  if (finding.kind === 'unknown') throw new Error(finding.message);
  expect(finding.figures.btcHour).toBeGreaterThan(-0.05);
  expect(finding.figures.btcHour).toBeLessThan(-0.03);
  expect(finding.figures.correlation).toBeGreaterThan(least);
  expect(finding.figures.correlation).toBeLessThan(most);
  expect(finding.kind).toBe(kind);
});

test('a rise is no shock', () => {
  const rise: PriceOf = (_, minutesAgo) => 100 + (60 - minutesAgo) ** 1.5;
  expect(detectShock(samplesOf(rise), OPTIONS)).toMatchObject({ kind: 'calm' });
});

test.each([
  ['no samples', [], 'MarkSamplesMissing'],
  ['an hour less a minute', samplesOf(trembling()).slice(1), 'MarkSamplesMissing'],
  [
    'two minutes’ samples in each minute',
    samplesOf(trembling())
      .slice(-31)
      .flatMap((sample) => [
        sample,
        { ...sample, atMs: sample.atMs - 1 - (sample.atMs % 1_000) + 5 },
      ]),
    'MarkSamplesMissing',
  ],
  [
    'marks of 91 seconds ago',
    samplesOf(trembling()).map((sample) => ({ ...sample, atMs: sample.atMs - 91_000 })),
    'MarkPriceStale',
  ],
  [
    'a hole of four minutes',
    samplesOf(trembling(), 70).filter((_, index) => index < 40 || index > 42),
    'MarkSamplesMissing',
  ],
  [
    'a symbol without a mark',
    samplesOf(trembling()).map((sample, index) =>
      index === 30 ? { ...sample, prices: new Map([[BTC, 100]]) } : sample,
    ),
    'MarkSamplesMissing',
  ],
] as const)('%s cannot be judged, with the reason', (_, samples, reason) => {
  expect(detectShock(samples, OPTIONS)).toMatchObject({ kind: 'unknown', reason });
});

const figures = { btcQuarter: 0, btcHour: 0, altsHour: 0, correlation: undefined };
const FINDINGS = {
  calm: { kind: 'calm', figures },
  shock: { kind: 'shock', rules: ['btc-hour'], figures },
  unknown: { kind: 'unknown', reason: 'MarkSamplesMissing', message: 'No marks.' },
} as const;
const look = (breaker: Breaker, kind: keyof typeof FINDINGS, nowMs = NOW_MS) =>
  nextBreaker(breaker, FINDINGS[kind], { nowMs });
const REST: Breaker = { shocks: 0, untilMs: undefined };

test('the second shock in a row trips the breaker, one alone does not', () => {
  const one = look(REST, 'shock');
  expect(one).toEqual({ shocks: 1, untilMs: undefined });
  expect(look(one, 'calm')).toEqual(REST);
  expect(look(one, 'shock')).toEqual({ shocks: 2, untilMs: NOW_MS + 60 * MINUTE_MS });
});

test('a look that sees nothing neither counts nor forgets', () => {
  expect(look(look(look(REST, 'shock'), 'unknown'), 'shock').untilMs).toBeDefined();
  expect(look(REST, 'unknown')).toEqual(REST);
});

test('whatever is seen, a pause is never shortened and ends by itself', () => {
  const looks = fc.array(fc.constantFrom('calm', 'shock', 'unknown'), { maxLength: 30 });
  fc.assert(
    fc.property(looks, (kinds) => {
      let breaker = REST;
      for (const [minute, kind] of kinds.entries()) {
        const nowMs = NOW_MS + minute * MINUTE_MS;
        const next = look(breaker, kind, nowMs);
        expect(next.untilMs ?? 0).toBeGreaterThanOrEqual(breaker.untilMs ?? 0);
        breaker = next;
      }
      const afterMs = NOW_MS + 100 * MINUTE_MS;
      expect(look(breaker, 'calm', afterMs)).toEqual(REST);
    }),
  );
});
