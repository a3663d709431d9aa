import { describe, expect, test } from 'vitest';

import { crashes, opened } from '../../../tests/harness/trade/facts.ts';

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
