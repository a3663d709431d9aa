import type { Reason } from '#pkg/base';
import { jsonRows } from './json-rows.ts';

/** How a symbol moves with BTC: the windows and figures are those of `#pkg/statistics`. */
export type Measure =
  | {
      readonly kind: 'measured';
      readonly atMs: number;
      /** Hourly moves that were compared. */
      readonly moves: number;
      /** Of the newest window of hourly moves. */
      readonly correlation: number;
      /** 1: the correlation never changes, 0: it says nothing. */
      readonly stability: number;
      /** By how much the symbol moves when BTC rises (falls) by 1; absent with too few such hours. */
      readonly elasticity: { readonly rising?: number; readonly falling?: number };
      /** Of the newest window of daily moves; absent before they were read. */
      readonly daily?: DailyMeasure;
    }
  | {
      readonly kind: 'unavailable';
      readonly atMs: number;
      readonly reason: Reason;
      readonly message: string;
    };

export interface DailyMeasure {
  /** Undefined for a symbol that is listed too shortly. */
  readonly correlation?: number;
  /** When the newest day that was measured closed. */
  readonly untilMs: number;
}

/** What the last pass over the candles measured of each symbol. */
export const MEASURES = jsonRows<Measure>(
  'measure',
  (value) => 'kind' in value && 'atMs' in value && typeof value.atMs === 'number',
);
