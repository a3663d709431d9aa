import { id, price, quantity, type ClientOrderId } from '#pkg/domain';
import type { OrderIntent } from '#pkg/exchange';

import { BTC } from './btc.ts';
import type { TradeBench } from './trade-bench.ts';

/** Places an order in the account without any row. */
export async function placeByHand(
  { venue, account }: TradeBench,
  intent: Partial<OrderIntent>,
): Promise<void> {
  const defaults = { symbol: BTC, direction: 'long', side: 'BUY', isClosing: false };
  const fence = { signableUntilMs: Infinity, isOwned: () => true };
  const { signal } = new AbortController();
  const whole = { ...defaults, ...intent } as OrderIntent;
  const placed = await venue.exchange.placeOrder(account.id, whole, fence, signal);
  if (placed.kind !== 'accepted') throw new Error(`the venue did not take it: ${placed.kind}`);
}

/** A position as the fleet opens it, of which only the venue knows: its rows were in a database that is gone. */
export async function openWithoutRows(bench: TradeBench): Promise<void> {
  const named = (place: string) => ({ clientOrderId: id<ClientOrderId>(`k-lost-${place}`) });
  const exit = { side: 'SELL', isClosing: true } as const;
  await placeByHand(bench, { kind: 'market', ...named('e0'), quantity: quantity(0.005) });
  await placeByHand(bench, { kind: 'stop', ...named('s0'), ...exit, triggerPrice: price(38_610) });
  const rung = { ...named('r1'), quantity: quantity(0.01), price: price(54_900) };
  await placeByHand(bench, { kind: 'limit', ...rung });
  const profit = { ...named('p0'), ...exit, quantity: quantity(0.005), price: price(60_216) };
  await placeByHand(bench, { kind: 'limit', ...profit });
  bench.venue.drainEvents();
}
