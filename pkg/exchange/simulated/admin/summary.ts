/** What the venue counted: the figures that the fleet's own summary takes over, because the fleet cannot flatter them. */
import { positionAmount } from '../venue/accounting.ts';
import type { StatisticsRow } from '../venue/rows.ts';
import { hasClosingStop } from '../venue/protection.ts';
import type { Venue } from '../venue/venue.ts';

export interface VenueSummary extends StatisticsRow {
  readonly openPositions: number;
  /** Positions open now without a working closing stop. */
  readonly openWithoutStop: number;
  readonly openOrders: number;
  readonly openAlgoOrders: number;
  readonly marketMs: number;
  readonly seed: string;
}

/** Returns the summary as of `nowMs`; a position without a stop counts up to now. */
export function summarize(venue: Venue, nowMs: number, marketMs: number): VenueSummary {
  const { state } = venue;
  const statistics = state.statistics();
  let { unprotectedMsMax } = statistics;
  let openPositions = 0;
  let openWithoutStop = 0;
  for (const position of state.rows('positions')) {
    if (positionAmount(position).isZero()) continue;
    openPositions += 1;
    if (!hasClosingStop({ state }, position)) openWithoutStop += 1;
    if (position.unprotectedSinceMs !== undefined) {
      unprotectedMsMax = Math.max(unprotectedMsMax, nowMs - position.unprotectedSinceMs);
    }
  }
  const accounts = [...state.rows('accounts')].map((account) => account.key);
  const count = (of: (account: string) => Iterable<unknown>): number =>
    accounts.reduce((sum, account) => sum + [...of(account)].length, 0);
  return {
    ...statistics,
    unprotectedMsMax,
    openPositions,
    openWithoutStop,
    openOrders: count((account) => state.openOrdersOf(account)),
    openAlgoOrders: count((account) => state.openAlgosOf(account)),
    marketMs,
    seed: venue.market.seed,
  };
}
