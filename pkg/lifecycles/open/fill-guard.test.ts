import { describe, expect, test } from 'vitest';

import { createTradeBench, type TradeBench } from '../../../tests/harness/trade/trade-bench.ts';

const AWAY_MS = 60_000;
const UNPROTECTED_MS_MAX = 5_000;

/** Milliseconds from the fill of the entry to the acceptance of its stop; undefined when nothing was filled. */
function unprotectedMs({ venue }: TradeBench): number | undefined {
  const filledAtMs = venue.trades[0]?.atMs;
  if (filledAtMs === undefined) return undefined;
  const stop = venue.working().find(({ clientOrderId }) => clientOrderId.endsWith('s0'));
  return (stop?.updatedAtMs ?? Infinity) - filledAtMs;
}

async function countCalls(): Promise<number> {
  const trial = await createTradeBench();
  await trial.open();
  return trial.calls();
}

describe('the database goes away in the middle of an opening', () => {
  test.each(['before', 'after'] as const)(
    'at any line (%s its effect): the fill has its stop within 5 s, and one order for each intent',
    async (when) => {
      const total = await countCalls();
      const waits: number[] = [];
      for (let call = 1; call <= total; call += 1) {
        const bench = await createTradeBench();
        bench.loseStoreAt(call, when, AWAY_MS);
        const position = await bench.open();
        expect([call, position.status]).toEqual([call, 'active']);
        expect([call, bench.venue.duplicates()]).toEqual([call, []]);
        const waitMs = unprotectedMs(bench);
        expect([call, (waitMs ?? Infinity) <= UNPROTECTED_MS_MAX]).toEqual([call, true]);
        waits.push(waitMs ?? 0);
      }
      // Some of them were lost between the fill and its stop, and waited for the guard.
      expect(waits.some((waitMs) => waitMs > 500)).toBe(true);
    },
  );

  test('an undisturbed opening never asks the database for the guard', async () => {
    const bench = await createTradeBench();
    await bench.open();
    const calls = bench.calls();
    bench.clock.advance(AWAY_MS);
    expect(bench.calls()).toBe(calls);
  });
});
