/**
 * May this side of this account, and may this symbol, take a slot now?
 *
 * Ordered lists of small questions; the first refusal wins and is what the page, the log and the metric show.
 */
import { formatInstant } from '#pkg/base';
import { notional, planEntry, planLeverage, planMargin, simulateOpening } from '#pkg/domain';
import type { Account, Direction, Position, TradedSymbol } from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';
import {
  decide,
  eventsAreComplete,
  judgeSymbol,
  marketAllows,
  markIsFresh,
  modeLetsOpen,
  nothingIsHalted,
  openingIsNotPaused,
  tradingIsOn,
  venueIsWell,
  type Decision,
  type OpeningHolds,
  type Policy,
} from '#pkg/lifecycles';
import { APPROVAL_RENEWED_MS, type Approval, type Levels } from '#pkg/prospects';
import { fillLadder, judgeLadder, limitsOf, type RiskFacts } from '#pkg/risk';

import { fewLaddersAreHalfFull, noLadderIsFull, type FilledRungs } from './ladder-gates.ts';

/** A direction older than two hourly passes is not acted on. */
const DIRECTION_AGE_MS_MAX = 2.5 * 3_600_000;
/** A mark this far from the price that the direction was read at ran away since, or is of another symbol (domain.md 7.7). */
const MISALIGNED_RATIO = 0.15;

export interface SideFacts extends OpeningHolds {
  readonly account: Account;
  readonly direction: Direction;
  /** As of when the rows of the account were last compared with the venue. */
  readonly comparedAtMs: number;
  /** Since when a worker for orders has been running without a gap; undefined when none is known. */
  readonly tradingSinceMs: number | undefined;
  /** The account's positions that hold a slot. */
  readonly open: readonly Position[];
  readonly filledRungs: FilledRungs;
}

/** After every trading box was away, the books come first: what happened meanwhile may have changed them. */
export const booksAreReconciled: Policy<SideFacts> = (facts) =>
  decide(
    facts.tradingSinceMs === undefined || facts.comparedAtMs >= facts.tradingSinceMs,
    'BooksNotReconciled',
    `The books of account ${facts.account.name} were not compared with the venue since the trading boxes came back.`,
  );

export const balanceIsKnown: Policy<SideFacts> = ({ account }) =>
  decide(
    account.balanceUsdt !== undefined && notional(account.balanceUsdt).gt(0),
    'BalanceTooLow',
    account.balanceUsdt === undefined
      ? `No balance of account ${account.name} is known yet.`
      : `Account ${account.name} holds no balance.`,
  );

export const marginIsAvailable: Policy<SideFacts> = ({ account, direction }) => {
  const margin = planMargin(
    notional(account.balanceUsdt ?? 0),
    account.settings.marginPercent[direction],
  );
  const available = notional(account.availableUsdt ?? account.balanceUsdt ?? 0);
  return decide(
    available.gte(margin),
    'BalanceTooLow',
    `Account ${account.name} has ${available.toFixed(2)} USDT free and a position needs ${margin.toFixed(2)}.`,
  );
};

export const slotIsFree: Policy<SideFacts> = (facts) => {
  const wanted = facts.account.settings.slots[facts.direction];
  return decide(
    freeSlots(facts).length > 0,
    'NoFreeSlot',
    `All ${wanted} ${facts.direction} slots of account ${facts.account.name} are taken.`,
  );
};

/** Cheapest and most absolute first. */
export const SIDE_POLICIES: readonly Policy<SideFacts>[] = [
  tradingIsOn,
  modeLetsOpen,
  nothingIsHalted,
  openingIsNotPaused,
  marketAllows,
  venueIsWell,
  eventsAreComplete,
  booksAreReconciled,
  slotIsFree,
  noLadderIsFull,
  fewLaddersAreHalfFull,
  balanceIsKnown,
  marginIsAvailable,
];

/** Returns the slot numbers of a side that may be taken; those above a number that shrank count as taken too. */
export function freeSlots({
  account,
  direction,
  open,
}: Pick<SideFacts, 'account' | 'direction' | 'open'>): readonly number[] {
  const taken = new Set(
    open.filter((position) => position.direction === direction).map((position) => position.slot),
  );
  const slots = account.settings.slots[direction];
  return Array.from({ length: slots }, (_, at) => at + 1)
    .filter((slot) => !taken.has(slot))
    .slice(0, Math.max(0, slots - taken.size));
}

export interface CandidateFacts {
  readonly account: Account;
  readonly direction: Direction;
  readonly open: readonly Position[];
  readonly symbol: TradedSymbol;
  readonly mark: MarkPrice | undefined;
  /** What the readings of the direction said of prices; undefined before the first. */
  readonly levels: Levels | undefined;
  /** What the history of the symbol said of the ladder; undefined before it was judged. */
  readonly approval: Approval | undefined;
  readonly backtests: 'required' | 'heeded';
  /** The account's open positions as the risk questions see them. */
  readonly book: Pick<RiskFacts, 'others' | 'unrealizedUsdt'>;
  readonly nowMs: number;
}

export const symbolIsEligible: Policy<CandidateFacts> = ({ symbol }) => judgeSymbol(symbol);

/** Whether a symbol has a direction that is acted on: concluded, not doubted since, and not older than two passes. */
export function hasFreshDirection(symbol: TradedSymbol, nowMs: number): boolean {
  const { direction, directionAtMs = 0, reason } = symbol;
  const isFresh = nowMs - directionAtMs <= DIRECTION_AGE_MS_MAX;
  return direction !== undefined && reason === undefined && isFresh;
}

