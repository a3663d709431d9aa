/**
 * May this account open a position now?
 *
 * One ordered list of small questions; the first refusal wins, and its reason is what the admin page, the
 * log line and the metric label all show. Asked at selection and again just before the market order,
 * because the answer goes stale. Closing and protecting existing exposure never ask.
 */
import { formatInstant, type Reason } from '#pkg/base';
import type { Account } from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';
import { describeHold } from '#pkg/holds';

import type { OpeningHolds } from './opening-holds.ts';

/** A mark price older than this is not acted on. */
export const MARK_AGE_MS_MAX = 60_000;

export interface ReadinessFacts extends OpeningHolds {
  readonly account: Account;
  /** Undefined while no symbol is chosen yet. */
  readonly mark: MarkPrice | undefined;
  readonly nowMs: number;
}

export type Decision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly message: string };

export type Policy<Facts> = (facts: Facts) => Decision;

const ALLOWED: Decision = { kind: 'allowed' };

/** Returns the refusal with `reason` unless `isMet`. */
export function decide(isMet: boolean, reason: Reason, message: string): Decision {
  return isMet ? ALLOWED : { kind: 'refused', reason, message };
}

export const tradingIsOn: Policy<Pick<ReadinessFacts, 'account'>> = ({ account }) =>
  decide(
    account.isTradingOn,
    'TradingSwitchedOff',
    `Trading is switched off for account ${account.name}.`,
  );

export const accountIsArmed: Policy<Pick<ReadinessFacts, 'account' | 'isDisarmed'>> = (facts) =>
  decide(
    !facts.isDisarmed,
    'AccountNotArmed',
    `Account ${facts.account.name} is not armed for real money; arm it with: kraite accounts arm ${facts.account.name}`,
  );

export const modeLetsOpen: Policy<Pick<ReadinessFacts, 'modeHold'>> = ({ modeHold }) =>
  decide(
    modeHold === undefined,
    modeHold ?? 'FleetClosesOnly',
    'The mode of the fleet lets nothing open; kraite mode shows which, since when and why.',
  );

export const nothingIsHalted: Policy<Pick<ReadinessFacts, 'halts'>> = ({ halts }) =>
  decide(
    halts.length === 0,
    'OpeningsHalted',
    `Openings are halted: ${halts.map(({ owner, why }) => `${owner}: ${why}`).join(' ')}`,
  );

export const openingIsNotPaused: Policy<Pick<ReadinessFacts, 'account' | 'pause'>> = (facts) => {
  const { pause, account } = facts;
  return decide(
    pause === undefined,
    pause?.reason ?? 'FleetPaused',
    pause === undefined ? '' : `Opening is paused: ${describeHold(pause, () => account.name)}.`,
  );
};

/** The regime of the market and its shock breaker; what they could not see refuses too. */
export const marketAllows: Policy<Pick<ReadinessFacts, 'market'>> = ({ market }) =>
  market.kind === 'allowed' ? ALLOWED : decide(false, market.reason, market.message);

export const venueIsWell: Policy<Pick<ReadinessFacts, 'coolsUntilMs'>> = ({ coolsUntilMs }) =>
  decide(
    coolsUntilMs === undefined,
    'VenueCoolingDown',
    `The venue could not serve; nothing is opened before ${formatInstant(coolsUntilMs ?? 0)}.`,
  );

export const eventsAreComplete: Policy<Pick<ReadinessFacts, 'account' | 'eventsGap'>> = (facts) =>
  decide(
    facts.eventsGap === undefined,
    facts.eventsGap ?? 'StreamConnecting',
    `Events of account ${facts.account.name} may be missing, so nothing is opened until it was read.`,
  );

export const markIsFresh: Policy<Pick<ReadinessFacts, 'mark' | 'nowMs'>> = ({ mark, nowMs }) =>
  decide(
    mark !== undefined && nowMs - mark.atMs <= MARK_AGE_MS_MAX,
    'MarkPriceStale',
    mark === undefined
      ? 'No mark price is known for the symbol.'
      : `The mark price of ${mark.symbol} is ${Math.round((nowMs - mark.atMs) / 1000)} s old.`,
  );

/** Asked again just before the entry. Cheapest and most absolute first. */
export const READINESS_POLICIES: readonly Policy<ReadinessFacts>[] = [
  tradingIsOn,
  accountIsArmed,
  modeLetsOpen,
  nothingIsHalted,
  openingIsNotPaused,
  marketAllows,
  venueIsWell,
  eventsAreComplete,
  markIsFresh,
];

/** Returns the first refusal, or that the opening is allowed. */
export function evaluate<Facts>(policies: readonly Policy<Facts>[], facts: Facts): Decision {
  for (const policy of policies) {
    const decision = policy(facts);
    if (decision.kind === 'refused') return decision;
  }
  return ALLOWED;
}
