/**
 * Open: from a taken slot to a protected position, step by step.
 *
 * Whatever breaks after the entry ends in a flat position: the compensation closes the fill, cancels the
 * orders and proves it. The stop stands directly after the fill, because its price follows from the fill
 * and it closes whatever is held; then the ladder; then the profit order.
 */
import type { Position } from '#pkg/domain';
import { defineWorkflow, planStep, type PlannedStep } from '#pkg/steps';

import { planWindDown, startCleanup } from '../close/definitions.ts';
import {
  activatePosition,
  applyLeverage,
  determineLeverage,
  ensureMarginMode,
  placeEntry,
  placeProfit,
  placeRung,
  placeStop,
  planOrders,
  preparePosition,
  verifyPairIsFree,
} from './definitions.ts';

export interface OpenArguments {
  readonly positionId: string;
  /** Rungs of the ladder, from the settings that the position was created with. */
  readonly rungs: number;
}

export const openPosition = defineWorkflow<OpenArguments>({
  name: 'open-position',
  // New exposure is held by pauses; from the entry on, `place-stop` and the clean-up run regardless.
  isProtective: false,
  steps: ({ positionId, rungs }) => {
    const position = { positionId };
    const sequence: readonly (readonly PlannedStep[])[] = [
      [planStep(verifyPairIsFree, position, { index: 1 })],
      [planStep(ensureMarginMode, position, { index: 2 })],
      [planStep(preparePosition, position, { index: 3 })],
      [planStep(determineLeverage, position, { index: 4 })],
      [planStep(applyLeverage, position, { index: 5 })],
      [planStep(planOrders, position, { index: 6 })],
      [planStep(placeEntry, position, { index: 7 })],
      [planStep(placeStop, position, { index: 8 })],
      Array.from({ length: rungs }, (_, at) =>
        planStep(placeRung, { positionId, rungIndex: at + 1 }, { index: 9 }),
      ),
      [planStep(placeProfit, position, { index: rungs === 0 ? 9 : 10 })],
      [planStep(activatePosition, position, { index: rungs === 0 ? 10 : 11 })],
    ];
    return [
      ...sequence.flat(),
      planStep(startCleanup, position, { index: 1, role: 'compensation' }),
      ...planWindDown(positionId, { firstIndex: 2, role: 'compensation' }),
    ];
  },
});

/** Returns the key under which a position is opened at most once at a time. */
export function openKeyOf(position: Position): string {
  return `open:${position.id}`;
}
