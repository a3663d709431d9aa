import { describe, expect, test } from 'vitest';

import { id, price, quantity, type ClientOrderId } from '#pkg/domain';
import { BTC } from '../../../tests/harness/trade/btc.ts';
import { crashes, opened } from '../../../tests/harness/trade/facts.ts';
import { createTradeBench, type TradeBench } from '../../../tests/harness/trade/trade-bench.ts';

/** The user's own bid, far below everything that these tests reach. */
async function orderByHand({ venue, account }: TradeBench): Promise<void> {
  const placed = await venue.exchange.placeOrder(
    account.id,
    {
      kind: 'limit',
      clientOrderId: id<ClientOrderId>('by-hand-limit'),
      symbol: BTC,
      side: 'BUY',
      direction: 'long',
      quantity: quantity(0.3),
      price: price(20_000),
      isClosing: false,
    },
    { signableUntilMs: Infinity, isOwned: () => true },
    new AbortController().signal,
  );
  expect(placed.kind).toBe('accepted');
}

describe('close', () => {
  test('a filled profit order closes the position, cancels the rest, and books the venue’s profit', async () => {
    const bench = await opened();
    bench.venue.setMark(60_300);
    await bench.stream();

    const [position] = await bench.store.positions.list({ limit: 1 });
    expect(position?.status).toBe('closed');
    expect(position?.closeReason).toBe('ProfitFilled');
    expect(bench.venue.working()).toEqual([]);
    // (60,216 − 60,000) × 0.005 minus two fees of 0.04 %
    expect(position?.realizedPnl?.toFixed(6)).toBe('0.839568');
    expect(position?.closePrice?.toString()).toBe('60216');
  });

  test('a filled stop closes the position with all rungs held', async () => {
    const bench = await opened();
    bench.venue.setMark(38_000);
    await bench.stream();

    const [position] = await bench.store.positions.list({ limit: 1 });
    expect(position?.closeReason).toBe('StopFilled');
    expect(position?.status).toBe('closed');
    expect(bench.venue.held('long')).toBe(0);
  });

  test('a rung that fills after the profit is sold by market (incident 15: nothing is left live)', async () => {
    const bench = await opened();
    bench.venue.setMark(60_300);
    bench.venue.setMark(54_800);
    await bench.stream();

    const [position] = await bench.store.positions.list({ limit: 1 });
    expect(position?.status).toBe('closed');
    expect(bench.venue.held('long')).toBe(0);
    expect(bench.venue.working()).toEqual([]);
  });

  test('closing one position leaves another position of the same symbol alone (incident 18)', async () => {
    const bench = await opened();
    const short = await bench.open('short');
    bench.venue.setMark(60_300);
    await bench.stream();

    const positions = await bench.store.positions.list({ limit: 2 });
    expect(positions.find((other) => other.direction === 'long')?.status).toBe('closed');
    expect((await bench.position(short.id)).status).toBe('active');
    expect(bench.venue.working()).toHaveLength(6);
  });

  test("an order of the user's own outlives every close and clean-up in its symbol (incidents 18, 38)", async () => {
    for (const end of ['profit', 'stop', 'failed opening'] as const) {
      const bench = await createTradeBench();
      if (end === 'failed opening') {
        bench.venue.failNext('r2', { kind: 'rejected', reason: 'InsufficientMargin' });
      }
      await bench.open('long', { forMs: 5 });
      await orderByHand(bench);
      await bench.runner.settle();
      if (end !== 'failed opening') bench.venue.setMark(end === 'profit' ? 60_300 : 38_000);
      await bench.stream();
      await bench.sync();

      const [position] = await bench.store.positions.list({ limit: 1 });
      expect(position?.status).toBe(end === 'failed opening' ? 'canceled' : 'closed');
      expect(bench.venue.working().map((order) => order.clientOrderId)).toEqual(['by-hand-limit']);
    }
  });

  test('flat by hand: rungs go at once, and only a second reading closes (incident 20)', async () => {
    const bench = await opened();
    bench.venue.drainEvents();
    bench.venue.closeOutside('long');
    await bench.stream();

    const [position] = await bench.store.positions.list({ limit: 1 });
    expect(position?.status).toBe('closed');
    expect(position?.closeReason).toBe('ClosedAtVenue');
    expect(bench.venue.working()).toEqual([]);
  });

  test('a crash at any line of a close ends closed and flat', async () => {
    const trial = await opened();
    const before = trial.calls();
    trial.venue.setMark(60_300);
    trial.venue.setMark(54_800);
    await trial.stream();
    const total = trial.calls() - before;
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= total; call += 1) {
        const bench = await opened();
        bench.venue.setMark(60_300);
        bench.venue.setMark(54_800);
        bench.crashAt(call, when);
        await bench.stream();
        const [position] = await bench.store.positions.list({ limit: 1 });
        expect([call, when, position?.status]).toEqual([call, when, 'closed']);
        expect(crashes(bench)).toBe(1);
        expect(bench.venue.held('long')).toBe(0);
        expect(bench.venue.working()).toEqual([]);
        expect(bench.venue.duplicates()).toEqual([]);
      }
    }
  });
});
