import type { PositionStatus } from '../position/position-status.ts';
import { isTerminalOrderStatus, type Order, type OrderPurpose, type OrderStatus } from './order.ts';

/**
 * What a change of one order asks for.
 *
 *   event                                   │ rung            profit           stop
 *   ────────────────────────────────────────┼──────────────────────────────────────────────
 *   filled                                  │ ApplyWap        ClosePosition    ClosePosition
 *   filled in part, more than before        │ SyncQuantity    SyncQuantity     –
 *   canceled, expired, rejected outside     │ RestoreOrders   RestoreOrders    RestoreOrders
 *   working price or quantity not ours      │ RestoreOrders   RestoreOrders    RestoreOrders
 *
 * Only a position that is held by nobody else reacts (active, syncing, waping); while it opens, closes or is
 * cleaned up, its own workflow looks at the orders. Entry and close orders are always somebody's step.
 */
export type Reaction = 'None' | 'ApplyWap' | 'SyncQuantity' | 'ClosePosition' | 'RestoreOrders';

type OrderFact = 'filled' | 'partly' | 'gone' | 'altered';

const REACTIONS: Readonly<Record<OrderPurpose, Readonly<Record<OrderFact, Reaction>>>> = {
  entry: { filled: 'None', partly: 'None', gone: 'None', altered: 'None' },
  rung: {
    filled: 'ApplyWap',
    partly: 'SyncQuantity',
    gone: 'RestoreOrders',
    altered: 'RestoreOrders',
  },
  profit: {
    filled: 'ClosePosition',
    partly: 'SyncQuantity',
    gone: 'RestoreOrders',
    altered: 'RestoreOrders',
  },
  stop: {
    filled: 'ClosePosition',
    partly: 'None',
    gone: 'RestoreOrders',
    altered: 'RestoreOrders',
  },
  close: { filled: 'None', partly: 'None', gone: 'None', altered: 'None' },
};

const REACTING: ReadonlySet<PositionStatus> = new Set(['active', 'syncing', 'waping']);
const GONE: ReadonlySet<OrderStatus> = new Set(['canceled', 'expired', 'rejected']);

/** Returns what the change of `before` into `after` asks of a position with `status`. */
export function decideReaction(before: Order, after: Order, status: PositionStatus): Reaction {
  if (!REACTING.has(status)) return 'None';
  const fact = factOf(before, after, status);
  return fact === undefined ? 'None' : REACTIONS[after.purpose][fact];
}

/** Returns the most important new fact about an order, if any. */
function factOf(before: Order, after: Order, status: PositionStatus): OrderFact | undefined {
  if (after.fillHandled) return undefined;
  if (after.status === 'filled') return 'filled';
  if (GONE.has(after.status) && before.status !== after.status) return 'gone';
  if (isTerminalOrderStatus(after.status)) return undefined;
  if (after.filledQuantity.gt(before.filledQuantity)) return 'partly';
  // While the profit order is being moved, its reference is about to follow.
  return status === 'active' && isAltered(after) ? 'altered' : undefined;
}

/** True when the venue works the order at another price or quantity than it last acknowledged to us. */
export function isAltered(order: Order): boolean {
  if (order.status !== 'new' && order.status !== 'partially-filled') return false;
  const { price, referencePrice, quantity, referenceQuantity } = order;
  const isPriceOther =
    price !== undefined && referencePrice !== undefined && !price.eq(referencePrice);
  const isQuantityOther =
    quantity !== undefined && referenceQuantity !== undefined && !quantity.eq(referenceQuantity);
  return isPriceOther || isQuantityOther;
}
