import { isTerminalOrderStatus, type Order, type Position } from '#pkg/domain';

/** Returns what a position is and holds, or how it ended. */
export function describePosition(
  position: Position,
  accountName: string,
  orders: readonly Order[],
): string {
  const { direction, symbol, slot, status, leverage } = position;
  const size = leverage === undefined ? '' : ` at ${leverage}x`;
  const what = `${direction} ${symbol}${size} in slot ${slot} of ${accountName}: ${status}`;
  return [
    what,
    ...(isOver(position) ? describeEnd(position) : describeHeld(position, orders)),
  ].join('; ');
}

function isOver({ status }: Position): boolean {
  return status === 'closed' || status === 'canceled' || status === 'failed';
}

function describeEnd(position: Position): readonly string[] {
  const { closeReason, realizedPnl, closePrice, wapCount } = position;
  return [
    ...(closeReason === undefined
      ? []
      : [`${closeReason} at ${closePrice?.toFixed() ?? 'no price'}`]),
    ...(realizedPnl === undefined ? [] : [`${realizedPnl.toFixed()} USDT after fees and funding`]),
    ...(wapCount === 0 ? [] : [`averaged ${wapCount} times`]),
  ];
}

function describeHeld(position: Position, orders: readonly Order[]): readonly string[] {
  const { quantity, entryPrice, breakEvenPrice } = position;
  const working = orders.filter(({ status }) => !isTerminalOrderStatus(status));
  const stop = working.find(({ purpose }) => purpose === 'stop');
  const profit = working.find(({ purpose }) => purpose === 'profit');
  const rungs = orders.filter(({ purpose }) => purpose === 'rung');
  const filled = rungs.filter(({ status }) => status === 'filled');
  const isHeld = quantity?.gt(0) === true;
  return [
    isHeld
      ? `holds ${quantity.toFixed()} from ${entryPrice?.toFixed() ?? 'no known price'}, break-even ${breakEvenPrice?.toFixed() ?? 'not read yet'}`
      : 'holds nothing yet',
    stop === undefined
      ? 'no stop stands'
      : `stop ${stop.status} at ${stop.price?.toFixed() ?? '-'}`,
    profit === undefined
      ? 'no profit order stands'
      : `profit ${profit.status} at ${profit.price?.toFixed() ?? '-'}`,
    `${filled.length} of ${rungs.length} rungs filled`,
  ];
}

/** Returns side, size and price of an order. */
export function describeOrder({ side, quantity, price }: Order): string {
  return `${side} ${quantity?.toFixed() ?? 'all that is held'} at ${price?.toFixed() ?? 'market'}`;
}
