import { assert, type Reason } from '#pkg/base';
import { effectsOf, type RegimeEffects } from './bands.ts';
import type { Breaker, ShockFinding } from './market-shock.ts';

const HOUR_MS = 3_600_000;
/** Older than this, a score says nothing (domain.md 9); the predecessor let everything through after six hours. */
export const SCORE_AGE_MS_MAX = 6_900_000;
const COOLDOWN_SCORE = 80;
const COOLDOWN_HOURS_DEFAULT = 4;

/** The score that was stored last. */
export interface StoredScore {
  readonly score: number;
  /** When the newest candle that counted closed. */
  readonly candlesUntilMs: number;
}

/** No openings until then; `undefined` is none. */
export interface Cooldown {
  readonly untilMs: number | undefined;
}

/**
 * Returns the cooldown after a score: armed from now for `hours` at 80 and above, else as it was until it has passed.
 *
 * Each hour that the score stays critical arms it again. A score that could not be had changes nothing.
 */
export function nextCooldown(
  standing: Cooldown,
  found: { readonly kind: 'scored'; readonly score: number } | { readonly kind: 'unavailable' },
  options: { readonly nowMs: number; readonly hours?: number },
): Cooldown {
  const { nowMs, hours = COOLDOWN_HOURS_DEFAULT } = options;
  assert(hours >= 1 && hours <= 168, 'A cooldown lasts from 1 to 168 hours.');
  if (found.kind === 'scored' && found.score >= COOLDOWN_SCORE) {
    return { untilMs: Math.max(standing.untilMs ?? 0, nowMs + hours * HOUR_MS) };
  }
  return { untilMs: (standing.untilMs ?? 0) > nowMs ? standing.untilMs : undefined };
}

export type OpeningDecision =
  | { readonly kind: 'allowed'; readonly score: number; readonly effects: RegimeEffects }
  | {
      readonly kind: 'refused';
      readonly reason: Reason;
      readonly message: string;
      /** When it may be otherwise, if that is known. */
      readonly untilMs: number | undefined;
    };

export interface RegimeFacts {
  readonly score: StoredScore | undefined;
  readonly cooldown: Cooldown;
  readonly breaker: Breaker;
  /** What the breaker saw at its last look. */
  readonly shock: ShockFinding;
  readonly nowMs: number;
}

type Refusal = Omit<Extract<OpeningDecision, { readonly kind: 'refused' }>, 'kind'>;

/**
 * Answers whether the market allows a new position now, and how large, from one set of facts.
 *
 * An ordered list of questions; the first refusal counts. It says nothing of positions that are open.
 */
export function decideOpening(facts: RegimeFacts): OpeningDecision {
  for (const question of QUESTIONS) {
    const refusal = question(facts);
    if (refusal !== undefined) return { kind: 'refused', ...refusal };
  }
  const score = facts.score?.score ?? 100;
  return { kind: 'allowed', score, effects: effectsOf(score) };
}

const QUESTIONS: readonly ((facts: RegimeFacts) => Refusal | undefined)[] = [
  scoreIsFresh,
  scoreIsNotCritical,
  cooldownHasPassed,
  marketIsNotFalling,
];

function scoreIsFresh({ score, nowMs }: RegimeFacts): Refusal | undefined {
  if (score === undefined) {
    return refusal('RegimeStale', 'The market has not been scored yet.', undefined);
  }
  const ageMs = nowMs - score.candlesUntilMs;
  if (ageMs >= 0 && ageMs <= SCORE_AGE_MS_MAX) return undefined;
  const age =
    ageMs < 0
      ? 'lies in the future'
      : `is ${Math.round(ageMs / 60_000)} minutes old, not within 115`;
  return refusal('RegimeStale', `The newest score of the market ${age}.`, undefined);
}

function scoreIsNotCritical({ score }: RegimeFacts): Refusal | undefined {
  if (score === undefined || score.score < COOLDOWN_SCORE) return undefined;
  return refusal('RegimeCritical', `The market scores ${score.score} of 100.`, undefined);
}

function cooldownHasPassed({ cooldown: { untilMs }, nowMs }: RegimeFacts): Refusal | undefined {
  if (untilMs === undefined || untilMs <= nowMs) return undefined;
  return refusal(
    'RegimeCooldown',
    `The market was critical ${minutesLeft(untilMs, nowMs)}.`,
    untilMs,
  );
}

function marketIsNotFalling({ breaker, shock, nowMs }: RegimeFacts): Refusal | undefined {
  if (breaker.untilMs !== undefined && breaker.untilMs > nowMs) {
    const message = `The market fell too fast ${minutesLeft(breaker.untilMs, nowMs)}.`;
    return refusal('MarketShock', message, breaker.untilMs);
  }
  return shock.kind === 'unknown' ? refusal(shock.reason, shock.message, undefined) : undefined;
}

function minutesLeft(untilMs: number, nowMs: number): string {
  return `and ${Math.ceil((untilMs - nowMs) / 60_000)} minutes of the pause are left`;
}

function refusal(reason: Reason, message: string, untilMs: number | undefined): Refusal {
  return { reason, message, untilMs };
}
