import { DONE } from '#pkg/lifecycles';
import { implementStep, type StepHandler } from '#pkg/steps';

import { pruneRecordsStep } from './definitions.ts';
import type { GuardDependencies } from './dependencies.ts';

const KEPT_MS = 7 * 24 * 3_600_000;
/** Of one statement, so that none holds locks for long. */
const FRAMES_BATCH = 2_000;

/** Returns the code that keeps small what grows with time and is not history: runs of the timetable, frames, sessions. */
export function createPruneHandler({
  store,
  clock,
}: Pick<GuardDependencies, 'store' | 'clock'>): StepHandler {
  return implementStep(pruneRecordsStep, async () => {
    const beforeMs = clock.nowMs() - KEPT_MS;
    await store.scheduleRuns.prune(beforeMs);
    await store.users.pruneSessions(beforeMs);
    let removed: number;
    do {
      removed = await store.frames.prune({ appliedBeforeMs: beforeMs, limit: FRAMES_BATCH });
    } while (removed === FRAMES_BATCH);
    return DONE;
  });
}
