import { Type } from 'typebox';

import type { AccountId } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

const NO_RESPONSE = Type.Null();

export const planAccounts = defineStep({
  name: 'plan-account-slots',
  lane: 'cronjobs',
  arguments: Type.Object({}),
  response: NO_RESPONSE,
});

export const fillAccountSlots = defineStep({
  name: 'fill-account-slots',
  lane: 'positions',
  arguments: Type.Object({ accountId: Type.String() }),
  response: NO_RESPONSE,
});

/** Looks at every account's free slots. The timetable's net under the events that do it at once. */
export const createPositions = defineWorkflow<undefined>({
  name: 'create-positions',
  isProtective: false,
  steps: () => [planStep(planAccounts, {}, { index: 1 })],
});

/** Looks at one account's free slots, because one came free or something new is known. */
export const fillSlots = defineWorkflow<{ readonly accountId: string }>({
  name: 'fill-slots',
  isProtective: false,
  steps: ({ accountId }) => [planStep(fillAccountSlots, { accountId }, { index: 1 })],
});

export function fillKeyOf(accountId: AccountId): string {
  return `fill:${accountId}`;
}

export function fillOptionsOf(accountId: AccountId): SubmitOptions {
  return { dedupeKey: fillKeyOf(accountId), accountId, isUrgent: false };
}

export const planBalances = defineStep({
  name: 'plan-balances',
  lane: 'cronjobs',
  arguments: Type.Object({}),
  response: NO_RESPONSE,
});

export const storeAccountBalance = defineStep({
  name: 'store-account-balance',
  lane: 'positions',
  arguments: Type.Object({ accountId: Type.String() }),
  response: NO_RESPONSE,
});

/** Reads the balance of every account. */
export const storeBalances = defineWorkflow<undefined>({
  name: 'store-balances',
  isProtective: false,
  steps: () => [planStep(planBalances, {}, { index: 1 })],
});
