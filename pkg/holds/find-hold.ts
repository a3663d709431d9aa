import type { AccountId, Lane } from '#pkg/domain';

import type { Hold } from './hold-rows.ts';

/** What somebody wants to begin. */
export interface HeldWork {
  readonly accountId?: AccountId | undefined;
  /** Lanes that its steps run in. */
  readonly lanes: ReadonlySet<Lane>;
}

/** Returns the hold that keeps `work` from beginning: of those that apply the widest, and of these the oldest. */
export function findHold(holds: readonly Hold[], work: HeldWork): Hold | undefined {
  return (
    holds.find(({ scope }) => scope.kind === 'fleet') ??
    holds.find(({ scope }) => scope.kind === 'account' && scope.accountId === work.accountId) ??
    holds.find(({ scope }) => scope.kind === 'lane' && work.lanes.has(scope.lane))
  );
}
