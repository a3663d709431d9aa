import type { Reason } from '#pkg/base';
import type { SymbolName } from '#pkg/domain';
import { mean, pearson } from '#pkg/statistics';

const MINUTE_MS = 60_000;
/** All from domain.md 9. */
const SAMPLES = 61;
const MARK_AGE_MS_MAX = 90_000;
const GAP_MS_MAX = 180_000;
const BTC_QUARTER_FALL = -0.03;
const BTC_HOUR_FALL = -0.05;
const ALTS_HOUR_FALL = -0.07;
const TOGETHER = { correlation: 0.85, btcHourFall: -0.03 } as const;
const TICKS_TO_TRIP = 2;
const PAUSE_MS_DEFAULT = 3_600_000;

/** The marks of one minute. */
export interface MarkSample {
  readonly atMs: number;
  readonly prices: ReadonlyMap<SymbolName, number>;
}

export type ShockRule = 'btc-quarter' | 'btc-hour' | 'alts-hour' | 'together';

export interface ShockFigures {
  readonly btcQuarter: number;
  readonly btcHour: number;
  /** Mean of the alts' moves within the hour. */
  readonly altsHour: number;
  /** Mean over all pairs of the moves from minute to minute; undefined when nothing moved. */
  readonly correlation: number | undefined;
}

export type ShockFinding =
  | { readonly kind: 'calm'; readonly figures: ShockFigures }
  | {
      readonly kind: 'shock';
      readonly rules: readonly ShockRule[];
      readonly figures: ShockFigures;
    }
  | { readonly kind: 'unknown'; readonly reason: Reason; readonly message: string };

/**
 * Looks whether the market falls, from the newest 61 samples of one a minute.
 *
 * Samples that are too old, too few, with a hole over three minutes or without one of the symbols are `unknown`,
 * which allows no opening. Falls count, rises do not.
 */
export function detectShock(
  samples: readonly MarkSample[],
  options: {
    readonly reference: SymbolName;
    readonly alts: readonly SymbolName[];
    readonly nowMs: number;
  },
): ShockFinding {
  const { reference, alts, nowMs } = options;
  const newest = newestOfEachMinute(samples.filter(({ atMs }) => atMs <= nowMs)).slice(-SAMPLES);
  const hole = findHole(newest, [reference, ...alts], nowMs);
  if (hole !== undefined) return { kind: 'unknown', ...hole };
  const seriesOf = (symbol: SymbolName) => newest.map(({ prices }) => prices.get(symbol) ?? 0);
  const all = [reference, ...alts].map(seriesOf);
  const [btc = []] = all;
  const figures: ShockFigures = {
    btcQuarter: moveSince(btc, 15),
    btcHour: moveSince(btc, SAMPLES - 1),
    altsHour: alts.length === 0 ? 0 : mean(all.slice(1).map((alt) => moveSince(alt, SAMPLES - 1))),
    correlation: meanCorrelation(all),
  };
  const rules = brokenRules(figures);
  return rules.length === 0 ? { kind: 'calm', figures } : { kind: 'shock', rules, figures };
}

/** Oldest first. Two samples within one minute would make an hour of less than one. */
function newestOfEachMinute(samples: readonly MarkSample[]): readonly MarkSample[] {
  const sorted = samples.toSorted((a, b) => a.atMs - b.atMs);
  const byMinute = new Map(sorted.map((sample) => [Math.floor(sample.atMs / MINUTE_MS), sample]));
  return [...byMinute.values()];
}

function brokenRules(figures: ShockFigures): readonly ShockRule[] {
  const { btcQuarter, btcHour, altsHour, correlation = 0 } = figures;
  const isBroken: Readonly<Record<ShockRule, boolean>> = {
    'btc-quarter': btcQuarter <= BTC_QUARTER_FALL,
    'btc-hour': btcHour <= BTC_HOUR_FALL,
    'alts-hour': altsHour <= ALTS_HOUR_FALL,
    together: correlation >= TOGETHER.correlation && btcHour <= TOGETHER.btcHourFall,
  };
  return (Object.keys(isBroken) as ShockRule[]).filter((rule) => isBroken[rule]);
}

function findHole(
  samples: readonly MarkSample[],
  symbols: readonly SymbolName[],
  nowMs: number,
): { readonly reason: Reason; readonly message: string } | undefined {
  const last = samples.at(-1);
  if (last === undefined || samples.length < SAMPLES) {
    const message = `${samples.length} of the last ${SAMPLES} minutes' marks are known.`;
    return { reason: 'MarkSamplesMissing', message };
  }
  if (nowMs - last.atMs > MARK_AGE_MS_MAX) {
    const message = `The newest marks are ${Math.round((nowMs - last.atMs) / 1_000)} s old.`;
    return { reason: 'MarkPriceStale', message };
  }
  for (const [index, sample] of samples.entries()) {
    const gapMs = sample.atMs - (samples[index - 1]?.atMs ?? sample.atMs);
    if (gapMs > GAP_MS_MAX) {
      const message = `No marks are known for ${Math.round(gapMs / MINUTE_MS)} minutes of the last hour.`;
      return { reason: 'MarkSamplesMissing', message };
    }
    const absent = symbols.find((symbol) => !((sample.prices.get(symbol) ?? 0) > 0));
    if (absent !== undefined) {
      return { reason: 'MarkSamplesMissing', message: `A mark of ${absent} is not known.` };
    }
  }
  return undefined;
}

/** The move from so many samples before the newest. */
function moveSince(prices: readonly number[], samplesAgo: number): number {
  const [then = 1, now = 1] = [prices.at(-1 - samplesAgo), prices.at(-1)];
  return now / then - 1;
}

function meanCorrelation(series: readonly (readonly number[])[]): number | undefined {
  const moves = series.map((prices) =>
    prices.slice(1).map((price, index) => price / (prices[index] ?? price) - 1),
  );
  const found = moves.flatMap((left, index) =>
    moves.slice(index + 1).flatMap((right) => pearson(left, right) ?? []),
  );
  return found.length === 0 ? undefined : mean(found);
}

/** What the breaker remembers from minute to minute. */
export interface Breaker {
  /** How many looks in a row saw a shock. */
  readonly shocks: number;
  /** No openings until then. */
  readonly untilMs: number | undefined;
}

/**
 * Returns the breaker after a look: the second shock in a row pauses openings for an hour from now, and so does each
 * one after it. A look that saw nothing (`unknown`) neither counts nor forgets.
 */
export function nextBreaker(
  standing: Breaker,
  finding: ShockFinding,
  options: { readonly nowMs: number; readonly pauseMs?: number },
): Breaker {
  const { nowMs, pauseMs = PAUSE_MS_DEFAULT } = options;
  const untilMs = (standing.untilMs ?? 0) > nowMs ? standing.untilMs : undefined;
  if (finding.kind === 'unknown') return { shocks: standing.shocks, untilMs };
  if (finding.kind === 'calm') return { shocks: 0, untilMs };
  const shocks = standing.shocks + 1;
  if (shocks < TICKS_TO_TRIP) return { shocks, untilMs };
  return { shocks, untilMs: Math.max(untilMs ?? 0, nowMs + pauseMs) };
}
