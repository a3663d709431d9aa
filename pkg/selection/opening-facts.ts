import type { Clock } from '#pkg/base';
import type { Account, Position, PositionId } from '#pkg/domain';
import { readComparedAt, readOpeningHolds, type OpeningHolds } from '#pkg/lifecycles';
import type { Store, WorkerRow } from '#pkg/store';

import type { FilledRungs } from './rules/ladder-gates.ts';
import type { SideFacts } from './rules/selection-policy.ts';

/** What the gates of an opening ask beside the account itself, read at one moment. */
export type OpeningFacts = OpeningHolds & Pick<SideFacts, 'comparedAtMs' | 'tradingSinceMs'>;

/** Returns the facts for one account: the same for the look that opens and for whoever asks why it does not. */
export async function readOpeningFacts(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  account: Account,
): Promise<OpeningFacts> {
  const [holds, comparedAtMs, workers] = await Promise.all([
    readOpeningHolds({ store, clock }, account.id),
    readComparedAt(store.settings, account.id),
    store.workers.list(),
  ]);
  return {
    ...holds,
    comparedAtMs,
    tradingSinceMs: findTradingSince(workers),
  };
}

/** A worker that has not beaten for longer is away. */
const BEAT_AGE_MS_MAX = 5_000;

/** Returns since when some worker has served the lane `orders` without a gap; undefined when none is known. */
function findTradingSince(workers: readonly WorkerRow[]): number | undefined {
  const starts = workers
    .filter(({ beatAgeMs }) => beatAgeMs <= BEAT_AGE_MS_MAX)
    .filter(({ lanes }) => lanes.some(({ lane }) => lane === 'orders'))
    .map(({ startedAtMs }) => startedAtMs);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/**
 * Returns how far the ladders of open positions are filled. Only the orders of those that were averaged once, or are
 * being, are read: any other has filled no rung.
 */
export async function readFilledRungs(
  orders: Pick<Store['orders'], 'listByPosition'>,
  open: readonly Position[],
): Promise<FilledRungs> {
  const laddered = open.filter(({ wapCount, status }) => wapCount > 0 || status === 'waping');
  const counted = await Promise.all(
    laddered.map(async ({ id }): Promise<readonly [PositionId, number]> => {
      const rows = await orders.listByPosition(id);
      const filled = rows.filter(
        ({ purpose, status }) => purpose === 'rung' && status === 'filled',
      );
      return [id, new Set(filled.map(({ rungIndex }) => rungIndex)).size];
    }),
  );
  return new Map(counted);
}
