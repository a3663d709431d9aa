import { describe, expect, test } from 'vitest';

import type { Position, PositionCloseReason } from '#pkg/domain';
import type { ForcedCause } from '#pkg/exchange';
import { opened } from '../../../tests/harness/trade/facts.ts';
import type { TradeBench } from '../../../tests/harness/trade/trade-bench.ts';

const HOUR_MS = 3_600_000;

async function newest(bench: TradeBench): Promise<Position> {
  const [position] = await bench.store.positions.list({ limit: 1 });
  if (position === undefined) throw new Error('nothing was opened');
  return position;
}

describe('closing books', () => {
  test.each<[string, ForcedCause | undefined, PositionCloseReason]>([
    ['by hand', undefined, 'ClosedAtVenue'],
    ['by liquidation', 'liquidation', 'Liquidated'],
    ['by deleveraging', 'deleveraging', 'Deleveraged'],
    ['by the end of its symbol', 'settlement', 'Settled'],
  ])('a position that is closed %s says so (incident 57)', async (_, cause, reason) => {
    const bench = await opened();
    bench.venue.drainEvents();
    bench.venue.closeOutside('long', cause);
    await bench.stream();

    const position = await newest(bench);
    expect(position.status).toBe('closed');
    expect(position.closeReason).toBe(reason);
    // Both trades of 0.005 at 60,000 cost 0.04 %.
    expect(position.realizedPnl?.toFixed()).toBe('-0.24');
    expect(bench.venue.working()).toEqual([]);
  });

  test('a filled stop is no liquidation, though its trade has an order of its own (incident 57)', async () => {
    const bench = await opened();
    bench.venue.setMark(38_000);
    await bench.stream();
    expect((await newest(bench)).closeReason).toBe('StopFilled');
  });

  test('funding of every interval counts once, and a deposit never (incident 50)', async () => {
    const bench = await opened();
    bench.venue.bookIncome('TRANSFER', 5_000);
    for (let interval = 0; interval < 6; interval += 1) {
      bench.clock.advance(8 * HOUR_MS);
      bench.venue.bookIncome('FUNDING_FEE', -0.01);
    }
    bench.venue.setMark(60_300);
    await bench.stream();

    // (60,216 − 60,000) × 0.005, two fees of 0.04 %, six times funding.
    const result = (await newest(bench)).realizedPnl;
    expect(result?.toFixed(6)).toBe((0.839_568 - 0.06).toFixed(6));
  });

  test('what the insurance took after a liquidation counts, in the same hour too', async () => {
    const bench = await opened();
    bench.venue.drainEvents();
    bench.venue.closeOutside('long', 'liquidation');
    bench.venue.bookIncome('INSURANCE_CLEAR', -1.5);
    await bench.stream();
    expect((await newest(bench)).realizedPnl?.toFixed()).toBe('-1.74');
  });

  test('a close is announced with its final result, once, and after it stands (incident 58)', async () => {
    const bench = await opened();
    bench.venue.setMark(60_300);
    await bench.stream();
    const position = await newest(bench);
    const events = (await bench.store.events.listNewest(99)).filter(
      ({ kind }) => kind === 'PositionClosed',
    );
    expect(events).toHaveLength(1);
    expect(events[0]?.message).toContain(`${position.realizedPnl?.toFixed(2) ?? ''} USDT`);
  });

  test('after a winning close nothing is missed and nothing is put back (incident 21)', async () => {
    const bench = await opened();
    bench.venue.setMark(60_300);
    await bench.stream();
    const before = await bench.eventKinds();
    await bench.sync();
    expect(bench.venue.working()).toEqual([]);
    expect(await bench.eventKinds()).toEqual(before);
  });
});
