import type { HealthRecord, HealthState } from '#pkg/modes';

import type { HealthFacts } from './facts.ts';
import type { HealthSignal } from './signals.ts';

export interface HealthChange {
  readonly record: HealthRecord;
  readonly told: readonly HealthState[];
  readonly ended: readonly HealthState[];
}

/** Returns what stands after a look, what is to be told now, and what was told before and is well again. Pure. */
export function followHealth(
  signals: readonly HealthSignal[],
  before: readonly HealthState[],
  facts: HealthFacts,
): HealthChange {
  const { nowMs } = facts;
  const keyOf = ({ signal, subject }: Pick<HealthState, 'signal' | 'subject'>): string =>
    `${signal} ${subject}`;
  const known = new Map(before.map((state) => [keyOf(state), state]));
  const states = signals.flatMap((signal) =>
    signal.find(facts, signal.threshold).map(({ subject, message }): HealthState => {
      const { name, severity, audience, runbook, graceMs } = signal;
      const sinceMs = known.get(keyOf({ signal: name, subject }))?.sinceMs ?? nowMs;
      const isTold = nowMs - sinceMs >= graceMs;
      return {
        signal: name,
        subject,
        message,
        severity,
        audience,
        runbook,
        sinceMs,
        lastSeenMs: nowMs,
        isTold,
      };
    }),
  );
  const seen = new Set(states.map(keyOf));
  return {
    record: { lookedAtMs: nowMs, states },
    told: states.filter((state) => state.isTold && known.get(keyOf(state))?.isTold !== true),
    ended: before.filter((state) => state.isTold && !seen.has(keyOf(state))),
  };
}
