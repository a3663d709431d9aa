import { describe, expect, test } from 'vitest';

import { only, opened, profitAtVenue } from '../../../tests/harness/trade/facts.ts';
import type { TradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import { syncAccount } from '../sync/definitions.ts';
import { watchPositions } from './watch-positions.ts';
import { createSilentLogger } from '#pkg/observability';

/** Has the watch see what the venue's mark is. */
async function tick(bench: TradeBench, mark: number): Promise<number> {
  let checks = 0;
  using watch = watchPositions({
    store: bench.store,
    submit: bench.runner.submit,
    clock: bench.clock,
    logger: createSilentLogger(),
    onChecked: () => {
      checks += 1;
    },
  });
  await watch.refresh();
  const { symbol } = await only(bench);
  const { price } = await bench.venue.exchange.readMarkPrice(symbol, new AbortController().signal);
  expect(price.toNumber()).toBe(mark);
  watch.take([{ symbol, mark: price.toFixed() }]);
  await bench.runner.settle();
  return checks;
}

describe('a mark that passes a price of ours', () => {
  test('heals a fill whose frame never came, without waiting for the timetable', async () => {
    const bench = await opened();
    bench.venue.setMark(54_800);
    bench.venue.drainEvents();
    expect(await tick(bench, 54_800)).toBe(1);
    expect(profitAtVenue(bench)).toBe('0.015 @ 56803.8');
  });

  test('asks the venue nothing when the frame of the fill came', async () => {
    const bench = await opened();
    bench.venue.setMark(54_800);
    await bench.stream();
    const before = await only(bench);
    expect(await tick(bench, 54_800)).toBe(0);
    expect((await only(bench)).updatedAtMs).toBe(before.updatedAtMs);
  });

  test('asks for nothing while it stands between the prices', async () => {
    const bench = await opened();
    bench.venue.setMark(59_000);
    expect(await tick(bench, 59_000)).toBe(0);
  });
});

describe('the reading of one account after a gap', () => {
  test('heals what its stream missed, and touches no other account', async () => {
    const bench = await opened();
    bench.venue.setMark(54_800);
    bench.venue.drainEvents();
    await bench.runner.submit(syncAccount, { accountId: 'somebody-else' as never });
    await bench.runner.settle();
    expect(profitAtVenue(bench)).not.toBe('0.015 @ 56803.8');
    await bench.runner.submit(syncAccount, { accountId: bench.account.id });
    await bench.runner.settle();
    expect(profitAtVenue(bench)).toBe('0.015 @ 56803.8');
  });

  test('waits for a position that another workflow holds, where the timetable skips it', async () => {
    const bench = await opened();
    const { id } = await only(bench);
    await bench.store.positions.advance(id, 'WapStarted', {
      changes: { workflowId: undefined },
      nowMs: bench.clock.nowMs(),
    });
    bench.venue.setMark(54_800);
    bench.venue.drainEvents();
    await bench.runner.submit(syncAccount, { accountId: bench.account.id });
    await bench.runner.settle();
    expect(profitAtVenue(bench)).toBe('0.015 @ 56803.8');
  });
});
