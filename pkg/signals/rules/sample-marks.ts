import type { Candle, SymbolName } from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';
import type { MarkSample } from '#pkg/regime';

const MINUTE_MS = 60_000;
/** All from domain.md 9. */
const MARK_AGE_MS_MAX = 90_000;
const CANDLE_AGE_MS_MAX = 1_800_000;
const KEPT_MS = 3 * 3_600_000;

/** Returns the marks of this minute; undefined when one of the symbols has none, or only an old one. */
export function sampleMarks(
  marks: ReadonlyMap<SymbolName, MarkPrice>,
  symbols: readonly SymbolName[],
  nowMs: number,
): MarkSample | undefined {
  const prices = new Map<SymbolName, number>();
  for (const symbol of symbols) {
    const mark = marks.get(symbol);
    if (mark === undefined || nowMs - mark.atMs > MARK_AGE_MS_MAX) return undefined;
    prices.set(symbol, mark.price.toNumber());
  }
  return { atMs: nowMs, prices };
}

/** Returns the closes of candles of one minute as samples of when they closed; none from a series that is old. */
export function samplesOfCandles(
  series: readonly { readonly symbol: SymbolName; readonly candles: readonly Candle[] }[],
  nowMs: number,
): readonly MarkSample[] {
  const byTime = new Map<number, Map<SymbolName, number>>();
  for (const { symbol, candles } of series) {
    for (const { openAtMs, close } of candles) {
      const atMs = openAtMs + MINUTE_MS;
      if (atMs > nowMs) continue;
      byTime.set(atMs, (byTime.get(atMs) ?? new Map<SymbolName, number>()).set(symbol, close));
    }
  }
  const whole = [...byTime]
    .filter(([, prices]) => prices.size === series.length)
    .map(([atMs, prices]) => ({ atMs, prices }))
    .toSorted((a, b) => a.atMs - b.atMs);
  const newestMs = whole.at(-1)?.atMs ?? 0;
  return nowMs - newestMs > CANDLE_AGE_MS_MAX ? [] : whole;
}

/** Returns one sample for each minute of the last three hours, oldest first; those of `newer` win. */
export function mergeSamples(
  older: readonly MarkSample[],
  newer: readonly MarkSample[],
  nowMs: number,
): readonly MarkSample[] {
  const byMinute = new Map<number, MarkSample>();
  for (const sample of [...older, ...newer]) {
    if (nowMs - sample.atMs <= KEPT_MS) {
      byMinute.set(Math.floor(sample.atMs / MINUTE_MS), sample);
    }
  }
  return [...byMinute.values()].toSorted((a, b) => a.atMs - b.atMs);
}
