import { Decimal, type Reason } from '#pkg/base';
import {
  DEFAULT_RISK_LIMITS,
  type AccountSettings,
  type Direction,
  type Notional,
  type RiskLimits,
} from '#pkg/domain';
import type { FullLadder } from './full-ladder.ts';
import { liquidationPriceOf } from './liquidation.ts';
import { maintenanceOf, maintenanceTiers } from './maintenance.ts';

export type RiskDecision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly message: string };

export interface RiskFacts {
  readonly walletUsdt: Notional;
  readonly limits: RiskLimits;
  /** The ladder that the order belongs to. */
  readonly ladder: FullLadder;
  /** The other positions of the account. */
  readonly others: readonly FullLadder[];
  /** What the other positions have gained (or lost) at the marks of now. */
  readonly unrealizedUsdt: Notional;
  /** Of all accounts, without this ladder; asked only where a limit is set. */
  readonly fleet?: { readonly worthUsdt: Notional; readonly worthMaxUsdt: Notional };
}

/** Returns the limits of an account: its own, and the defaults for the rest. */
export function limitsOf({ risk }: Pick<AccountSettings, 'risk'>): RiskLimits {
  return { ...DEFAULT_RISK_LIMITS, ...risk };
}

/** Returns the first refusal, with its figures. Worth first, because it needs no model of the venue. */
export function judgeLadder(facts: RiskFacts): RiskDecision {
  for (const question of QUESTIONS) {
    const decision = question(facts);
    if (decision.kind === 'refused') return decision;
  }
  return ALLOWED;
}

type Question = (facts: RiskFacts) => RiskDecision;

const ALLOWED: RiskDecision = { kind: 'allowed' };

const sideIsBelowLimit: Question = (facts) => {
  const { direction } = facts.ladder;
  const worth = sum(sideOf(facts, direction), (ladder) => ladder.worth);
  const max = shareOf(facts, facts.limits.sideNotionalPercentMax);
  return refuseAbove(worth, max, 'SideNotionalLimit', `Full ${direction} ladders`);
};

const accountIsBelowLimit: Question = (facts) => {
  const worth = sum(allOf(facts), (ladder) => ladder.worth);
  const max = shareOf(facts, facts.limits.notionalPercentMax);
  return refuseAbove(worth, max, 'AccountNotionalLimit', 'Full ladders of both sides');
};

const fleetIsBelowLimit: Question = ({ fleet, ladder }) =>
  fleet === undefined
    ? ALLOWED
    : refuseAbove(
        fleet.worthUsdt.plus(ladder.worth),
        fleet.worthMaxUsdt,
        'FleetNotionalLimit',
        'Full ladders of all accounts',
      );

/** A fall stops the longs together, a rise the shorts: the sides are not added up. */
const stopsAreAffordable: Question = (facts) => {
  const { direction } = facts.ladder;
  const loss = sum(sideOf(facts, direction), (ladder) => ladder.stopLoss);
  const max = shareOf(facts, facts.limits.stopLossPercentMax);
  const what = `The loss of all ${direction} ladders at their stops`;
  return refuseAbove(loss, max, 'StopLossLimit', what);
};

const liquidationIsBeyondStop: Question = (facts) => {
  const { ladder } = facts;
  const freeUsdt = facts.walletUsdt.plus(facts.unrealizedUsdt).minus(maintenanceOfOthers(facts));
  const mark = liquidationPriceOf(ladder, { freeUsdt });
  if (mark === undefined) return ALLOWED;
  const isBeyond =
    ladder.direction === 'long' ? mark.lt(ladder.stopPrice) : mark.gt(ladder.stopPrice);
  return isBeyond
    ? ALLOWED
    : {
        kind: 'refused',
        reason: 'LiquidationBeforeStop',
        message: `With the whole ladder filled the liquidation would come at ${mark.toSignificantDigits(8).toString()}, before the stop at ${ladder.stopPrice.toString()}.`,
      };
};

const marginRatioIsBelowCeiling: Question = (facts) => {
  const { ladder, limits } = facts;
  const own = maintenanceOf(
    maintenanceTiers(ladder.brackets),
    ladder.quantity.times(ladder.stopPrice),
  );
  const maintenance = maintenanceOfOthers(facts).plus(own);
  const balance = facts.walletUsdt.plus(facts.unrealizedUsdt).minus(ladder.stopLoss);
  const max = balance.times(limits.marginRatioPercentMax).div(100);
  if (balance.gt(0) && maintenance.lte(max)) return ALLOWED;
  return {
    kind: 'refused',
    reason: 'MarginRatioLimit',
    message: `At the stop of the full ladder ${maintenance.toFixed(2)} USDT maintenance margin would stand against ${balance.toFixed(2)} USDT margin balance; the limit is ${limits.marginRatioPercentMax} %.`,
  };
};

/** Cheapest and most absolute first. */
const QUESTIONS: readonly Question[] = [
  sideIsBelowLimit,
  accountIsBelowLimit,
  fleetIsBelowLimit,
  stopsAreAffordable,
  liquidationIsBeyondStop,
  marginRatioIsBelowCeiling,
];

/** The others count with their ladders full, too: a market that fills this one fills them. */
function maintenanceOfOthers({ others }: RiskFacts): Decimal {
  return sum(others, ({ brackets, worth }) => maintenanceOf(maintenanceTiers(brackets), worth));
}

function allOf({ ladder, others }: RiskFacts): readonly FullLadder[] {
  return [ladder, ...others];
}

function sideOf(facts: RiskFacts, direction: Direction): readonly FullLadder[] {
  return allOf(facts).filter((ladder) => ladder.direction === direction);
}

function shareOf({ walletUsdt }: RiskFacts, percent: number): Decimal {
  return walletUsdt.times(percent).div(100);
}

function sum(ladders: readonly FullLadder[], of: (ladder: FullLadder) => Decimal): Decimal {
  return ladders.reduce((total, ladder) => total.plus(of(ladder)), new Decimal(0));
}

function refuseAbove(value: Decimal, max: Decimal, reason: Reason, what: string): RiskDecision {
  if (value.lte(max)) return ALLOWED;
  const message = `${what} would be ${value.toFixed(2)} USDT; the limit is ${max.toFixed(2)}.`;
  return { kind: 'refused', reason, message };
}
