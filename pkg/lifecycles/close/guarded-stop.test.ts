import { expect, test } from 'vitest';

import type { Position } from '#pkg/domain';
import { createTradeBench, type TradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import { cancelPosition, closeOptionsOf } from './workflow.ts';

const AWAY_MS = 10_000;

/** Returns benches whose opening lost the database at some line, after which only the fill guard can have placed the stop. */
async function guardedOpenings(): Promise<readonly (readonly [number, TradeBench, Position])[]> {
  const trial = await createTradeBench();
  await trial.open();
  const found: (readonly [number, TradeBench, Position])[] = [];
  for (let call = 1; call <= trial.calls(); call += 1) {
    const bench = await createTradeBench();
    bench.loseStoreAt(call, 'after', AWAY_MS);
    const position = await bench.open('long', { forMs: AWAY_MS / 2 });
    const stop = (await bench.orders(position.id)).find(({ purpose }) => purpose === 'stop');
    const stands = bench.venue.working().some(({ clientOrderId }) => clientOrderId.endsWith('s0'));
    if (stop?.status === 'planned' && stands) found.push([call, bench, position]);
  }
  return found;
}

test('a stop that the fill guard placed is ended with its opening, although its row was never sent', async () => {
  const guarded = await guardedOpenings();
  expect(guarded.length).toBeGreaterThan(0);
  for (const [call, bench, position] of guarded) {
    const { store, runner, clock } = bench;
    // A person, or a failed step, ends the opening before its own step sends the stop again.
    await store.positions.advance(position.id, 'CleanupStarted', { nowMs: clock.nowMs() });
    await runner.submit(cancelPosition, { positionId: position.id }, closeOptionsOf(position));
    await runner.settle();
    expect([call, (await bench.position(position.id)).status]).toEqual([call, 'canceled']);
    expect([call, bench.venue.held('long'), bench.venue.working()]).toEqual([call, 0, []]);
  }
});

test('an opening that was never entered waits for nobody', async () => {
  const bench = await createTradeBench();
  bench.venue.failNext('e0', { kind: 'rejected', reason: 'InsufficientMargin' });
  const startedMs = bench.clock.nowMs();
  await bench.open();
  expect(bench.clock.nowMs() - startedMs).toBeLessThan(1_000);
  expect(bench.venue.working()).toEqual([]);
});
