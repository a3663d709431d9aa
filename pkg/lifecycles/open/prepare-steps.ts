import { required, type Reason } from '#pkg/base';
import {
  draftOpening,
  id,
  notional,
  parseClientOrderId,
  planLeverage,
  planMargin,
  simulateOpening,
  type Account,
  type Position,
  type PositionId,
  type TradedSymbol,
} from '#pkg/domain';
import type { VenueOrder, VenuePosition } from '#pkg/exchange';
import type { StepHandler, StepOutcome } from '#pkg/steps';
import type { Store } from '#pkg/store';

import type { LifecycleDependencies } from '../dependencies.ts';
import { readFreshMark } from '../mark.ts';
import { DONE, implementTradeStep, requirePosition, stop } from '../trade-step.ts';
import { findOtherPositions } from './other-positions.ts';
import { rememberTakenPair } from './taken-pairs.ts';
import {
  applyLeverage,
  determineLeverage,
  ensureMarginMode,
  planOrders,
  preparePosition,
  verifyPairIsFree,
} from './definitions.ts';

/** Steps 1 to 6 of an opening: nothing is at risk yet, so any doubt ends it quietly. */
export function createPrepareHandlers(dependencies: LifecycleDependencies): StepHandler[] {
  return [
    createVerifyPairIsFree(dependencies),
    createEnsureMarginMode(dependencies),
    createPreparePosition(dependencies),
    createDetermineLeverage(dependencies),
    createApplyLeverage(dependencies),
    createPlanOrders(dependencies),
  ];
}

/** The step's run came too late: somebody closes or cleaned up the position. */
export function noLongerOpening(position: Position): StepOutcome<never> | undefined {
  return position.status === 'new' || position.status === 'opening'
    ? undefined
    : stop('PositionNotOpen', `The position is ${position.status}.`);
}

function createVerifyPairIsFree({ store, exchange, clock }: LifecycleDependencies): StepHandler {
  return implementTradeStep(verifyPairIsFree, async (context, { positionId }) => {
    const [position, orders] = await Promise.all([
      requirePosition(store, positionId),
      store.orders.listByPosition(id<PositionId>(positionId)),
    ]);
    const late = noLongerOpening(position);
    if (late !== undefined) return late;
    // A run after the entry was signed would find our own fill here; it goes on and looks the order up.
    if (orders.some((order) => order.status !== 'planned')) return DONE;
    const { accountId, symbol } = position;
    // All positions weigh as much as one, and what the user holds besides counts as risk.
    const [held, standing, open] = await Promise.all([
      exchange.readPositions(accountId, {}, context.signal),
      exchange.readOpenOrders(accountId, { symbol }, context.signal),
      store.positions.listOpen({ accountId }),
    ]);
    const ofSymbol = held.filter((other) => other.symbol === symbol);
    const taken = findTaken(position, ofSymbol, standing);
    if (taken === undefined) {
      return { kind: 'completed', response: findOtherPositions(held, open) };
    }
    await rememberTakenPair(store.settings, position, taken, clock.nowMs());
    return stop(taken.reason, taken.message);
  });
}

/** What of somebody else stands in the pair, at the venue. */
function findTaken(
  { symbol, direction }: Position,
  held: readonly VenuePosition[],
  standing: readonly VenueOrder[],
): { readonly reason: Reason; readonly message: string } | undefined {
  const isOurs = (other: Pick<VenueOrder, 'symbol' | 'direction'>): boolean =>
    other.symbol === symbol && other.direction === direction;
  if (held.some((other) => isOurs(other) && other.quantity.gt(0))) {
    return {
      reason: 'PairAlreadyHeld',
      message: `The venue holds a ${direction} position in ${symbol} that no position of the fleet explains.`,
    };
  }
  // Its fill would mix with ours; one of ours that was left behind would end the position.
  const order = standing.find(isOurs);
  if (order === undefined) return undefined;
  const whose =
    parseClientOrderId(order.clientOrderId) === undefined
      ? 'is not of the fleet'
      : 'belongs to no open position: kraite recover ends it';
  return {
    reason: 'PairHasOrders',
    message: `The order ${order.clientOrderId} stands in ${symbol} ${direction} and ${whose}.`,
  };
}

