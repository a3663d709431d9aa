import { Type } from 'typebox';

import { defineStep, planStep, type PlannedStep } from '#pkg/steps';

import { NO_RESPONSE, POSITION_ARGUMENTS } from '../trade-step.ts';

/** What closes or cleans up is repeated long and fast: giving up leaves exposure behind. */
const STUBBORN = { attemptsMax: 30, baseMs: 200, capMs: 10_000 };

export const startClose = defineStep({
  name: 'start-close',
  lane: 'priority',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  retry: STUBBORN,
});

export const startCleanup = defineStep({
  name: 'start-cleanup',
  lane: 'priority',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  retry: STUBBORN,
});

/** `rungs` would add exposure and go first; `exits` protect it and go last. */
export const cancelOrders = defineStep({
  name: 'cancel-orders',
  lane: 'priority',
  arguments: Type.Object({
    positionId: Type.String(),
    which: Type.Union([Type.Literal('rungs'), Type.Literal('exits')]),
  }),
  response: NO_RESPONSE,
  retry: STUBBORN,
});

export const closeResidual = defineStep({
  name: 'close-residual',
  lane: 'priority',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  retry: STUBBORN,
});

export const proveFlat = defineStep({
  name: 'prove-flat',
  lane: 'priority',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  retry: STUBBORN,
});

/** Plans the steps that take a position from `closing` or `canceling` to flat, in the safe order. */
export function planWindDown(
  positionId: string,
  options: { readonly firstIndex: number; readonly role: PlannedStep['role'] },
): readonly PlannedStep[] {
  const { firstIndex, role } = options;
  return [
    planStep(cancelOrders, { positionId, which: 'rungs' }, { index: firstIndex, role }),
    planStep(closeResidual, { positionId }, { index: firstIndex + 1, role }),
    planStep(cancelOrders, { positionId, which: 'exits' }, { index: firstIndex + 2, role }),
    planStep(proveFlat, { positionId }, { index: firstIndex + 3, role }),
  ];
}
