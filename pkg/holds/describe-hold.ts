import { formatInstant } from '#pkg/base';
import type { AccountId } from '#pkg/domain';

import type { Hold, HoldScope } from './hold-rows.ts';

/** Returns `the fleet`, `lane orders` or `account main`. */
export function describeScope(
  scope: HoldScope,
  nameOf: (accountId: AccountId) => string = (accountId) => accountId,
): string {
  switch (scope.kind) {
    case 'fleet':
      return 'the fleet';
    case 'lane':
      return `lane ${scope.lane}`;
    case 'account':
      return `account ${nameOf(scope.accountId)}`;
  }
}

/** Returns one line: what is held, by whom, since when, until when and why. */
export function describeHold(hold: Hold, nameOf?: (accountId: AccountId) => string): string {
  const { owner, why, sinceMs, untilMs } = hold;
  const end = untilMs === undefined ? 'until it is ended' : `until ${formatInstant(untilMs)}`;
  return `${describeScope(hold.scope, nameOf)}, by ${owner} since ${formatInstant(sinceMs)}, ${end}: ${why}`;
}
