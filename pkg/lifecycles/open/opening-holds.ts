import { isMoneyReal, readArming } from '#pkg/accounts';
import type { Clock, Reason } from '#pkg/base';
import type { AccountId, Lane } from '#pkg/domain';
import { findHold, listHolds, type Hold } from '#pkg/holds';
import { holdOf, readHalts, readMode, type Halt } from '#pkg/modes';
import type { OpeningDecision } from '#pkg/regime';
import { believedStates, USER_STREAM_LEASE, type Store } from '#pkg/store';

import { judgeMarket, readMarketFacts } from './market-facts.ts';
import { findVenueCooldown } from './venue-cooldown.ts';

/** What holds every opening of an account, whatever the symbol; what protects and closes never asks. */
export interface OpeningHolds {
  /** What the mode of the fleet says to openings. */
  readonly modeHold: Reason | undefined;
  /** Guards that halt every opening. */
  readonly halts: readonly Halt[];
  /** Of the fleet, of the account, or of a lane that an opening needs. */
  readonly pause: Hold | undefined;
  /** The venue could not serve lately; set while nothing is opened for that. */
  readonly coolsUntilMs: number | undefined;
  /** What the regime and the shock breaker say, decided once for all that is asked of it. */
  readonly market: OpeningDecision;
  /** Why events of the account may be missing; undefined while they are complete. */
  readonly eventsGap: Reason | undefined;
  /** Real money, and the account is not armed here. */
  readonly isDisarmed: boolean;
}

/** Lanes that the steps of an opening run in. */
const OPENING_LANES: ReadonlySet<Lane> = new Set(['positions', 'orders']);

/** Returns the holds of one account as they stand now. */
export async function readOpeningHolds(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  accountId: AccountId,
): Promise<OpeningHolds> {
  const nowMs = clock.nowMs();
  const [mode, halts, holds, coolsUntilMs, market, row, lease, isDisarmed] = await Promise.all([
    readMode(store.settings, nowMs),
    readHalts(store.settings),
    listHolds(store.settings, nowMs),
    findVenueCooldown(store.settings, nowMs),
    readMarketFacts(store.settings),
    store.accountStreams.find(accountId),
    store.leases.find(USER_STREAM_LEASE),
    findDisarmed(store, accountId),
  ]);
  const [events] = believedStates([accountId], row === undefined ? [] : [row], lease);
  return {
    modeHold: holdOf(mode.name, 'opens'),
    halts,
    pause: findHold(holds, { accountId, lanes: OPENING_LANES }),
    coolsUntilMs,
    market: judgeMarket(market, nowMs),
    eventsGap: events?.reason,
    isDisarmed,
  };
}

async function findDisarmed(store: Store, accountId: AccountId): Promise<boolean> {
  if (!(await isMoneyReal(store.settings))) return false;
  return (await readArming(store, accountId)) !== 'armed';
}
