import { formatInstant, type Reason } from '#pkg/base';
import { TIMEFRAME_MS, type Direction, type SymbolName, type Timeframe } from '#pkg/domain';
import type { IndicatorName, IndicatorReading } from '#pkg/indicators';

/**
 * What is asked of the provider for one symbol and timeframe.
 *
 * `emas-same-direction`, the seventh of the active set, is computed from the three averages.
 */
const ASKED_INDICATORS: readonly IndicatorName[] = [
  'candle-comparison',
  'ema-40',
  'ema-80',
  'ema-120',
  'chop',
  'pivotpoints',
];

/** A market is too choppy for a direction from here on. */
export const CHOP_LIMIT = 55;

export type Conclusion =
  | { readonly kind: 'concluded'; readonly direction: Direction }
  | { readonly kind: 'unclear'; readonly reason: Reason; readonly message: string };

/** `up` is long, `down` is short; `silent` abstains because two values are equal. */
type Voice = 'up' | 'down' | 'silent';

type Reading = Extract<IndicatorReading, { readonly kind: 'read' }>;

/** A reading and when it was taken. */
export interface RunReading {
  readonly reading: Reading;
  readonly readAtMs: number;
}

/** The provider's clock, ours, and a request on its way at the turn of the hour: so much earlier or later is the same time. */
const CLOCK_SLACK_MS = 10_000;

/**
 * Concludes the direction of one symbol on one timeframe, by unanimity and without weights.
 *
 * Every direction indicator that does not abstain must agree, and every validation must pass. A missing
 * reading is a reason, never a silent vote.
 */
export function concludeDirection(run: readonly RunReading[], timeframe: Timeframe): Conclusion {
  const found = new Map(run.map(({ reading }) => [reading.query.indicator, reading]));
  const missing = ASKED_INDICATORS.filter((indicator) => !found.has(indicator));
  if (missing.length > 0) return unclear('ReadingMissing', `No reading of ${missing.join(', ')}.`);
  if (!areOfOneRun(run)) {
    return unclear('ReadingStale', 'The readings were taken more than 300 s apart.');
  }
  // Pivot points are of the day before, whatever the timeframe; they vote on nothing.
  const stale = run.find(
    (one) => one.reading.query.indicator !== 'pivotpoints' && !isOfItsCandle(one, timeframe),
  );
  if (stale !== undefined) {
    const { query, candleOpenAtMs } = stale.reading;
    return unclear(
      'ReadingStale',
      candleOpenAtMs === undefined
        ? `${query.indicator} does not say which candle it is of.`
        : `${query.indicator} is of the candle of ${formatInstant(candleOpenAtMs)}, not of the last one.`,
    );
  }
  const chop = first(found.get('chop'), 'value');
  if (chop === undefined) return unclear('ReadingMissing', 'chop carries no value.');
  if (chop >= CHOP_LIMIT) {
    return unclear('DirectionUnclear', `chop is ${chop.toFixed(1)}, not under ${CHOP_LIMIT}.`);
  }
  const emas = (['ema-40', 'ema-80', 'ema-120'] as const).map((name) =>
    slope(found.get(name), 'value'),
  );
  const voices = [slope(found.get('candle-comparison'), 'close'), ...emas, agreed(emas)];
  if (voices.includes(undefined)) {
    return unclear('ReadingMissing', 'An indicator gave one value where two are compared.');
  }
  return unanimous(voices);
}

/** Readings that are concluded together were taken within so long (incident 33). */
const RUN_MS_MAX = 300_000;

/** Whether readings were taken close enough together to speak of one moment. */
function areOfOneRun(readouts: readonly { readonly readAtMs: number }[]): boolean {
  const times = readouts.map(({ readAtMs }) => readAtMs);
  return times.length === 0 || Math.max(...times) - Math.min(...times) <= RUN_MS_MAX;
}

function unanimous(voices: readonly (Voice | undefined)[]): Conclusion {
  const said = new Set(voices.filter((voice) => voice !== 'silent'));
  if (said.size === 1) {
    return { kind: 'concluded', direction: said.has('up') ? 'long' : 'short' };
  }
  return unclear(
    'DirectionUnclear',
    said.size === 0 ? 'Every indicator abstains.' : 'The indicators contradict each other.',
  );
}

/** The averages as one voice: silent unless all three say the same. */
function agreed(voices: readonly (Voice | undefined)[]): Voice | undefined {
  if (voices.includes(undefined)) return undefined;
  const [voice] = voices;
  return voices.every((other) => other === voice) ? voice : 'silent';
}

/** Compares the newest value with the one before it; undefined when there are not two. */
function slope(reading: Reading | undefined, name: string): Voice | undefined {
  const [newest, previous] = reading === undefined ? [] : series(reading, name);
  if (newest === undefined || previous === undefined) return undefined;
  if (newest === previous) return 'silent';
  return newest > previous ? 'up' : 'down';
}

function first(reading: Reading | undefined, name: string): number | undefined {
  return reading === undefined ? undefined : series(reading, name)[0];
}

/** Newest first; only finite numbers count as values. */
function series(reading: Reading, name: string): readonly number[] {
  return (reading.values[name] ?? []).filter((value) => Number.isFinite(value));
}

/** The comparison sets the open candle against the last closed one; everything else is of the last closed one. */
function isOfItsCandle({ reading, readAtMs }: RunReading, timeframe: Timeframe): boolean {
  const lengthMs = TIMEFRAME_MS[timeframe];
  const back = reading.query.indicator === 'candle-comparison' ? 0 : lengthMs;
  return [readAtMs - CLOCK_SLACK_MS, readAtMs, readAtMs + CLOCK_SLACK_MS].some(
    (atMs) => reading.candleOpenAtMs === Math.floor(atMs / lengthMs) * lengthMs - back,
  );
}

function unclear(reason: Reason, message: string): Conclusion {
  return { kind: 'unclear', reason, message };
}

/** One calculation of one symbol. */
export interface BulkQuery {
  readonly symbol: SymbolName;
  readonly indicator: IndicatorName;
}

/** Packs what is asked for all symbols into requests, each but the last as full as it may be. */
export function planBulks(
  symbols: readonly SymbolName[],
  calculationsMax: number,
): readonly (readonly BulkQuery[])[] {
  const queries = symbols.flatMap((symbol) =>
    ASKED_INDICATORS.map((indicator) => ({ symbol, indicator })),
  );
  const bulks: BulkQuery[][] = [];
  for (let index = 0; index < queries.length; index += calculationsMax) {
    bulks.push(queries.slice(index, index + calculationsMax));
  }
  return bulks;
}
