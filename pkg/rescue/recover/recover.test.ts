import { describe, expect, test } from 'vitest';

import {
  id,
  price,
  quantity,
  type ClientOrderId,
  type PositionEvent,
  type WorkflowId,
} from '#pkg/domain';
import { opened, only, profitAtVenue } from '../../../tests/harness/trade/facts.ts';
import { openWithoutRows, placeByHand } from '../../../tests/harness/trade/lost-position.ts';
import { createTradeBench, type TradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import { recoverAccount, recoverOptionsOf, surveyAccount, type Survey } from './definitions.ts';

async function survey(
  { runner, account }: TradeBench,
  isAdopting = false,
): Promise<readonly string[]> {
  await runner.submit(surveyAccount, { accountId: account.id, isAdopting });
  await runner.settle();
  const { findings } = runner.responseOf('survey-account') as Survey;
  return findings.map(({ remedy, what, deed }) => `${remedy}: ${what}: ${deed}`);
}

/** Recovers, and returns what still differs. */
async function recover(bench: TradeBench, isAdopting = false): Promise<readonly string[]> {
  const { runner, account, clock } = bench;
  const args = { accountId: account.id, isAdopting, sinceMs: clock.nowMs() };
  await runner.submit(recoverAccount, args, recoverOptionsOf(account.id));
  await runner.settle();
  const { findings } = runner.responseOf('recover-account') as Survey;
  return findings.map(({ what }) => what);
}

describe('recover', () => {
  test('books that are equal need nothing, and nothing is changed', async () => {
    const bench = await opened();
    const before = [await only(bench), await bench.orders((await only(bench)).id)];
    expect(await survey(bench)).toEqual([]);
    expect(await recover(bench)).toEqual([]);
    expect([await only(bench), await bench.orders((await only(bench)).id)]).toEqual(before);
  });

  test('a survey changes nothing, at the venue and in the rows', async () => {
    const bench = await opened();
    bench.venue.closeOutside('long');
    await openWithoutRows(bench);
    const before = [await bench.store.positions.list({ limit: 9 }), bench.venue.working()];
    expect((await survey(bench)).length).toBeGreaterThan(0);
    expect([await bench.store.positions.list({ limit: 9 }), bench.venue.working()]).toEqual(before);
  });

  test('a position of which only the venue knows gets its rows again, and lives on', async () => {
    const bench = await createTradeBench();
    await openWithoutRows(bench);
    expect(await survey(bench)).toEqual([
      'adopt: Long BTCUSDT of 0.005 stands at the venue with orders of ours and in no row: its rows are written again, with 3 orders',
    ]);
    expect(await recover(bench)).toEqual([]);
    const position = await only(bench);
    expect([position.id, position.status, position.entryPrice?.toString()]).toEqual([
      'lost',
      'active',
      '60000',
    ]);
    bench.venue.setMark(54_800);
    await bench.stream();
    expect(profitAtVenue(bench)?.split(' ')[0]).toBe('0.015');
    bench.venue.setMark(60_300);
    await bench.stream();
    expect((await bench.position(position.id)).closeReason).toBe('ProfitFilled');
    expect(bench.venue.held('long')).toBe(0);
  });

  test('a phantom is closed after a second flat reading', async () => {
    const bench = await opened();
    bench.venue.closeOutside('long');
    bench.venue.drainEvents();
    expect(await survey(bench)).toEqual([
      'confirm-flat: Long BTCUSDT is active with 0.005, and the venue holds nothing: if it is flat 20 s later too, its orders are canceled and its books closed',
    ]);
    expect(await recover(bench)).toEqual([]);
    const [position] = await bench.store.positions.list({ limit: 1 });
    expect([position?.status, position?.closeReason]).toEqual(['closed', 'ClosedAtVenue']);
    expect(bench.venue.working()).toEqual([]);
  });

  test('an order that filled unheard is mirrored, and answered as if it had been heard', async () => {
    const bench = await opened();
    bench.venue.setMark(54_800);
    bench.venue.drainEvents();
    expect(await survey(bench)).toEqual([
      'sync: Long BTCUSDT is 0.015 at the venue and 0.005 in its row: the row takes it over, and what follows from it is done',
      'sync: Long BTCUSDT: rung 1 is new in its row and filled at the venue: the row takes it over, and what follows from it is done',
    ]);
    expect(await recover(bench)).toEqual([]);
    expect((await only(bench)).wapCount).toBe(1);
    expect(profitAtVenue(bench)?.split(' ')[0]).toBe('0.015');
  });

  test.each(['s0', 'p0'])('an order %s that is gone is placed again', async (suffix) => {
    const bench = await opened();
    bench.venue.cancelOutside(suffix);
    bench.venue.drainEvents();
    expect((await survey(bench)).map((line) => line.split(':')[0])).toEqual(['sync', 'restore']);
    expect(await recover(bench)).toEqual([]);
    expect(bench.venue.working()).toHaveLength(6);
  });

  test('a position that failed is closed when it is held, and its books are closed when it is not', async () => {
    for (const isHeld of [true, false]) {
      const bench = await opened();
      const position = await only(bench);
      for (const event of ['CloseStarted', 'NotProvedFlat'] as const) {
        await bench.store.positions.advance(position.id, event, { nowMs: bench.clock.nowMs() });
      }
      if (!isHeld) bench.venue.closeOutside('long');
      expect((await survey(bench))[0]).toContain('close: Long BTCUSDT');
      expect(await recover(bench)).toEqual([]);
      expect((await bench.position(position.id)).status).toBe('closed');
      expect([bench.venue.held('long'), bench.venue.working()]).toEqual([0, []]);
    }
  });

  test("the user's own stays, unless a person says that it is the fleet's", async () => {
    const bench = await createTradeBench();
    await bench.venue.tradeOutside('long', 0.2);
    await placeByHand(bench, {
      ...{ kind: 'limit', clientOrderId: id<ClientOrderId>('mine'), quantity: quantity(0.3) },
      price: price(20_000),
    });
    expect(await recover(bench)).toEqual([]);
    expect(await bench.store.positions.listOpen()).toEqual([]);
    expect(bench.venue.working()).toHaveLength(1);

    expect(await recover(bench, true)).toEqual([]);
    expect((await only(bench)).status).toBe('active');
    const suffixes = bench.venue.working().map(({ clientOrderId }) => clientOrderId.slice(-2));
    expect(suffixes.toSorted()).toEqual(['ne', 'p0', 's0']);
  });

  test('an order of ours without a position is canceled', async () => {
    const bench = await createTradeBench();
    const orphan = { kind: 'limit', clientOrderId: id<ClientOrderId>('k-gone-r1') } as const;
    await placeByHand(bench, { ...orphan, quantity: quantity(0.3), price: price(20_000) });
    expect(await survey(bench)).toEqual([
      'cancel-order: limit buy 0.3 BTCUSDT at 20000 (k-gone-r1) has no row: canceled',
    ]);
    expect(await recover(bench)).toEqual([]);
    expect(bench.venue.working()).toEqual([]);
  });

  const STUCK: readonly (readonly [PositionEvent, string, string])[] = [
    ['SyncStarted', 'sync', 'active'],
    ['WapStarted', 'sync', 'active'],
    ['CloseStarted', 'close', 'closed'],
    ['CleanupStarted', 'cleanup', 'canceled'],
  ];
  test.each(STUCK)(
    'what is stuck after %s is mended at once by %s',
    async (event, remedy, ends) => {
      const bench = await opened();
      const position = await only(bench);
      const changes = { workflowId: id<WorkflowId>('a-workflow-that-ended') };
      await bench.store.positions.advance(position.id, event, {
        changes,
        nowMs: bench.clock.nowMs(),
      });
      expect((await survey(bench))[0]?.split(':')[0]).toBe(remedy);
      expect(await recover(bench)).toEqual([]);
      expect((await bench.position(position.id)).status).toBe(ends);
    },
  );

  test('a crash at any line of a rebuild ends in the same books', async () => {
    const trial = await createTradeBench();
    await openWithoutRows(trial);
    const before = trial.calls();
    await recover(trial);
    const total = trial.calls() - before;
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= total; call += 1) {
        const bench = await createTradeBench();
        await openWithoutRows(bench);
        bench.crashAt(call, when);
        expect([call, when, await recover(bench)]).toEqual([call, when, []]);
        expect((await only(bench)).status).toBe('active');
        expect(bench.venue.working()).toHaveLength(3);
      }
    }
  });
});
