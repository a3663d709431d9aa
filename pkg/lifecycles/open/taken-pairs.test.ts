import { expect, test } from 'vitest';

import { id, price, quantity, type ClientOrderId } from '#pkg/domain';
import { placeByHand } from '../../../tests/harness/trade/lost-position.ts';
import { createTradeBench, type TradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import { judgePair } from './taken-pairs.ts';

async function judged({ store, account, clock }: TradeBench, direction: 'long' | 'short') {
  const pair = { accountId: account.id, symbol: id<never>('BTCUSDT'), direction };
  const decision = await judgePair(store.settings, pair, clock.nowMs());
  return decision.kind === 'refused' ? decision.reason : undefined;
}

const BID = { kind: 'limit', quantity: quantity(0.3), price: price(20_000) } as const;

test("an opening is refused where the user's own order stands in the pair, and the order is not touched", async () => {
  for (const clientOrderId of ['by-hand', 'k-left-behind-s0'].map((each) =>
    id<ClientOrderId>(each),
  )) {
    const bench = await createTradeBench();
    await placeByHand(bench, { ...BID, clientOrderId });
    const position = await bench.open();
    expect(position.status).toBe('canceled');
    expect(bench.venue.trades).toEqual([]);
    expect(bench.venue.working().map((order) => order.clientOrderId)).toEqual([clientOrderId]);
    expect(await judged(bench, 'long')).toBe('PairHasOrders');
    expect((await bench.open('short')).status).toBe('active');
  }
});

test('a pair that was found taken is left alone for 15 minutes, so that no slot is taken in vain again and again', async () => {
  const bench = await createTradeBench();
  await bench.venue.tradeOutside('long', 0.2);
  expect(await judged(bench, 'long')).toBeUndefined();
  expect((await bench.open()).status).toBe('canceled');
  expect([await judged(bench, 'long'), await judged(bench, 'short')]).toEqual([
    'PairAlreadyHeld',
    undefined,
  ]);
  bench.clock.advance(15 * 60_000);
  expect(await judged(bench, 'long')).toBeUndefined();
});
