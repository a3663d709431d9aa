/**
 * guards: what watches over the fleet as a whole.
 *
 * The order in which a mode ends; health signals as a table, each minute; differences between the rows of quiet
 * positions and the venue, each five. It trades nothing: it reads, tells, halts openings, and asks the lifecycles to
 * compare. Invariants: what it holds are openings only; a halt has an owner, a reason and an end.
 */
import type { StepHandler } from '#pkg/steps';

import type { GuardDependencies } from './dependencies.ts';
import { createDriftHandlers } from './drift/steps.ts';
import { createHealthHandler } from './health/steps.ts';
import { createPruneHandler } from './prune-records.ts';
import { createWarmUpHandlers } from './warm-up/steps.ts';

export { changeMode, describeMode, listCoolingWork, type ModeRequest } from './change-mode.ts';
export { checkDrift, pruneRecords, warmUp, watchFleet } from './definitions.ts';
export type { GuardDependencies } from './dependencies.ts';
export { HEALTH_SIGNALS } from './health/signals.ts';

/** Returns the code of every step of the guards. */
export function createGuardHandlers(dependencies: GuardDependencies): StepHandler[] {
  return [
    ...createWarmUpHandlers(dependencies),
    createHealthHandler(dependencies),
    createPruneHandler(dependencies),
    ...createDriftHandlers(dependencies),
  ];
}
