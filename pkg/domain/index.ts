/**
 * domain: the words of the trade, as types and pure functions.
 *
 * Money, accounts, symbols, orders, positions, lanes. It knows no database, no venue code and no clock;
 * everything is synchronous and no npm package but the decimals enters. Invariant: money is never a
 * `number`; candles and statistics are, because they are measurements, not balances.
 */
export {
  DEFAULT_ACCOUNT_SETTINGS,
  DEFAULT_RISK_LIMITS,
  type Account,
  type AccountChange,
  type AccountChangeKind,
  type AccountSettings,
  type RiskLimits,
} from './account/account.ts';
export {
  id,
  type AccountId,
  type BoxName,
  type ClientOrderId,
  type OrderId,
  type PositionId,
  type StepId,
  type SymbolName,
  type VenueOrderId,
  type WorkflowId,
} from './fleet/ids.ts';
export { LANES, type Lane } from './fleet/lane.ts';
export {
  notional,
  price,
  quantity,
  worth,
  type Notional,
  type Price,
  type Quantity,
} from './money/money.ts';
export {
  draftOpening,
  draftOrder,
  orderIdOf,
  type OrderDraft,
  type OrderOwner,
  clientOrderIdOf,
  parseClientOrderId,
  type OrderSlot,
} from './order/order-draft.ts';
export {
  isTerminalOrderStatus,
  ORDER_STATUS_RANK,
  type Order,
  type OrderPurpose,
  type OrderReport,
  type OrderStatus,
} from './order/order.ts';
export { decideReaction, isAltered, type Reaction } from './order/reaction.ts';
export { DIRECTIONS, type Direction, type OrderSide } from './position/direction.ts';
export { planReaveragedProfit, type ProfitOptions, type StopOptions } from './position/exits.ts';
export { type LadderOptions, type LadderPlan, type Rung } from './position/ladder.ts';
export {
  planPrices,
  simulateOpening,
  type LadderPrices,
  type OpeningOptions,
  type OpeningPlan,
  type PricesPlan,
} from './position/opening.ts';
export {
  findNextPositionStatus,
  OPEN_POSITION_STATUSES,
  POSITION_TRANSITIONS,
  type PositionEvent,
  type PositionStatus,
} from './position/position-status.ts';
export type { Position, PositionCloseReason } from './position/position.ts';
export {
  ladderDivider,
  planEntry,
  planLeverage,
  planMargin,
  type EntryOptions,
  type EntryPlan,
  type LeveragePlan,
} from './position/sizing.ts';
export {
  TIMEFRAME_MS,
  TIMEFRAMES,
  type Candle,
  type LeverageBracket,
  type SymbolRules,
  type Timeframe,
  type TradedSymbol,
  type VenueSymbol,
} from './symbol/symbol.ts';
