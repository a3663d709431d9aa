import { describe, expect, test } from 'vitest';

import { crashes, only, opened, profitAtVenue } from '../../../tests/harness/trade/facts.ts';

describe('re-average', () => {
  test('a filled rung moves the profit order to the break-even and the whole quantity', async () => {
    const bench = await opened();
    bench.venue.setMark(54_800);
    await bench.stream();

    const position = await only(bench);
    // (60,000 × 0.005 + 54,900 × 0.01) / 0.015 = 56,600; + 0.36 %
    expect(position.status).toBe('active');
    expect(position.wapCount).toBe(1);
    expect(position.profitPrice?.toString()).toBe('56803.8');
    expect(profitAtVenue(bench)).toBe('0.015 @ 56803.8');
    expect(await bench.eventKinds()).toContain('PositionReaveraged');
  });

  test('two rungs in one move are averaged together', async () => {
    const bench = await opened();
    bench.venue.setMark(49_000);
    await bench.stream();

    expect(profitAtVenue(bench)).toBe('0.035 @ 52904.1');
    expect((await only(bench)).status).toBe('active');
  });

  test.each([1, 2, 3, 5, 8, 12])(
    'a rung that fills %i ms into the re-average of another is averaged too',
    async (afterMs) => {
      const bench = await opened();
      bench.venue.setMark(54_800);
      bench.clock.schedule(afterMs, () => bench.venue.setMark(49_000));
      await bench.stream();
      await bench.stream();

      expect(profitAtVenue(bench)).toBe('0.035 @ 52904.1');
      const position = await only(bench);
      expect(position.status).toBe('active');
      const rungs = (await bench.orders(position.id)).filter(({ status }) => status === 'filled');
      expect(
        rungs.filter(({ purpose }) => purpose === 'rung').every((rung) => rung.fillHandled),
      ).toBe(true);
    },
  );

  test('the profit order filled first: the position closes (no move)', async () => {
    const bench = await opened();
    bench.venue.setMark(54_800);
    bench.venue.setMark(60_300);
    await bench.stream();

    const [position] = await bench.store.positions.list({ limit: 1 });
    expect(position?.status).toBe('closed');
    expect(bench.venue.held('long')).toBe(0);
    expect(bench.venue.working()).toEqual([]);
  });

  test.each(['lost-after', 'lost-before'] as const)(
    'a move whose reply is %s ends at the wanted price',
    async (kind) => {
      const bench = await opened();
      bench.venue.failNext('p0!modify', { kind });
      bench.venue.setMark(54_800);
      await bench.stream();

      expect(profitAtVenue(bench)).toBe('0.015 @ 56803.8');
      expect((await only(bench)).status).toBe('active');
    },
  );

  test('frames in reverse order give the same position (incident 16)', async () => {
    const bench = await opened();
    bench.venue.setMark(49_000);
    await bench.stream({ order: 'reversed' });

    expect(profitAtVenue(bench)).toBe('0.035 @ 52904.1');
  });

  test('a frame never writes an order quantity (incident 14)', async () => {
    const bench = await opened();
    bench.venue.setMark(54_800);
    await bench.stream();
    const orders = await bench.orders((await only(bench)).id);
    expect(orders.find((order) => order.purpose === 'rung')?.quantity?.toString()).toBe('0.01');
  });

  test('a crash at any line of a re-average ends in the same place', async () => {
    const trial = await opened();
    const before = trial.calls();
    trial.venue.setMark(54_800);
    await trial.stream();
    const total = trial.calls() - before;
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= total; call += 1) {
        const bench = await opened();
        bench.venue.setMark(54_800);
        bench.crashAt(call, when);
        await bench.stream();
        expect([call, when, profitAtVenue(bench)]).toEqual([call, when, '0.015 @ 56803.8']);
        expect(crashes(bench)).toBe(1);
        expect((await only(bench)).status).toBe('active');
      }
    }
  });
});
