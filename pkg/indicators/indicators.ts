/**
 * Indicator readings from a provider.
 *
 * One bulk call carries up to 20 calculations. A reading that the provider could not give is an entry with
 * an error, never a hole.
 */
import type { Reason } from '#pkg/base';
import type { SymbolName, Timeframe } from '#pkg/domain';

export type IndicatorName =
  | 'candle'
  | 'candle-comparison'
  | 'ema-40'
  | 'ema-80'
  | 'ema-120'
  | 'chop'
  | 'pivotpoints';

export interface IndicatorQuery {
  readonly symbol: SymbolName;
  readonly timeframe: Timeframe;
  readonly indicator: IndicatorName;
}

export type IndicatorReading =
  | {
      readonly kind: 'read';
      readonly query: IndicatorQuery;
      /** Named values, newest first where an indicator has several results. */
      readonly values: Readonly<Record<string, readonly number[]>>;
      /** Open time of the candle that the newest value belongs to, ms, where the provider says it. */
      readonly candleOpenAtMs: number | undefined;
    }
  | { readonly kind: 'unavailable'; readonly query: IndicatorQuery; readonly message: string };

export type IndicatorAnswer =
  | { readonly kind: 'answered'; readonly readings: readonly IndicatorReading[] }
  | { readonly kind: 'deferred'; readonly retryAfterMs: number; readonly reason: Reason };

export interface Indicators extends AsyncDisposable {
  /** Reads at most `calculationsMax` queries in one request. */
  read(queries: readonly IndicatorQuery[], signal: AbortSignal): Promise<IndicatorAnswer>;
  readonly calculationsMax: number;
}
