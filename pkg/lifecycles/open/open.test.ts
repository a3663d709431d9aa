import { describe, expect, test } from 'vitest';

import type { Order } from '#pkg/domain';
import { crashes } from '../../../tests/harness/trade/facts.ts';
import { createTradeBench } from '../../../tests/harness/trade/trade-bench.ts';

const RUNGS = ['r1', 'r2', 'r3', 'r4'];
const PLANNED = ['e0', 's0', ...RUNGS, 'p0'];

describe('open', () => {
  test('an opening ends active, with its stop, its ladder and its profit order at the venue', async () => {
    const bench = await createTradeBench();
    const position = await bench.open();

    expect(position.status).toBe('active');
    expect(summary(await bench.orders(position.id))).toEqual([
      'entry filled',
      'profit new 60216',
      'rung new 39600',
      'rung new 44700',
      'rung new 49800',
      'rung new 54900',
      'stop new 38610',
    ]);
    expect(bench.venue.held('long')).toBe(0.005);
    expect(await bench.eventKinds()).toEqual(['StopPlaced', 'PositionOpened']);
  });

  test('a short opens as the mirror image', async () => {
    const bench = await createTradeBench();
    const position = await bench.open('short');

    expect(position.status).toBe('active');
    expect(position.stopPrice?.toString()).toBe('84870');
    expect(position.profitPrice?.toString()).toBe('59784');
  });

  test('the stop stands before any rung and any profit order (incident 11)', async () => {
    const bench = await createTradeBench();
    await bench.open();
    const sent = bench.venue.working().map((order) => order.clientOrderId.slice(-2));
    expect(sent[0]).toBe('s0');
    expect(sent.at(-1)).toBe('p0');
  });

  test('a ladder that the venue would refuse is refused before the entry (incident 12)', async () => {
    const bench = await createTradeBench({ multipliers: [2, 0.04] });
    const position = await bench.open();

    expect(position.status).toBe('canceled');
    expect(bench.venue.trades).toEqual([]);
  });

  test('a pair that the venue holds already is neither opened nor closed (incident 38)', async () => {
    const bench = await createTradeBench();
    await bench.venue.tradeOutside('long', 0.5);
    const position = await bench.open();

    expect(position.status).toBe('canceled');
    expect(bench.venue.held('long')).toBe(0.5);
  });

  test('an account that turned trading off opens nothing, and ends flat', async () => {
    const bench = await createTradeBench();
    await bench.store.accounts.save({ ...bench.account, isTradingOn: false });
    const position = await bench.open();

    expect(position.status).toBe('canceled');
    expect(bench.venue.trades).toEqual([]);
  });

  test('a rejected stop ends the opening flat at once', async () => {
    const bench = await createTradeBench();
    bench.venue.failNext('s0', { kind: 'rejected', reason: 'WouldTriggerNow' });
    const position = await bench.open();

    expect(position.status).toBe('canceled');
    expect(position.closeReason).toBe('OpeningFailed');
    expect(bench.venue.held('long')).toBe(0);
    expect(bench.venue.working()).toEqual([]);
    expect(position.realizedPnl?.isNegative()).toBe(true);
  });

  test.each(RUNGS)('a rejected rung %s ends the opening flat', async (rung) => {
    const bench = await createTradeBench();
    bench.venue.failNext(rung, { kind: 'rejected', reason: 'InsufficientMargin' });
    const position = await bench.open();

    expect(position.status).toBe('canceled');
    expect(bench.venue.held('long')).toBe(0);
    expect(bench.venue.working()).toEqual([]);
  });

  test.each(PLANNED)('a lost reply to %s is adopted, not repeated (incident 47)', async (order) => {
    const bench = await createTradeBench();
    bench.venue.failNext(order, { kind: 'lost-after' });
    const position = await bench.open();

    expect(position.status).toBe('active');
    expect(bench.venue.accepted(order)).toBe(1);
  });

  test.each(PLANNED)('a lost request for %s is sent again, once (incident 13)', async (order) => {
    const bench = await createTradeBench();
    bench.venue.failNext(order, { kind: 'lost-before' });
    const position = await bench.open();

    expect(position.status).toBe('active');
    expect(bench.venue.accepted(order)).toBe(1);
    expect(bench.venue.duplicates()).toEqual([]);
  });

  test.each([100, 700, 1_400, 1_600, 5_000])(
    'an entry that arrives %s ms after it was given up never becomes two',
    async (delayMs) => {
      const bench = await createTradeBench();
      bench.venue.failNext('e0', { kind: 'late', delayMs });
      const position = await bench.open();

      expect(position.status).toBe('active');
      expect(bench.venue.accepted('e0')).toBe(1);
      expect(bench.venue.held('long')).toBe(0.005);
    },
  );

  test('a venue that falls silent after the entry gets the stop as soon as it answers', async () => {
    const bench = await createTradeBench();
    bench.venue.failNext('s0', { kind: 'lost-before' });
    bench.clock.schedule(3, () => bench.venue.setReachable(false));
    bench.clock.schedule(90_000, () => bench.venue.setReachable(true));
    const position = await bench.open();

    expect(position.status).toBe('active');
    expect(bench.venue.duplicates()).toEqual([]);
  });

  test('the stop filled while the opening went on: the position is closed, not activated', async () => {
    const bench = await createTradeBench();
    bench.venue.failNext('p0', { kind: 'lost-before' });
    bench.clock.schedule(1_500, () => bench.venue.setMark(30_000));
    const position = await bench.open();
    await bench.stream();

    expect((await bench.position(position.id)).status).toMatch(/closed|canceled/);
    expect(bench.venue.held('long')).toBe(0);
    expect(bench.venue.working()).toEqual([]);
  });

  test('a crash at any line leaves exactly one order for each intent, and a protected position', async () => {
    const trial = await createTradeBench();
    await trial.open();
    const total = trial.calls();
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= total; call += 1) {
        const bench = await createTradeBench();
        bench.crashAt(call, when);
        const position = await bench.open();
        const orders = await bench.orders(position.id);
        expect([call, when, position.status]).toEqual([call, when, 'active']);
        expect(crashes(bench)).toBe(1);
        expect(bench.venue.duplicates()).toEqual([]);
        expect(orders.length).toBe(PLANNED.length);
        expect(bench.venue.held('long')).toBe(0.005);
        expect(bench.venue.working().length).toBe(PLANNED.length - 1);
      }
    }
  });
});

function summary(orders: readonly Order[]): readonly string[] {
  return orders
    .map((order) =>
      [order.purpose, order.status, order.price?.toString()].filter(Boolean).join(' '),
    )
    .toSorted();
}
