import { Type } from 'typebox';

import type { Order } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

import { NO_RESPONSE, POSITION_ARGUMENTS } from '../trade-step.ts';

const PATIENT = { attemptsMax: 12, baseMs: 300, capMs: 5_000 };

export const startWap = defineStep({
  name: 'start-wap',
  lane: 'positions',
  arguments: Type.Object({ positionId: Type.String(), orderId: Type.String() }),
  response: NO_RESPONSE,
  retry: PATIENT,
});

export const moveProfit = defineStep({
  name: 'move-profit',
  lane: 'orders',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  retry: PATIENT,
});

export const finishWap = defineStep({
  name: 'finish-wap',
  lane: 'positions',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  retry: PATIENT,
});

export interface WapArguments {
  readonly positionId: string;
  /** The rung whose fill asks for it. */
  readonly orderId: string;
}

/**
 * Re-average (WAP): a rung filled, so the profit order follows the venue's new break-even price.
 *
 * If the move fails for good, the position returns to `active` with its old profit order and the next
 * sync tries again; the stop stands all the while.
 */
export const applyWap = defineWorkflow<WapArguments>({
  name: 'apply-wap',
  isProtective: true,
  steps: ({ positionId, orderId }) => [
    planStep(startWap, { positionId, orderId }, { index: 1 }),
    planStep(moveProfit, { positionId }, { index: 2 }),
    planStep(finishWap, { positionId }, { index: 3 }),
    planStep(finishWap, { positionId }, { index: 1, role: 'compensation' }),
  ],
});

/** Returns the options under which one fill is answered by one re-average, ahead of bulk work. */
export function wapOptionsOf(order: Order): SubmitOptions {
  return {
    dedupeKey: `wap:${order.id}`,
    isUrgent: true,
    accountId: order.accountId,
    positionId: order.positionId,
  };
}
