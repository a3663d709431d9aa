import type { Reason } from '#pkg/base';

/**
 * Whether the events of an account are complete: every change at the venue is either stored as a frame or was read by
 * REST since.
 */
export type Completeness =
  | { readonly isComplete: true; readonly sinceMs: number }
  | { readonly isComplete: false; readonly sinceMs: number; readonly reason: IncompleteReason };

export type IncompleteReason = Extract<
  Reason,
  'StreamConnecting' | 'StreamGapOpen' | 'FramesUnstored'
>;

/** What is known of one account's stream. */
export interface StreamFacts {
  readonly isConnected: boolean;
  /** Nothing was missed since the account was read by REST last. */
  readonly isReconciled: boolean;
  /** Frames that wait because they could not be stored. */
  readonly deadLetters: number;
}

/** Returns why events may be missing: the first question that is answered so; undefined when none is. */
export function findIncompleteness(facts: StreamFacts): IncompleteReason | undefined {
  if (!facts.isConnected) return 'StreamConnecting';
  if (!facts.isReconciled) return 'StreamGapOpen';
  if (facts.deadLetters > 0) return 'FramesUnstored';
  return undefined;
}

/** Returns the next state; the instant stays while the answer does. */
export function nextCompleteness(
  before: Completeness,
  facts: StreamFacts,
  nowMs: number,
): Completeness {
  const reason = findIncompleteness(facts);
  if (reason === undefined)
    return before.isComplete ? before : { isComplete: true, sinceMs: nowMs };
  if (!before.isComplete && before.reason === reason) return before;
  return { isComplete: false, sinceMs: before.isComplete ? nowMs : before.sinceMs, reason };
}
