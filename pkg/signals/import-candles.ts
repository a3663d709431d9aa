import { id, type SymbolName, type Timeframe } from '#pkg/domain';
import type { KlineSeries } from '#pkg/market-data';
import type { Store } from '#pkg/store';

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
}

/**
 * Stores the newest candles of each series, as many as the nightly pruning leaves standing.
 *
 * Refused as a whole when the fleet does not know one of the symbols. Repeating it changes nothing.
 */
export async function importCandles(
  { store }: { readonly store: Store },
  all: readonly KlineSeries[],
): Promise<CandleImport> {
  const known = new Set((await store.symbols.list()).map(({ rules }) => String(rules.symbol)));
  const unknown = [...new Set(all.map(({ symbol }) => symbol))].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    const message = `the fleet knows no symbol ${unknown.join(', ')}, so nothing was imported`;
    return { kind: 'refused', message };
  }
  const series: ImportedSeries[] = [];
  for (const { symbol, timeframe, candles } of all) {
    const newest = candles.slice(-CANDLES_KEPT);
    await store.candles.save(id<SymbolName>(symbol), timeframe, newest);
    series.push({
      symbol,
      timeframe,
      read: candles.length,
      stored: newest.length,
      fromMs: newest[0]?.openAtMs ?? 0,
      untilMs: newest.at(-1)?.openAtMs ?? 0,
    });
  }
  return { kind: 'imported', series };
}
