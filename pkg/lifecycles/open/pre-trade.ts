/** What the risk questions need to know, and what follows from their answer for an order that opens. */
import { notional, type Position, type PositionId, type Price, type Quantity } from '#pkg/domain';
import { fillLadder, judgeLadder, limitsOf } from '#pkg/risk';
import type { StepOutcome } from '#pkg/steps';

import { deferUntil } from '../trade-step.ts';
import { reserveEntry } from './exposure-book.ts';
import { weighOtherPositions, type OtherPositions } from './other-positions.ts';
import { createRiskReader, type RiskDependencies, type RiskFacts } from './risk-facts.ts';

const RATE_RETRY_MS = 200;
/** Each attempt lost means that another entry of the account was let go. */
const ADMIT_ATTEMPTS_MAX = 5;
const CONTENDED_RETRY_MS = 50;
/** No longer than it takes to ask about all rungs of a fill, and shorter than a retry. */
const READING_AGE_MS_MAX = 100;

/** The entry as it stands (or, before the fill, as it is planned at the mark). */
export interface LadderEntry {
  readonly entryPrice: Price;
  readonly entryQuantity: Quantity;
}

/** Waits a moment, or ends the opening with the reason and its figures. */
export type RiskRefusal = Extract<StepOutcome<never>, { readonly kind: 'deferred' | 'stopped' }>;

export interface PreTradeRisk {
  /**
   * Asked last, before an entry that was not sent yet; undefined when it may go, and then it counts for every other
   * entry from that moment, in whichever process that is judged. `besides`: what the user holds.
   */
  admit(
    position: Position,
    entry: LadderEntry,
    besides: OtherPositions,
  ): Promise<RiskRefusal | undefined>;
  /** Asked last, before a rung that was not sent yet; undefined when it may go. */
  refuse(position: Position, entry: LadderEntry): Promise<RiskRefusal | undefined>;
}

interface Reading {
  readonly atMs: number;
  readonly facts: Promise<RiskFacts>;
  /** Orders that were let go by it. */
  passed: number;
}

export function createPreTradeRisk(dependencies: RiskDependencies): PreTradeRisk {
  const { store, clock } = dependencies;
  const read = createRiskReader(dependencies);
  const readingOf = shareReadings(clock, read);
  return {
    admit: async (position, entry, besides) => {
      const theirs = await weighOtherPositions(store, besides);
      for (let attempt = 1; attempt <= ADMIT_ATTEMPTS_MAX; attempt += 1) {
        const facts = await read(position);
        const { others, unrealizedUsdt } = facts.known;
        const known = {
          others: [...others, ...theirs.ladders],
          unrealizedUsdt: notional(unrealizedUsdt.plus(theirs.unrealizedUsdt)),
        };
        const refusal = judge(position, entry, { ...facts, known }, clock.nowMs());
        if (refusal !== undefined) return refusal;
        if (await reserve(store, facts, position, { ...entry, atMs: clock.nowMs() })) {
          return undefined;
        }
      }
      return deferUntil(clock.nowMs() + CONTENDED_RETRY_MS, 'ExposureChanging');
    },
    refuse: async (position, entry) => {
      const reading = readingOf(position);
      const facts = await reading.facts;
      const sent = facts.sent + reading.passed;
      const refusal = judge(position, entry, { ...facts, sent }, clock.nowMs());
      if (refusal === undefined) reading.passed += 1;
      return refusal;
    },
  };
}

function judge(
  { direction, settings }: Position,
  entry: LadderEntry,
  { account, symbol, known, fleet, sent }: RiskFacts,
  nowMs: number,
): RiskRefusal | undefined {
  const limits = limitsOf(account.settings);
  if (sent >= limits.ordersPerSecondMax) return deferUntil(nowMs + RATE_RETRY_MS, 'OrderRateLimit');
  const ladder = fillLadder(symbol, { direction, settings, ...entry });
  // What the venue would not take as a ladder is refused by its own question.
  if (ladder === undefined) return undefined;
  const decision = judgeLadder({
    walletUsdt: notional(account.balanceUsdt ?? 0),
    limits,
    ladder,
    ...known,
    ...(fleet === undefined ? {} : { fleet }),
  });
  return decision.kind === 'refused'
    ? { kind: 'stopped', reason: decision.reason, message: decision.message }
    : undefined;
}

/** Writes the entry into every book that it was judged by; false when one has changed since. */
async function reserve(
  { settings }: RiskDependencies['store'],
  { books }: RiskFacts,
  { id: positionId }: Position,
  { entryPrice, entryQuantity, atMs }: LadderEntry & { readonly atMs: number },
): Promise<boolean> {
  const entry = {
    positionId,
    entryPrice: entryPrice.toFixed(),
    entryQuantity: entryQuantity.toFixed(),
    atMs,
  };
  for (const { book, pending } of books) {
    if (!(await reserveEntry(settings, book, entry, pending))) return false;
  }
  return true;
}

/** Returns `read` shared by what is asked at once: one reading answers all rungs of a fill. */
function shareReadings(
  clock: RiskDependencies['clock'],
  read: (position: Position) => Promise<RiskFacts>,
): (position: Position) => Reading {
  const readings = new Map<PositionId, Reading>();
  return (position) => {
    const nowMs = clock.monotonicMs();
    const standing = readings.get(position.id);
    if (standing !== undefined && nowMs - standing.atMs < READING_AGE_MS_MAX) return standing;
    const reading: Reading = { atMs: nowMs, facts: read(position), passed: 0 };
    for (const [key, { atMs }] of readings) {
      if (nowMs - atMs >= READING_AGE_MS_MAX) readings.delete(key);
    }
    readings.set(position.id, reading);
    reading.facts.catch(() => {
      if (readings.get(position.id) === reading) readings.delete(position.id);
    });
    return reading;
  };
}
