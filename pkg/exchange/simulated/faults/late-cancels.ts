/** The race that a cancel loses: the order was filled, in part or whole, just before the cancel arrived. */
import { Decimal } from '#pkg/base';
import { fillOrder, canReduce } from '../venue/fills.ts';
import type { Parameters } from '../venue/parameters.ts';
import type { AccountRow, OrderRow } from '../venue/rows.ts';
import { listedSymbol, nextTradeId, type World } from '../venue/world.ts';

interface LateCancel {
  readonly symbol: string;
  count: number;
  readonly ratio: Decimal;
}

export interface LateCancels {
  order(late: LateCancel): void;
  clear(): void;
  /** Fills what was ordered before a request to cancel or change an order is carried out. */
  race(world: World, account: AccountRow, parameters: Parameters): void;
}

export function createLateCancels(): LateCancels {
  let orders: LateCancel[] = [];
  return {
    order: (late) => orders.push({ ...late }),
    clear: () => {
      orders = [];
    },
    race: (world, account, parameters) => {
      const late = orders.find(({ symbol }) => symbol === '*' || symbol === parameters['symbol']);
      const order = late === undefined ? undefined : openOrder(world, account, parameters);
      if (late === undefined || order === undefined) return;
      late.count -= 1;
      if (late.count === 0) orders = orders.filter((each) => each !== late);
      fillPart(world, order, late.ratio);
    },
  };
}

function openOrder(
  world: World,
  account: AccountRow,
  { orderId, origClientOrderId }: Parameters,
): OrderRow | undefined {
  return world.state
    .openOrdersOf(account.key)
    .find(
      (order) =>
        String(order.orderId) === orderId ||
        (orderId === undefined && order.clientOrderId === origClientOrderId),
    );
}

/** At the order's own price, rounded down to the symbol's step but at least one. */
function fillPart(world: World, order: OrderRow, ratio: Decimal): void {
  const open = canReduce(world, order);
  const step = new Decimal(listedSymbol(world, order.symbol).stepSize);
  const part = Decimal.max(step, open.times(ratio).div(step).floor().times(step));
  const quantity = Decimal.min(open, part);
  if (quantity.lte(0)) return;
  const price = new Decimal(order.price);
  const tradeId = nextTradeId(world);
  fillOrder(world, order, { price, quantity, isMaker: true, tradeId, against: undefined });
}
