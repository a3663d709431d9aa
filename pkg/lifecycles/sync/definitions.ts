import { Type } from 'typebox';

import type { AccountId, Position } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

import { NO_RESPONSE } from '../trade-step.ts';

export const planSync = defineStep({
  name: 'plan-sync',
  lane: 'positions',
  /** Without an account: all of them. `waits` is told to each position. */
  arguments: Type.Object({
    accountId: Type.Optional(Type.String()),
    waits: Type.Optional(Type.Boolean()),
  }),
  response: NO_RESPONSE,
});

/** After every position was read: says that the books of the account, or of all, were compared as of `atMs`. */
export const noteCompared = defineStep({
  name: 'note-compared',
  lane: 'positions',
  arguments: Type.Object({ accountId: Type.Optional(Type.String()), atMs: Type.Number() }),
  response: NO_RESPONSE,
});

export const syncPositionStep = defineStep({
  name: 'sync-position',
  lane: 'positions',
  /** `waits`: a position that another workflow holds is read when that one has let go, not skipped. */
  arguments: Type.Object({ positionId: Type.String(), waits: Type.Optional(Type.Boolean()) }),
  response: NO_RESPONSE,
});

/** Mirrors the venue's orders and quantities into the rows of every open position, and heals what was missed. */
export const syncOrders = defineWorkflow<undefined>({
  name: 'sync-orders',
  isProtective: true,
  steps: () => [planStep(planSync, {}, { index: 1 })],
});

/** The same for one account, and complete when it has completed: after events of the account may have been missed. */
export const syncAccount = defineWorkflow<{ readonly accountId: AccountId }>({
  name: 'sync-account',
  isProtective: true,
  steps: ({ accountId }) => [planStep(planSync, { accountId, waits: true }, { index: 1 })],
});

/** Returns the options under which the books of an account are compared at most once at a time. */
export function compareOptionsOf(accountId: AccountId): SubmitOptions {
  return { dedupeKey: `compare:${accountId}`, accountId, isUrgent: true };
}

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
