import type { Clock, Reason } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import { holdOf, readHalts, readMode, type Halt } from '#pkg/modes';
import { believedStates, USER_STREAM_LEASE, type Store } from '#pkg/store';

import { findOpeningPause } from './opening-pause.ts';
import { findVenueCooldown } from './venue-cooldown.ts';

/** What holds every opening of an account, whatever the symbol; what protects and closes never asks. */
export interface OpeningHolds {
  /** What the mode of the fleet says to openings. */
  readonly modeHold: Reason | undefined;
  /** Guards that halt every opening. */
  readonly halts: readonly Halt[];
  /** Set by a person: no openings, fleet-wide. */
  readonly isOpeningPaused: boolean;
  /** The venue could not serve lately; set while nothing is opened for that. */
  readonly coolsUntilMs: number | undefined;
  /** Why events of the account may be missing; undefined while they are complete. */
  readonly eventsGap: Reason | undefined;
}

/** Returns the holds of one account as they stand now. */
export async function readOpeningHolds(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  accountId: AccountId,
): Promise<OpeningHolds> {
  const nowMs = clock.nowMs();
  const [mode, halts, pause, coolsUntilMs, row, lease] = await Promise.all([
    readMode(store.settings, nowMs),
    readHalts(store.settings),
    findOpeningPause(store.settings, nowMs),
    findVenueCooldown(store.settings, nowMs),
    store.accountStreams.find(accountId),
    store.leases.find(USER_STREAM_LEASE),
  ]);
  const [events] = believedStates([accountId], row === undefined ? [] : [row], lease);
  return {
    modeHold: holdOf(mode.name, 'opens'),
    halts,
    isOpeningPaused: pause !== undefined,
    coolsUntilMs,
    eventsGap: events?.reason,
  };
}
