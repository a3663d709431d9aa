/**
 * selection: which free slot gets which symbol.
 *
 * Gates and candidates are ordered lists of small questions; the first refusal is stored for the page and the
 * CLI. A slot is taken by the store's unique index, never by a check, and each taken slot gets one opening.
 * It neither concludes directions (signals) nor places orders (lifecycles). Balances are read here because
 * only openings are sized by them.
 */
import type { StepHandler } from '#pkg/steps';

import { createBalanceHandlers } from './balance-steps.ts';
import type { SelectionDependencies } from './dependencies.ts';
import { createSlotHandlers } from './slot-steps.ts';

export { explainAccount, type SideExplanation } from './explain-account.ts';
export {
  explainSymbol,
  type LastLook,
  type SideAnswer,
  type SymbolExplanation,
} from './explain-symbol.ts';
export { createPositions, fillOptionsOf, fillSlots, storeBalances } from './definitions.ts';
export type { SelectionDependencies } from './dependencies.ts';
export { lookAtSlots } from './look-at-slots.ts';
export { refusalSettingOf } from './record-refusal.ts';

/** Returns the code of every step that fills slots and reads balances. */
export function createSelectionHandlers(dependencies: SelectionDependencies): StepHandler[] {
  return [...createSlotHandlers(dependencies), ...createBalanceHandlers(dependencies)];
}
