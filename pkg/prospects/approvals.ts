import type { Reason } from '#pkg/base';
import { jsonRows } from './json-rows.ts';

/** What the history of a symbol said of one ladder. */
export interface Approval {
  readonly kind: 'approve' | 'adjust' | 'reject';
  readonly atMs: number;
  /** One sentence with the figures that decided. */
  readonly message: string;
  readonly reason?: Reason;
  /** Hourly candles that were looked at, and how far back they go. */
  readonly candles: number;
  readonly fromMs: number;
  /** The nearest ladder that is approved, for `adjust`: positions open with it. */
  readonly suggestion?: { readonly gapPercent: number; readonly profitPercent: number };
}

/** An approval is renewed after so long, and counts for twice that. */
export const APPROVAL_RENEWED_MS = 30 * 86_400_000;

/** Of each symbol the approvals by the ladder that was judged (`ladderKeyOf`). */
export const APPROVALS = jsonRows<{ readonly ladders: Readonly<Record<string, Approval>> }>(
  'approval',
  (value) => 'ladders' in value && typeof value.ladders === 'object' && value.ladders !== null,
);
