import { describe, expect, test } from 'vitest';

import { id, notional, price, quantity, type PositionId } from '#pkg/domain';
import { BTC } from '../../../tests/harness/trade/btc.ts';
import { createTradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import { FLEET_NOTIONAL_SETTING } from './risk-facts.ts';

describe('pre-trade risk', () => {
  test('an entry beyond a limit of the account is never sent', async () => {
    const bench = await createTradeBench({ risk: { stopLossPercentMax: 1 } });
    const position = await bench.open();

    expect(position.status).toBe('canceled');
    expect(bench.venue.trades).toEqual([]);
    expect(bench.venue.working()).toEqual([]);
  });

  test('a limit that was lowered after the slot was taken holds', async () => {
    const bench = await createTradeBench();
    const risk = { notionalPercentMax: 1 };
    await bench.store.accounts.saveSettings(bench.account.id, { ...bench.account.settings, risk });
    const position = await bench.open();

    expect(position.status).toBe('canceled');
    expect(bench.venue.trades).toEqual([]);
  });

  test('what all accounts hold counts against the limit of the fleet', async () => {
    const bench = await createTradeBench();
    const { settings, positions } = bench.store;
    await settings.set(FLEET_NOTIONAL_SETTING, '20000', 0);
    const other = id<PositionId>('of-somebody-else');
    const { settings: theirs } = bench.account;
    await positions.create({
      id: other,
      accountId: id('another'),
      symbol: BTC,
      direction: 'long',
      slot: 1,
      settings: theirs,
      createdAtMs: 0,
    });
    const entry = { entryPrice: price(60_000), entryQuantity: quantity(1) };
    await positions.update(other, { marginUsdt: notional(1_000), leverage: 15, ...entry }, 0);
    expect((await bench.open()).status).toBe('canceled');

    await settings.set(FLEET_NOTIONAL_SETTING, '200000', 0);
    expect((await bench.open('short')).status).toBe('active');
  });

  test('rungs wait while the account sends as many orders a second as it may, and all are sent', async () => {
    const bench = await createTradeBench({ risk: { ordersPerSecondMax: 1 } });
    const startedAtMs = bench.clock.nowMs();
    const position = await bench.open();

    expect(position.status).toBe('active');
    expect(bench.venue.working()).toHaveLength(6);
    expect(bench.clock.nowMs() - startedAtMs).toBeGreaterThanOrEqual(4_000);
  });
});
