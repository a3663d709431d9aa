import { Decimal } from '#pkg/base';
import type { Store } from '#pkg/store';

import type { VenueState } from '../../../pkg/exchange/simulated/venue/state.ts';

const POSITIONS_MAX = 100_000;

/** Returns where an order of a position, however that ended, says another filled quantity than the venue. */
export async function compareFills(state: VenueState, rows: Store): Promise<readonly string[]> {
  const positions = await rows.positions.list({ limit: POSITIONS_MAX });
  const orders = await Promise.all(positions.map(({ id }) => rows.orders.listByPosition(id)));
  return orders.flat().flatMap((order) => {
    const { accountId, clientOrderId, filledQuantity } = order;
    const executed =
      state.orderByClientId(`key-${accountId}`, clientOrderId)?.executed ??
      filledQuantity.toFixed();
    return filledQuantity.eq(executed)
      ? []
      : [
          `order ${clientOrderId} of position ${order.positionId} says ${filledQuantity.toFixed()} filled, the venue ${executed}`,
        ];
  });
}

/**
 * Returns where what the fleet booked is not what the venue paid, to the last digit: of each account and symbol without
 * an open position, the results of all its positions and the venue's ledger but for what moved in from outside.
 */
export async function compareLedger(state: VenueState, rows: Store): Promise<readonly string[]> {
  const booked = new Map<string, { sum: Decimal; isOpen: boolean; readonly ids: string[] }>();
  for (const position of await rows.positions.list({ limit: POSITIONS_MAX })) {
    const name = `key-${position.accountId} ${position.symbol}`;
    const entry = booked.get(name) ?? { sum: new Decimal(0), isOpen: false, ids: [] };
    entry.isOpen ||= position.status !== 'closed' && position.status !== 'canceled';
    entry.sum = entry.sum.plus(position.realizedPnl ?? 0);
    entry.ids.push(position.id);
    booked.set(name, entry);
  }
  const paid = new Map<string, Decimal>();
  for (const { account, symbol, kind, amount } of state.rows('incomes')) {
    if (kind === 'TRANSFER') continue;
    const name = `${account} ${symbol}`;
    paid.set(name, (paid.get(name) ?? new Decimal(0)).plus(amount));
  }
  const problems: string[] = [];
  for (const [name, { sum, isOpen, ids }] of booked) {
    const ledger = paid.get(name) ?? new Decimal(0);
    if (isOpen || sum.eq(ledger)) continue;
    problems.push(
      `${name}: the positions ${ids.join(', ')} add up to ${sum.toFixed()}, the venue's ledger to ${ledger.toFixed()}`,
    );
  }
  return problems;
}
