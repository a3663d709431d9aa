import { Type } from 'typebox';

import type { Position } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

import { NO_RESPONSE, POSITION_ARGUMENTS } from '../trade-step.ts';

export const planSync = defineStep({
  name: 'plan-sync',
  lane: 'positions',
  arguments: Type.Object({}),
  response: NO_RESPONSE,
});

export const syncPositionStep = defineStep({
  name: 'sync-position',
  lane: 'positions',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
});

/** Mirrors the venue's orders and quantities into the rows of every open position, and heals what was missed. */
export const syncOrders = defineWorkflow<undefined>({
  name: 'sync-orders',
  isProtective: true,
  steps: () => [planStep(planSync, {}, { index: 1 })],
});

/** The same for one position, when its quantity changed without a full fill. */
export const syncPosition = defineWorkflow<{ readonly positionId: string }>({
  name: 'sync-position',
  isProtective: true,
  steps: ({ positionId }) => [planStep(syncPositionStep, { positionId }, { index: 1 })],
});

export function syncOptionsOf(position: Pick<Position, 'id' | 'accountId'>): SubmitOptions {
  return {
    dedupeKey: `sync:${position.id}`,
    accountId: position.accountId,
    positionId: position.id,
  };
}
