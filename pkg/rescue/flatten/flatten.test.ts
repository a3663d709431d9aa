import { describe, expect, test } from 'vitest';

import { id, parseClientOrderId, price, quantity, type ClientOrderId } from '#pkg/domain';
import { BTC } from '../../../tests/harness/trade/btc.ts';
import { crashes, opened } from '../../../tests/harness/trade/facts.ts';
import { openWithoutRows } from '../../../tests/harness/trade/lost-position.ts';
import { createTradeBench, type TradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import { flattenAccount, flattenOptionsOf } from './definitions.ts';

async function flatten(bench: TradeBench): Promise<unknown> {
  const { runner, account, clock } = bench;
  clock.advance(1);
  const args = { accountId: account.id, sinceMs: clock.nowMs() };
  await runner.submit(flattenAccount, args, flattenOptionsOf(account.id));
  await runner.settle();
  return runner.responseOf('flatten-account');
}

async function orderByHand({ venue, account }: TradeBench, clientOrderId: string): Promise<void> {
  const intent = {
    ...({ kind: 'limit', symbol: BTC, side: 'BUY', direction: 'long', isClosing: false } as const),
    ...{
      clientOrderId: id<ClientOrderId>(clientOrderId),
      quantity: quantity(0.3),
      price: price(20_000),
    },
  };
  const fence = { signableUntilMs: Infinity, isOwned: () => true };
  await venue.exchange.placeOrder(account.id, intent, fence, new AbortController().signal);
}

const NOTHING = { kept: [], left: [] };

describe('flatten', () => {
  test('both sides are closed at market, and no order of ours stands', async () => {
    const bench = await opened();
    await bench.open('short');
    expect(await flatten(bench)).toEqual(NOTHING);
    expect([bench.venue.held('long'), bench.venue.held('short')]).toEqual([0, 0]);
    expect(bench.venue.working()).toEqual([]);
    const ended = await bench.store.positions.list({ limit: 2 });
    expect(ended.map(({ status, closeReason }) => [status, closeReason])).toEqual([
      ['closed', 'ClosedByFleet'],
      ['closed', 'ClosedByFleet'],
    ]);
  });

  test('an account with nothing is flat at once', async () => {
    expect(await flatten(await createTradeBench())).toEqual(NOTHING);
  });

  test('an opening that is on its way is cleaned up', async () => {
    const bench = await createTradeBench();
    const created = await bench.store.positions.create({
      ...{ id: id<never>('fresh'), accountId: bench.account.id, symbol: BTC, direction: 'long' },
      ...{ slot: 1, settings: bench.account.settings, createdAtMs: bench.clock.nowMs() },
    });
    expect(created.kind).toBe('created');
    expect(await flatten(bench)).toEqual(NOTHING);
    expect((await bench.position(id<never>('fresh'))).status).toBe('canceled');
  });

  test("the user's own position and order stay, and are named (incident 38)", async () => {
    const bench = await opened();
    await bench.venue.tradeOutside('short', 0.2);
    await orderByHand(bench, 'by-hand-limit');
    expect(await flatten(bench)).toEqual({
      left: [],
      kept: [
        {
          what: 'Short BTCUSDT of 0.2',
          why: 'nothing of ours: the account lets other positions be',
        },
        {
          what: 'limit buy 0.3 BTCUSDT at 20000 (by-hand-limit)',
          why: 'not ours: the account lets other orders be',
        },
      ],
    });
    expect([bench.venue.held('long'), bench.venue.held('short')]).toEqual([0, 0.2]);
    expect(bench.venue.working()).toHaveLength(1);
  });

  test('what the user added to a pair of ours stays with the user', async () => {
    const bench = await opened();
    await bench.venue.tradeOutside('long', 0.2);
    await flatten(bench);
    expect(bench.venue.held('long')).toBe(0.2);
    const [position] = await bench.store.positions.list({ limit: 1 });
    expect(position?.status).toBe('closed');
  });

  test('all of it goes where the account says that all of it is ours', async () => {
    const settings = { allowOtherPositions: false, allowOtherOrders: false };
    const bench = await createTradeBench(settings);
    await bench.open();
    await bench.venue.tradeOutside('long', 0.2);
    await bench.venue.tradeOutside('short', 0.2);
    await orderByHand(bench, 'by-hand-limit');
    expect(await flatten(bench)).toEqual(NOTHING);
    expect([bench.venue.held('long'), bench.venue.held('short')]).toEqual([0, 0]);
    expect(bench.venue.working()).toEqual([]);
  });

  test('a position that failed to close before is tried again, and its books are closed', async () => {
    const bench = await opened();
    const [position] = await bench.store.positions.listOpen();
    for (const event of ['CloseStarted', 'NotProvedFlat'] as const) {
      await bench.store.positions.advance(position?.id ?? id<never>(''), event, { nowMs: 1 });
    }
    expect(await bench.store.positions.listOpen()).toEqual([]);
    expect(await flatten(bench)).toEqual(NOTHING);
    expect(bench.venue.held('long')).toBe(0);
    expect(bench.venue.working()).toEqual([]);
    expect((await bench.position(position?.id ?? id<never>(''))).status).toBe('closed');
  });

  test('an order of ours that no row knows is canceled', async () => {
    const bench = await createTradeBench();
    await orderByHand(bench, 'k-a-position-long-gone-r2');
    expect(await flatten(bench)).toEqual(NOTHING);
    expect(bench.venue.working()).toEqual([]);
  });

  test('a crash at any line of flattening a holding without rows ends flat', async () => {
    const trial = await createTradeBench();
    await openWithoutRows(trial);
    const before = trial.calls();
    expect(await flatten(trial)).toEqual(NOTHING);
    const total = trial.calls() - before;
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= total; call += 1) {
        const bench = await createTradeBench();
        await openWithoutRows(bench);
        bench.crashAt(call, when);
        expect([call, when, await flatten(bench)]).toEqual([call, when, NOTHING]);
        expect([bench.venue.held('long'), bench.venue.working()]).toEqual([0, []]);
      }
    }
  });

  test('a crash at any line ends flat, with each market order sent once', async () => {
    const trial = await opened();
    const before = trial.calls();
    await flatten(trial);
    const total = trial.calls() - before;
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= total; call += 1) {
        const bench = await opened();
        bench.crashAt(call, when);
        await flatten(bench);
        expect([call, when, bench.venue.held('long'), bench.venue.working()]).toEqual([
          call,
          when,
          0,
          [],
        ]);
        expect(crashes(bench)).toBe(1);
        expect(bench.venue.duplicates()).toEqual([]);
      }
    }
  });
});

test('a client id of ours names its position and its place, and no other id does', () => {
  expect(parseClientOrderId('k-01m8ghdaf23pq2b458g0prtvha-r2-3')).toEqual({
    ...{ positionId: '01m8ghdaf23pq2b458g0prtvha', purpose: 'rung', rungIndex: 2, generation: 3 },
  });
  for (const strange of ['by-hand', 'web_x1-s0', 'k-x-z0', 'k--s', 'x-k-a-s0']) {
    expect([strange, parseClientOrderId(strange)]).toEqual([strange, undefined]);
  }
});
