import type { Candle } from '#pkg/domain';

import type { IndicatorName, IndicatorReading } from '../indicators.ts';

type Reading = Extract<IndicatorReading, { readonly kind: 'read' }>;

/**
 * A provider starts an average from at least so many candles: its page on candles sent by hand names 300 as what works
 * for nearly all indicators (taapi.io, "Integration, Manually"). Until then two averages with different beginnings differ.
 */
const PROVIDER_CANDLES_MIN = 300;
const CHOP_DIFFERENCE_MAX = 0.05;
const PRICE_RATIO_MAX = 1e-4;

/**
 * Returns what a provider's readings and our own disagree about, or undefined.
 *
 * Compared are the averages, chop and the close of the last closed candle, where both speak of the same candle. Not the
 * live price, which moves between two looks, nor pivot points, of which the provider does not say whose day they are.
 */
export function findDisagreement(
  theirs: readonly IndicatorReading[],
  ours: readonly IndicatorReading[],
  candles: readonly Candle[],
): string | undefined {
  const own = new Map(ours.map((reading) => [reading.query.indicator, reading]));
  for (const reading of theirs) {
    const { indicator } = reading.query;
    const other = own.get(indicator);
    if (reading.kind !== 'read' || other?.kind !== 'read') continue;
    if (reading.candleOpenAtMs !== other.candleOpenAtMs) continue;
    const pair = findDifference(indicator, reading, other, candles);
    if (pair === undefined) continue;
    return `${indicator} is ${shown(pair.theirs)} at the provider and ${shown(pair.ours)} by the venue's candles.`;
  }
  return undefined;
}

interface Pair {
  readonly theirs: number;
  readonly ours: number;
}

function findDifference(
  indicator: IndicatorName,
  theirs: Reading,
  ours: Reading,
  candles: readonly Candle[],
): Pair | undefined {
  switch (indicator) {
    case 'ema-40':
    case 'ema-80':
    case 'ema-120':
      return findPair(theirs, ours, 'value', seedRoom(Number(indicator.slice(4)), candles));
    case 'chop':
      return findPair(theirs, ours, 'value', CHOP_DIFFERENCE_MAX);
    case 'candle-comparison': {
      const close = ours.values['close']?.[1] ?? 0;
      return findPair(closedOnly(theirs), closedOnly(ours), 'close', close * PRICE_RATIO_MAX);
    }
    case 'candle':
    case 'pivotpoints':
      return undefined;
  }
}

function closedOnly(reading: Reading): Reading {
  return { ...reading, values: { close: (reading.values['close'] ?? []).slice(1) } };
}

function findPair(theirs: Reading, ours: Reading, name: string, room: number): Pair | undefined {
  const pairs = (theirs.values[name] ?? []).map((value, index) => ({
    theirs: value,
    ours: ours.values[name]?.[index] ?? Number.NaN,
  }));
  return pairs.find((pair) => Math.abs(pair.theirs - pair.ours) > room);
}

/**
 * By how much two averages may differ that began with different candles: what is left of the seed's weight, times how far
 * two seeds can lie apart, and what is lost in rounding.
 */
export function seedRoom(period: number, candles: readonly Candle[]): number {
  const closes = candles.map(({ close }) => close);
  const spread = Math.max(...closes) - Math.min(...closes);
  const weight = (1 - 2 / (period + 1)) ** (PROVIDER_CANDLES_MIN - period);
  return weight * spread + Math.max(...closes) * 1e-6;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(7)));
}
