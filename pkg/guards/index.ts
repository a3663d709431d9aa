/**
 * guards: what watches over the fleet as a whole.
 *
 * The order in which a mode ends, and the modes that stand too long. It trades nothing: it reads, tells, and asks the
 * lifecycles to compare. Invariant: what it holds are openings only.
 */
import type { StepHandler } from '#pkg/steps';

import type { GuardDependencies } from './dependencies.ts';
import { createWarmUpHandlers } from './warm-up/steps.ts';

export { changeMode, describeMode, listCoolingWork, type ModeRequest } from './change-mode.ts';
export { warmUp, watchFleet } from './definitions.ts';
export type { GuardDependencies } from './dependencies.ts';

/** Returns the code of every step of the guards. */
export function createGuardHandlers(dependencies: GuardDependencies): StepHandler[] {
  return createWarmUpHandlers(dependencies);
}
