import type { Clock } from '#pkg/base';
import { DIRECTIONS, id, type SymbolName, type Timeframe } from '#pkg/domain';
import type { KlineSeries } from '#pkg/market-data';
import type { Store } from '#pkg/store';

import { judgeLadders, ladderSetupsOf } from './judge-ladders.ts';
import { CANDLES_KEPT } from './symbol-steps.ts';

export type CandleImport =
  | { readonly kind: 'imported'; readonly series: readonly ImportedSeries[] }
  /** Nothing was written. */
  | { readonly kind: 'refused'; readonly message: string };

export interface ImportedSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly read: number;
  /** The newest ones, as many as the store keeps of a series; those that stood already are replaced. */
  readonly stored: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** What the ladders of the accounts came to over the whole file; empty for other timeframes and short files. */
  readonly verdicts: readonly string[];
}

/** A shorter file says less than what the venue is asked for anyway. */
const JUDGED_CANDLES_MIN = 90 * 24;
/** The archive publishes months: a file that ends earlier tells of another market. */
const JUDGED_AGE_MS_MAX = 35 * 86_400_000;

/**
 * Stores the newest candles of each series, as many as the nightly pruning leaves standing, and judges the ladders of all
 * accounts over 1h series of 90 days and more.
 *
 * Refused as a whole when the fleet does not know one of the symbols. Repeating it changes nothing.
 */
export async function importCandles(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  all: readonly KlineSeries[],
): Promise<CandleImport> {
  const known = new Set((await store.symbols.list()).map(({ rules }) => String(rules.symbol)));
  const unknown = [...new Set(all.map(({ symbol }) => symbol))].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    const message = `the fleet knows no symbol ${unknown.join(', ')}, so nothing was imported`;
    return { kind: 'refused', message };
  }
  const series: ImportedSeries[] = [];
  const setups = ladderSetupsOf(await store.accounts.list(), DIRECTIONS);
  for (const { symbol, timeframe, candles } of all) {
    const newest = candles.slice(-CANDLES_KEPT);
    await store.candles.save(id<SymbolName>(symbol), timeframe, newest);
    const ageMs = clock.nowMs() - (newest.at(-1)?.openAtMs ?? 0);
    const isJudged =
      timeframe === '1h' && candles.length >= JUDGED_CANDLES_MIN && ageMs <= JUDGED_AGE_MS_MAX;
    const judged = isJudged
      ? await judgeLadders(store, id<SymbolName>(symbol), {
          ...{ candles, setups },
          nowMs: clock.nowMs(),
        })
      : [];
    series.push({
      symbol,
      timeframe,
      read: candles.length,
      stored: newest.length,
      fromMs: newest[0]?.openAtMs ?? 0,
      untilMs: newest.at(-1)?.openAtMs ?? 0,
      verdicts: judged.map(({ kind }, at) => `${setups[at]?.direction ?? ''} ${kind}`),
    });
  }
  return { kind: 'imported', series };
}
