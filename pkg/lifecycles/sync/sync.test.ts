import { describe, expect, test } from 'vitest';

import type { OrderPurpose } from '#pkg/domain';
import { only, opened, profitAtVenue } from '../../../tests/harness/trade/facts.ts';
import { createTradeBench } from '../../../tests/harness/trade/trade-bench.ts';

describe('replace and sync', () => {
  test.each<OrderPurpose>(['stop', 'profit', 'rung'])(
    'a %s that is canceled from outside comes back at its price',
    async (purpose) => {
      const bench = await opened();
      const before = await only(bench);
      const letter = { stop: 's0', profit: 'p0', rung: 'r2', entry: 'e0', close: 'c0' }[purpose];
      bench.venue.cancelOutside(letter);
      await bench.stream();

      expect(bench.venue.accepted(`${letter}-2`)).toBe(1);
      expect(bench.venue.working()).toHaveLength(6);
      const after = await only(bench);
      expect(after.status).toBe('active');
      expect(after.stopPrice?.eq(before.stopPrice ?? 0)).toBe(true);
    },
  );

  test('an order that the user moved goes back to its price', async () => {
    const bench = await opened();
    await bench.stream();
    bench.venue.amendOutside('r1', 50_000);
    await bench.stream();

    const rung = bench.venue.working().find((order) => order.clientOrderId.endsWith('r1'));
    expect(rung?.price?.toString()).toBe('54900');
  });

  test('a missing stop without any frame is found by the sync and comes back (incident 19)', async () => {
    const bench = await opened();
    bench.venue.cancelOutside('s0');
    bench.venue.drainEvents();
    await bench.sync();

    expect(bench.venue.accepted('s0-2')).toBe(1);
    expect((await only(bench)).status).toBe('active');
  });

  test('a fill whose frame was lost is healed by the sync', async () => {
    const bench = await opened();
    bench.venue.setMark(54_800);
    bench.venue.drainEvents();
    await bench.sync();

    expect(profitAtVenue(bench)).toBe('0.015 @ 56803.8');
  });

  test('a profit fill whose frame was lost is healed by the sync', async () => {
    const bench = await opened();
    bench.venue.setMark(60_300);
    bench.venue.drainEvents();
    await bench.sync();

    const [position] = await bench.store.positions.list({ limit: 1 });
    expect(position?.status).toBe('closed');
  });

  test('a stop that cannot come back closes the position', async () => {
    const bench = await opened();
    bench.venue.cancelOutside('s0');
    bench.venue.failNext('s0-2', { kind: 'rejected', reason: 'WouldTriggerNow' });
    await bench.stream();

    const [position] = await bench.store.positions.list({ limit: 1 });
    expect(position?.status).toBe('closed');
    expect(bench.venue.held('long')).toBe(0);
  });

  test('a position that opens for ever without a workflow is cleaned up by the sync (incident 44)', async () => {
    const bench = await createTradeBench();
    const created = await bench.store.positions.create({
      id: 'orphan' as never,
      accountId: bench.account.id,
      symbol: 'BTCUSDT' as never,
      direction: 'long',
      slot: 1,
      settings: bench.account.settings,
      createdAtMs: bench.clock.nowMs(),
    });
    expect(created.kind).toBe('created');
    bench.clock.advance(120_000);
    await bench.sync();

    const [position] = await bench.store.positions.list({ limit: 1 });
    expect(position?.status).toBe('canceled');
  });

  test('a healthy position is left exactly as it is', async () => {
    const bench = await opened();
    await bench.stream();
    const before = bench.venue.working();
    await bench.sync();
    expect(bench.venue.working()).toEqual(before);
    expect((await only(bench)).status).toBe('active');
  });
});
