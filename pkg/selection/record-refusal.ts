import type { Account, Direction } from '#pkg/domain';
import type { Decision } from '#pkg/lifecycles';

import type { SelectionDependencies } from './dependencies.ts';

/** Returns the setting that holds why a side of an account last opened nothing; empty when it may open. */
export function refusalSettingOf(account: Pick<Account, 'id'>, direction: Direction): string {
  return `refusal:${account.id}:${direction}`;
}

/** Returns the setting that holds why most symbols were refused at that look; empty when the side itself was. */
export function causeSettingOf(account: Pick<Account, 'id'>, direction: Direction): string {
  return `${refusalSettingOf(account, direction)}:cause`;
}

/** What a look at a side came to; `cause` is why most symbols were refused, where no symbol was left. */
export type SideDecision = Decision & { readonly cause?: string };

/**
 * Stores why a side opens nothing, and says so once: an event follows only when the reason or its cause changed.
 *
 * A full side is the ordinary state of a healthy account and makes no event.
 */
export async function recordRefusal(
  { store, clock, events }: SelectionDependencies,
  account: Account,
  direction: Direction,
  decision: SideDecision,
): Promise<void> {
  const setting = refusalSettingOf(account, direction);
  const reason = decision.kind === 'refused' ? decision.reason : '';
  const causeSetting = causeSettingOf(account, direction);
  const before = await store.settings.find(setting);
  const causeBefore = await store.settings.find(causeSetting);
  const cause = decision.cause ?? '';
  if (before === reason && (causeBefore ?? '') === cause) return;
  await store.settings.set(setting, reason, clock.nowMs());
  await store.settings.set(causeSetting, cause, clock.nowMs());
  if (decision.kind === 'allowed' || decision.reason === 'NoFreeSlot') return;
  await events.record({
    kind: 'OpeningRefused',
    accountId: account.id,
    reason: decision.reason,
    message: decision.message,
  });
}