function createEnsureMarginMode({ store, exchange }: LifecycleDependencies): StepHandler {
  return implementTradeStep(ensureMarginMode, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    const late = noLongerOpening(position);
    if (late !== undefined) return late;
    const { accountId, symbol } = position;
    await exchange.verifyKey(accountId, context.signal);
    // Neither asks for the other: the venue refuses each by itself.
    await Promise.all([
      exchange.ensureHedgeMode(accountId, context.signal),
      exchange.ensureCrossMargin(accountId, symbol, context.signal),
    ]);
    return DONE;
  });
}

function createPreparePosition({ store, clock }: LifecycleDependencies): StepHandler {
  return implementTradeStep(preparePosition, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    const account = await requireAccount(store, position);
    if (account.balanceUsdt === undefined) {
      return stop('BalanceTooLow', `No balance is known yet for account ${account.name}.`);
    }
    const margin = planMargin(
      notional(account.balanceUsdt),
      position.settings.marginPercent[position.direction],
    );
    const moved = await store.positions.advance(position.id, 'OpeningStarted', {
      changes: { marginUsdt: margin, workflowId: context.workflowId },
      nowMs: clock.nowMs(),
    });
    if (moved.kind === 'moved') return DONE;
    // `opening` under our own name: an earlier run of this step got this far.
    return position.status === 'opening' && position.workflowId === context.workflowId
      ? DONE
      : stop('PositionNotOpen', `The position is ${moved.status ?? 'gone'}.`);
  });
}

function createDetermineLeverage({ store, clock }: LifecycleDependencies): StepHandler {
  return implementTradeStep(determineLeverage, async (_context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    const late = noLongerOpening(position);
    if (late !== undefined) return late;
    const traded = await requireSymbol(store, position);
    const plan = planLeverage(traded.brackets, {
      margin: required(position.marginUsdt, 'A prepared position has a margin.'),
      leverageMax: position.settings.leverageMax[position.direction],
    });
    if (plan.kind === 'infeasible') {
      return stop(plan.reason, `No leverage bracket of ${position.symbol} admits the margin.`);
    }
    await store.positions.update(position.id, { leverage: plan.leverage }, clock.nowMs());
    return DONE;
  });
}

function createApplyLeverage({ store, exchange }: LifecycleDependencies): StepHandler {
  return implementTradeStep(applyLeverage, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    const late = noLongerOpening(position);
    if (late !== undefined) return late;
    const leverage = required(position.leverage, 'A leverage was determined before it is set.');
    await exchange.setLeverage(position.accountId, position.symbol, leverage, context.signal);
    return DONE;
  });
}

/** Checks entry and whole ladder against the filters at a fresh mark, then commits every order row at once. */
function createPlanOrders(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock } = dependencies;
  return implementTradeStep(planOrders, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    const late = noLongerOpening(position);
    if (late !== undefined) return late;
    const traded = await requireSymbol(store, position);
    const mark = await readFreshMark(dependencies, context, position.symbol);
    const plan = simulateOpening(traded.rules, {
      direction: position.direction,
      settings: position.settings,
      margin: required(position.marginUsdt, 'A prepared position has a margin.'),
      leverage: required(position.leverage, 'A leverage was determined before the orders are.'),
      markPrice: mark.price,
    });
    if (plan.kind === 'infeasible') {
      const what = plan.rungIndex === 0 ? 'The entry' : `Rung ${plan.rungIndex}`;
      return stop(plan.reason, `${what} in ${position.symbol} would be too small for the venue.`);
    }
    const owner = { ...position, positionId: position.id };
    await store.orders.plan(draftOpening(owner, plan, clock.nowMs()));
    return DONE;
  });
}

/** Reads the account of a position. */
export async function requireAccount(store: Store, position: Position): Promise<Account> {
  const account = await store.accounts.find(position.accountId);
  return required(account, 'The account of a position is never removed.');
}

/** Reads the symbol of a position. */
export async function requireSymbol(store: Store, position: Position): Promise<TradedSymbol> {
  const traded = await store.symbols.find(position.symbol);
  return required(traded, 'The symbol of a position is never removed.');
}
