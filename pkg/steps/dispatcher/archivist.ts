import type { Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { EventStore, LeaseFence, StepStore } from '#pkg/store';
import { startRounds } from './rounds.ts';

export interface ArchivistDependencies {
  readonly steps: StepStore;
  readonly events: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is moved or removed is so under it alone. */
  readonly lease: LeaseFence;
}

const DAY_MS = 86_400_000;
/** Ended workflows stay so long beside those that run, for people who look. */
export const ARCHIVE_AFTER_MS = DAY_MS;
/** Archived workflows and events are kept so long after their end. */
export const RETENTION_MS = 14 * DAY_MS;
/** Workflows in one transaction: small, so that nobody waits for its locks. */
const BATCH = 50;
const EVENTS_BATCH = 1_000;
const ROUND_MS = 30_000;
/** Between two batches, so that a backlog takes no more than its share of the database. */
const NEXT_BATCH_MS = 100;

/** Keeps the tables small, in bounded batches, for as long as it is not disposed. */
export function startArchivist(dependencies: ArchivistDependencies): AsyncDisposable {
  const { steps, events, clock, lease } = dependencies;
  return startRounds(dependencies, 'archive', async () => {
    const nowMs = clock.nowMs();
    const expiredMs = nowMs - RETENTION_MS;
    const endedBeforeMs = nowMs - ARCHIVE_AFTER_MS;
    const moved = await steps.archive({ endedBeforeMs, limit: BATCH, lease });
    const purged = await steps.purge({ endedBeforeMs: expiredMs, limit: BATCH, lease });
    const pruned = await events.prune({ beforeMs: expiredMs, limit: EVENTS_BATCH, lease });
    const isMore = moved === BATCH || purged === BATCH || pruned === EVENTS_BATCH;
    return isMore ? NEXT_BATCH_MS : ROUND_MS;
  });
}
