import type { Position } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

import { NO_RESPONSE, POSITION_ARGUMENTS } from '../trade-step.ts';

export const restorePositionOrders = defineStep({
  name: 'restore-position-orders',
  lane: 'priority',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  retry: { attemptsMax: 20, baseMs: 200, capMs: 5_000 },
});

/** Replace: an order ended or was changed from outside; it comes back, the stop before all others. */
export const restoreOrders = defineWorkflow<{ readonly positionId: string }>({
  name: 'restore-orders',
  isProtective: true,
  steps: ({ positionId }) => [planStep(restorePositionOrders, { positionId }, { index: 1 })],
});

export function restoreOptionsOf(position: Pick<Position, 'id' | 'accountId'>): SubmitOptions {
  return {
    dedupeKey: `restore:${position.id}`,
    isUrgent: true,
    accountId: position.accountId,
    positionId: position.id,
  };
}
