import type { Timeframe } from '#pkg/domain';
import { jsonRows } from './json-rows.ts';

/** What the readings of a direction said of prices beside it. */
export interface Levels {
  readonly atMs: number;
  readonly timeframe: Timeframe;
  /** What the provider took for the price when it was read. */
  readonly price: number;
  /** Support and resistance, nearest and farthest. */
  readonly s1: number;
  readonly r1: number;
  readonly s3?: number;
  readonly r3?: number;
}

/** Levels of each symbol whose direction was concluded. */
export const LEVELS = jsonRows<Levels>('levels', (value) =>
  ['atMs', 'price', 's1', 'r1'].every(
    (name) => typeof (value as Record<string, unknown>)[name] === 'number',
  ),
);
