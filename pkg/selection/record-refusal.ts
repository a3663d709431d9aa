import type { Account, Direction } from '#pkg/domain';
import type { Decision } from '#pkg/lifecycles';

import type { SelectionDependencies } from './dependencies.ts';

/** Returns the setting that holds why a side of an account last opened nothing; empty when it may open. */
export function refusalSettingOf(account: Pick<Account, 'id'>, direction: Direction): string {
  return `refusal:${account.id}:${direction}`;
}

/**
 * Stores why a side opens nothing, and says so once: an event follows only when the reason changed.
 *
 * A full side is the ordinary state of a healthy account and makes no event.
 */
export async function recordRefusal(
  { store, clock, events }: SelectionDependencies,
  account: Account,
  direction: Direction,
  decision: Decision,
): Promise<void> {
  const setting = refusalSettingOf(account, direction);
  const reason = decision.kind === 'refused' ? decision.reason : '';
  const before = await store.settings.find(setting);
  if (before === reason) return;
  await store.settings.set(setting, reason, clock.nowMs());
  if (decision.kind === 'allowed' || decision.reason === 'NoFreeSlot') return;
  await events.record({
    kind: 'OpeningRefused',
    accountId: account.id,
    reason: decision.reason,
    message: decision.message,
  });
}
