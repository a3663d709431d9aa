import { describe, expect, test } from 'vitest';

import { ladderKeyOf, setupOf } from '#pkg/backtest';
import type { Candle } from '#pkg/domain';
import { APPROVALS, type Approval } from '#pkg/prospects';
import { concludeDirections } from '#pkg/signals';
import { BTC } from '../../tests/harness/trade/btc.ts';
import { createTradeBench, type TradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { createPositions, explainSymbol } from './index.ts';

const HOUR_MS = 3_600_000;
const ONE_LONG_SLOT = { slots: { long: 1, short: 0 } } as const;
const HOURS = 2_500;

/** The venue knows so many hours before now: waves that a ladder earns from, or a straight way down. */
function giveHistory(
  { venue, clock }: TradeBench,
  hours: number,
  shape: 'waves' | 'fall',
): number[] {
  const asked: number[] = [];
  const lastMs = Math.floor(clock.nowMs() / HOUR_MS) * HOUR_MS - HOUR_MS;
  venue.exchange.readCandles = async (_symbol, timeframe, limit, _signal, untilMs = lastMs) => {
    if (timeframe !== '1h') return [];
    asked.push(limit);
    const newest = (untilMs - lastMs) / HOUR_MS + hours - 1;
    const first = Math.max(0, newest - limit + 1);
    return Array.from({ length: Math.max(0, newest - first + 1) }, (_, index): Candle => {
      const at = first + index;
      const open = shape === 'waves' ? 100 + 0.4 * Math.sin(at) : 100 * 0.999 ** at;
      const wick = shape === 'waves' ? 0.006 : 0;
      const values = { open, high: open * (1 + wick), low: open * (1 - wick), close: open };
      return { openAtMs: lastMs - (hours - 1 - at) * HOUR_MS, ...values, volume: 1 };
    });
  };
  return asked;
}

async function look(bench: TradeBench): Promise<void> {
  await bench.runner.submit(concludeDirections, undefined);
  await bench.runner.settle();
}

async function verdictOf({ store, account }: TradeBench): Promise<Approval | undefined> {
  const known = await APPROVALS.find(store.settings, BTC);
  return known?.ladders[ladderKeyOf(setupOf(account.settings, 'long'))];
}

describe('the backtest before a slot', () => {
  test('a ladder that nobody judged is judged over what the venue knows, and opens once approved', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT, { backtests: 'required' });
    const asked = giveHistory(bench, HOURS, 'waves');
    await look(bench);
    expect(await verdictOf(bench)).toMatchObject({ kind: 'approve', candles: HOURS });
    // Five whole pages, and one that ends the history.
    expect(asked).toEqual([499, 499, 499, 499, 499, 499]);
    expect(await bench.store.positions.listOpen()).toHaveLength(1);
    const refused = (await bench.store.events.listNewest(10)).find(
      ({ kind }) => kind === 'OpeningRefused',
    );
    expect(refused?.message).toContain('1 BacktestMissing');
  });

  test('a ladder that is stopped too often is rejected with its figures, and judged once', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT, { backtests: 'required' });
    const asked = giveHistory(bench, HOURS, 'fall');
    await look(bench);
    const requests = asked.length;
    await bench.runner.submit(createPositions, undefined);
    await bench.runner.settle();
    expect(asked).toHaveLength(requests);
    expect(await bench.store.positions.listOpen()).toEqual([]);
    const { store, clock, venue } = bench;
    const [long] =
      (await explainSymbol({ store, clock, prices: venue.prices }, BTC))?.answers ?? [];
    expect(long).toMatchObject({ reason: 'BacktestRejected', approval: { kind: 'reject' } });
    expect(long?.message).toMatch(/\d+ of \d+ ended starts were stopped/u);
  });

  test('a symbol that is listed too shortly is rejected as such', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT, { backtests: 'required' });
    giveHistory(bench, 1_000, 'waves');
    await look(bench);
    expect(await verdictOf(bench)).toMatchObject({ kind: 'reject', reason: 'CandlesMissing' });
    expect(await bench.store.positions.listOpen()).toEqual([]);
  });

  test('an adjusted ladder is the one that the position is built with', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT, { backtests: 'required' });
    await saveVerdict(bench, {
      kind: 'adjust',
      suggestion: { gapPercent: 11.05, profitPercent: 0.54 },
    });
    await look(bench);
    const [position] = await bench.store.positions.listOpen();
    expect(position?.settings).toMatchObject({
      gapPercent: { long: 11.05, short: bench.account.settings.gapPercent.short },
      profitPercent: 0.54,
    });
  });

  test('a verdict of two months ago counts no more, and one of a month ago is renewed while it counts', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT, { backtests: 'required' });
    const asked = giveHistory(bench, HOURS, 'waves');
    const dayMs = 24 * HOUR_MS;
    await saveVerdict(bench, { kind: 'approve', atMs: bench.clock.nowMs() - 31 * dayMs });
    await look(bench);
    expect(await bench.store.positions.listOpen()).toHaveLength(1);
    expect(asked.length).toBeGreaterThan(0);
    expect((await verdictOf(bench))?.atMs).toBeGreaterThan(bench.clock.nowMs() - dayMs);

    const late = await createTradeBench(ONE_LONG_SLOT, { backtests: 'required' });
    await saveVerdict(late, { kind: 'approve', atMs: late.clock.nowMs() - 61 * dayMs });
    await look(late);
    // The fake venue knows no candles.
    expect(await verdictOf(late)).toMatchObject({ kind: 'reject', reason: 'CandlesMissing' });
  });
});

async function saveVerdict(
  { store, account, clock }: TradeBench,
  verdict: Pick<Approval, 'kind'> & Partial<Approval>,
): Promise<void> {
  const nowMs = clock.nowMs();
  const key = ladderKeyOf(setupOf(account.settings, 'long'));
  const whole = { atMs: nowMs, message: '', candles: HOURS, fromMs: 0, ...verdict };
  await APPROVALS.save(store.settings, BTC, { ladders: { [key]: whole } }, nowMs);
}