export const directionIsConcluded: Policy<CandidateFacts> = ({ symbol, nowMs }) =>
  decide(
    hasFreshDirection(symbol, nowMs),
    symbol.reason ?? (symbol.direction === undefined ? 'DirectionUnclear' : 'ReadingStale'),
    `${symbol.rules.symbol} has no fresh direction.`,
  );

export const directionSuitsSide: Policy<CandidateFacts> = ({ symbol, direction }) =>
  decide(
    symbol.direction === direction,
    'DirectionUnclear',
    `${symbol.rules.symbol} points the other way.`,
  );

/** One position in a symbol at a time, whichever way it points. */
export const pairIsFree: Policy<CandidateFacts> = ({ symbol, open }) =>
  decide(
    open.every((position) => position.symbol !== symbol.rules.symbol),
    'PairAlreadyHeld',
    `The account holds ${symbol.rules.symbol} already.`,
  );

/**
 * The provider and the venue speak of one and the same thing: a renamed symbol, or one counted in thousands, stands
 * elsewhere at the provider (incident 41). Also when the price has run away since the direction was read.
 */
export const priceIsAligned: Policy<CandidateFacts> = ({ symbol, mark, levels }) => {
  if (mark === undefined || levels === undefined) return { kind: 'allowed' };
  const ratio = levels.price > 0 ? mark.price.toNumber() / levels.price : Number.POSITIVE_INFINITY;
  return decide(
    Math.abs(ratio - 1) <= MISALIGNED_RATIO,
    'PriceMisaligned',
    `The mark price of ${symbol.rules.symbol} is ${ratio.toFixed(4)} of the price that its direction was read at.`,
  );
};

/** History approved the ladder, as asked or adjusted; a verdict that nobody renewed in two months counts no more. */
export const isApproved: Policy<CandidateFacts> = ({ symbol, approval, backtests, nowMs }) => {
  if (approval === undefined || nowMs - approval.atMs > 2 * APPROVAL_RENEWED_MS) {
    return decide(
      backtests === 'heeded',
      'BacktestMissing',
      `No backtest of this ladder in ${symbol.rules.symbol} is known yet; it is asked for.`,
    );
  }
  return decide(
    approval.kind !== 'reject',
    approval.reason ?? 'BacktestRejected',
    `The backtest rejects this ladder in ${symbol.rules.symbol}: ${approval.message}`,
  );
};

export const leverageIsAvailable: Policy<CandidateFacts> = (facts) =>
  decide(
    planSize(facts).kind === 'feasible',
    'LeverageUnavailable',
    `No leverage bracket of ${facts.symbol.rules.symbol} admits the margin.`,
  );

/** The whole ladder at the present mark, against the venue's filters. */
export const ladderFits: Policy<CandidateFacts> = (facts) => {
  const size = planSize(facts);
  if (size.kind === 'infeasible' || facts.mark === undefined) return { kind: 'allowed' };
  const plan = simulateOpening(facts.symbol.rules, {
    direction: facts.direction,
    settings: facts.account.settings,
    margin: size.margin,
    leverage: size.leverage,
    markPrice: facts.mark.price,
  });
  return plan.kind === 'feasible'
    ? { kind: 'allowed' }
    : decide(false, plan.reason, `A position in ${facts.symbol.rules.symbol} would be too small.`);
};

/** What every order that opens asks again before it is sent: asked here so that no slot is taken in vain. */
export const riskIsBearable: Policy<CandidateFacts> = (facts) => {
  const { account, direction, symbol, mark, book } = facts;
  const { settings } = account;
  const size = planSize(facts);
  if (size.kind === 'infeasible' || mark === undefined) return { kind: 'allowed' };
  const rungs = settings.multipliers.length;
  const entry = planEntry(symbol.rules, { ...size, rungs, markPrice: mark.price });
  if (entry.kind === 'infeasible') return { kind: 'allowed' };
  const ladder = fillLadder(symbol, {
    direction,
    settings,
    entryPrice: mark.price,
    entryQuantity: entry.quantity,
  });
  if (ladder === undefined) return { kind: 'allowed' };
  const walletUsdt = notional(account.balanceUsdt ?? 0);
  return judgeLadder({ walletUsdt, limits: limitsOf(settings), ladder, ...book });
};

/** Cheapest and most absolute first. */
export const CANDIDATE_POLICIES: readonly Policy<CandidateFacts>[] = [
  symbolIsEligible,
  directionIsConcluded,
  directionSuitsSide,
  pairIsFree,
  markIsFresh,
  priceIsAligned,
  isApproved,
  leverageIsAvailable,
  ladderFits,
  riskIsBearable,
];

/** Asked of a candidate that passed everything else, because its answer stands in a row of its own. */
export const symbolHasCooled: Policy<{
  readonly symbol: TradedSymbol;
  readonly coolsUntilMs: number | undefined;
}> = ({ symbol, coolsUntilMs }) =>
  decide(
    coolsUntilMs === undefined,
    'SymbolCooling',
    `${symbol.rules.symbol} moved far when it was closed, and is left alone until ${formatInstant(coolsUntilMs ?? 0)}.`,
  );

function planSize({ account, direction, symbol }: CandidateFacts) {
  const margin = planMargin(
    notional(account.balanceUsdt ?? 0),
    account.settings.marginPercent[direction],
  );
  const leverageMax = account.settings.leverageMax[direction];
  return { ...planLeverage(symbol.brackets, { margin, leverageMax }), margin };
}

export type { Decision };
