import type { Reason } from '#pkg/base';
import type { History } from './history.ts';
import type { LadderSetup } from './setup.ts';
import { simulateStarts } from './simulate-starts.ts';
import { summarizeOutcomes, type BacktestFigures } from './summarize-outcomes.ts';

const DAY_MS = 86_400_000;
/** Less is no history; less than two years is said. */
const DAYS_MIN = 90;
const DAYS_WANTED = 730;
const ENDED_MIN = 180;
/** Stops among 180 starts (domain.md 8): fewer than 5 are approved, more than 10 rejected. */
const STOPS_APPROVED_BELOW = 5;
const STOPS_MAX = 10;

/** What is tried when the asked setup is not good enough, times gap and profit, the smallest change first. */
const GAP_FACTORS = [1, 1.15, 1.3, 1.5, 1.75] as const;
const PROFIT_FACTORS = [1, 0.75, 1.5] as const;
/** The last rung of a long ladder stays above this share of the entry price. */
const LAST_RUNG_RATIO_MIN = 0.05;

export type VerdictKind = 'approve' | 'adjust' | 'reject';

export interface Verdict {
  readonly kind: VerdictKind;
  /** One sentence with the figures that decided. */
  readonly message: string;
  /** Why the symbol may not be traded as asked; undefined when it may. */
  readonly reason: Reason | undefined;
  readonly figures: BacktestFigures;
  /** The nearest setup that is approved, for `adjust`. */
  readonly suggestion: Suggestion | undefined;
  /** What a reader must know beside the verdict. */
  readonly notes: readonly string[];
}

export interface Suggestion {
  readonly gapPercent: number;
  readonly profitPercent: number;
  readonly figures: BacktestFigures;
}

/**
 * Simulates a setup over a history and says whether it may be traded.
 *
 * Approved: fewer than 5 stops among 180 ended starts, and a mean result above zero over all starts. Rejected: more than 10, or too little
 * history, or no setup nearby that would be approved. Else the nearest such setup is suggested.
 */
export function judgeSetup(history: History, setup: LadderSetup): Verdict {
  const figures = measure(history, setup);
  const days = (history.untilMs - history.fromMs) / DAY_MS;
  const base = { figures, suggestion: undefined, notes: notesOf(history, days) };
  const ended = figures.profits + figures.stops;
  if (days < DAYS_MIN || ended < ENDED_MIN) {
    const message = `${Math.floor(days)} days and ${ended} ended starts are too little: ${DAYS_MIN} and ${ENDED_MIN} are needed.`;
    return { ...base, kind: 'reject', reason: 'CandlesMissing', message };
  }
  const weakness = findWeakness(figures);
  if (weakness === undefined) {
    return { ...base, kind: 'approve', reason: undefined, message: describe(figures) };
  }
  if (figures.stopsPer180 > STOPS_MAX) {
    return { ...base, kind: 'reject', reason: 'BacktestRejected', message: weakness };
  }
  const suggestion = suggest(history, setup);
  return suggestion === undefined
    ? {
        ...base,
        kind: 'reject',
        reason: 'BacktestRejected',
        message: `${weakness} No wider gap or other profit that was tried is approved.`,
      }
    : { ...base, kind: 'adjust', reason: 'BacktestRejected', message: weakness, suggestion };
}

function measure(history: History, setup: LadderSetup): BacktestFigures {
  return summarizeOutcomes(history, simulateStarts(history, setup), setup.multipliers.length);
}

function findWeakness(figures: BacktestFigures): string | undefined {
  const { stopsPer180, resultPercent } = figures;
  if (stopsPer180 < STOPS_APPROVED_BELOW && resultPercent.mean > 0) return undefined;
  return describe(figures);
}

function describe({ stops, stopsPer180, profits, resultPercent }: BacktestFigures): string {
  return `${stops} of ${profits + stops} ended starts were stopped (${stopsPer180.toFixed(1)} of 180), and the mean result is ${resultPercent.mean.toFixed(4)} % of the full size.`;
}

function suggest(history: History, setup: LadderSetup): Suggestion | undefined {
  for (const gapFactor of GAP_FACTORS) {
    const gapPercent = rounded(setup.gapPercent * gapFactor);
    const lastRung = 1 - (gapPercent * setup.multipliers.length) / 100;
    if (setup.direction === 'long' && lastRung < LAST_RUNG_RATIO_MIN) continue;
    for (const profitFactor of PROFIT_FACTORS) {
      const profitPercent = rounded(setup.profitPercent * profitFactor);
      const figures = measure(history, { ...setup, gapPercent, profitPercent });
      if (findWeakness(figures) === undefined) return { gapPercent, profitPercent, figures };
    }
  }
  return undefined;
}

function rounded(percent: number): number {
  return Math.round(percent * 100) / 100;
}

function notesOf(history: History, days: number): readonly string[] {
  const notes: string[] = [];
  if (days < DAYS_WANTED) {
    notes.push(`${Math.floor(days)} days of history; two years say more.`);
  }
  if (history.hoursAbsent > 0) {
    notes.push(`${history.hoursAbsent} hours have no candle and were passed over.`);
  }
  return notes;
}
