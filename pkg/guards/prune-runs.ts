import { DONE } from '#pkg/lifecycles';
import { implementStep, type StepHandler } from '#pkg/steps';

import { pruneRunsStep } from './definitions.ts';
import type { GuardDependencies } from './dependencies.ts';

const KEPT_MS = 7 * 24 * 3_600_000;

/** Returns the code that keeps the records of the timetable small. */
export function createPruneHandler({
  store,
  clock,
}: Pick<GuardDependencies, 'store' | 'clock'>): StepHandler {
  return implementStep(pruneRunsStep, async () => {
    await store.scheduleRuns.prune(clock.nowMs() - KEPT_MS);
    return DONE;
  });
}
