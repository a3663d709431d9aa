import { Type } from 'typebox';

import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

import { NO_RESPONSE } from '../trade-step.ts';
import type { Crossing } from './price-watch.ts';

export const checkCrossedOrder = defineStep({
  name: 'check-crossed-order',
  lane: 'positions',
  arguments: Type.Object({ orderId: Type.String(), crossedAtMs: Type.Number() }),
  response: NO_RESPONSE,
});

/** The mark passed the price of a working order: unless its fill is heard of soon, the position is read by REST. */
export const checkPosition = defineWorkflow<{
  readonly orderId: string;
  readonly crossedAtMs: number;
}>({
  name: 'check-position',
  isProtective: true,
  steps: (args) => [planStep(checkCrossedOrder, args, { index: 1 })],
});

export function checkOptionsOf(crossing: Crossing): SubmitOptions {
  return {
    dedupeKey: `check:${crossing.orderId}`,
    accountId: crossing.accountId,
    positionId: crossing.positionId,
  };
}
