/**
 * lifecycles: what is done to a position, from the market order to the closed books.
 *
 * open, wap, close (and cancel), replace, flat, sync, react and watch are workflows: each `workflow.ts` or
 * `definitions.ts` lists its steps in order, the files beside it hold their code. `send/` is the only place
 * that sends, moves or ends an order, and holds the rules that make a lost reply harmless.
 * Not here: which symbol is traded (selection), whether the venue drifted without an event (guards).
 * Invariants: no order without a committed row; the stop directly after the fill; what protects or
 * closes asks nobody's permission.
 */
import type { StepHandler } from '#pkg/steps';

import { createProveFlatHandler } from './close/prove-flat.ts';
import { createWindDownHandlers } from './close/wind-down.ts';
import type { LifecycleDependencies } from './dependencies.ts';
import { createFlatHandlers } from './flat/steps.ts';
import { createActivateHandler } from './open/activate.ts';
import { createOrderHandlers } from './open/order-steps.ts';
import { createPrepareHandlers } from './open/prepare-steps.ts';
import { createReactHandlers } from './react/apply-frame.ts';
import { rememberSymbols } from './remember-symbols.ts';
import { createRestoreHandler } from './replace/steps.ts';
import { createSyncHandlers } from './sync/steps.ts';
import { createWapHandlers } from './wap/steps.ts';
import { createCheckHandler } from './watch/steps.ts';

export { cancelPosition, closeOptionsOf, closePosition } from './close/workflow.ts';
export type { LifecycleDependencies, PositionMetrics } from './dependencies.ts';
export { confirmFlat, flatOptionsOf } from './flat/definitions.ts';
export { currentOrders, isOwnerGone } from './holding.ts';
export { adoptOrder } from './send/resolve-order.ts';
export {
  decide,
  evaluate,
  eventsAreComplete,
  marketAllows,
  markIsFresh,
  modeLetsOpen,
  nothingIsHalted,
  openingIsNotPaused,
  tradingIsOn,
  venueIsWell,
  type Decision,
  type Policy,
} from './open/opening-policy.ts';
export { judgeSymbol } from './open/symbol-policy.ts';
export { judgePair } from './open/taken-pairs.ts';
export {
  judgeMarket,
  readMarketFacts,
  saveCooldown,
  saveScoredMarket,
  saveWatchedMarket,
  type MarketFacts,
} from './open/market-facts.ts';
export { readOpeningHolds, type OpeningHolds } from './open/opening-holds.ts';
export { findSymbolCooldown } from './close/symbol-cooldown.ts';
export { startVenueCooldown } from './open/venue-cooldown.ts';
export { openKeyOf, openPosition, type OpenArguments } from './open/workflow.ts';
export { applyUserFrame, recoverFrames } from './react/definitions.ts';
export { storeUserFrame, type FrameDependencies } from './react/store-user-frame.ts';
export { restoreOptionsOf, restoreOrders } from './replace/definitions.ts';
export { readComparedAt } from './sync/books-compared.ts';
export { countAddresses, planTurn, type Waiting } from './sync/plan-turn.ts';
export {
  compareOptionsOf,
  syncAccount,
  syncOptionsOf,
  syncOrders,
  syncPosition,
} from './sync/definitions.ts';
export { deferUntil, DONE, implementTradeStep, skip } from './trade-step.ts';
export { applyWap } from './wap/definitions.ts';
export { checkPosition } from './watch/definitions.ts';
export { watchPositions, type PositionWatch } from './watch/watch-positions.ts';

/** Returns the code of every lifecycle step, bound to its dependencies. */
export function createLifecycleHandlers(given: LifecycleDependencies): StepHandler[] {
  const symbols = rememberSymbols(given.store.symbols, given.clock);
  const dependencies = { ...given, store: { ...given.store, symbols } };
  return [
    ...createPrepareHandlers(dependencies),
    ...createOrderHandlers(dependencies),
    createActivateHandler(dependencies),
    ...createWindDownHandlers(dependencies),
    createProveFlatHandler(dependencies),
    ...createWapHandlers(dependencies),
    ...createFlatHandlers(dependencies),
    createRestoreHandler(dependencies),
    ...createSyncHandlers(dependencies),
    ...createReactHandlers(dependencies),
    createCheckHandler(dependencies),
  ];
}
