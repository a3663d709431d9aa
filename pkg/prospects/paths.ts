import type { Reason } from '#pkg/base';
import type { Direction, Timeframe } from '#pkg/domain';
import { jsonRows } from './json-rows.ts';

/** Who the readings of a timeframe are from: the provider alone, our candles alone, or both and they agree. */
export type ReadingSource = 'provider' | 'candles' | 'both';

/** What one timeframe of the ladder said of a symbol. */
export interface PathEntry {
  readonly timeframe: Timeframe;
  readonly atMs: number;
  readonly source: ReadingSource;
  /** What its readings conclude, whether it was taken or not; undefined with a reason. */
  readonly direction?: Direction;
  readonly reason?: Reason;
  readonly message?: string;
}

/** How each symbol came to its direction, or to none, at the last pass: 1h first. */
export const PATHS = jsonRows<{ readonly entries: readonly PathEntry[] }>(
  'path',
  (value) => 'entries' in value && Array.isArray(value.entries),
);
