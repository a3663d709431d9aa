/**
 * rescue: what a person asks for when the trade must end, or when the books can no longer be trusted.
 *
 * Flatten takes an account to nothing held and nothing working; recover makes rows and venue say the same again. It opens nothing and decides no price: positions are ended by the
 * lifecycles, and this module finds what they cannot see: holdings without a row, orders without a position.
 * Invariants: the user's own is touched only where the account says that it may be; what could not be done is told.
 */
import type { StepHandler } from '#pkg/steps';

import type { RescueDependencies } from './dependencies.ts';
import { createFlattenHandler } from './flatten/steps.ts';
import { createRecoverHandlers } from './recover/steps.ts';

export {
  flattenAccount,
  flattenAccountStep,
  flattenOptionsOf,
  type Flattened,
} from './flatten/definitions.ts';
export {
  recoverAccount,
  recoverAccountStep,
  recoverOptionsOf,
  surveyAccount,
  surveyAccountStep,
  type Survey,
} from './recover/definitions.ts';
export type { RescueDependencies } from './dependencies.ts';

/** Returns the code of every step of the rescue. */
export function createRescueHandlers(dependencies: RescueDependencies): StepHandler[] {
  return [createFlattenHandler(dependencies), ...createRecoverHandlers(dependencies)];
}
