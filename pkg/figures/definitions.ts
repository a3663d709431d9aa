import { Type } from 'typebox';

import type { AccountId } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

export const planLedgers = defineStep({
  name: 'plan-ledgers',
  lane: 'cronjobs',
  arguments: Type.Object({}),
  response: Type.Null(),
});

export const storeAccountLedger = defineStep({
  name: 'store-account-ledger',
  lane: 'positions',
  arguments: Type.Object({ accountId: Type.String() }),
  response: Type.Null(),
});

/** Reads what the venue booked for one account, because a position of it has just ended. */
export const storeLedger = defineWorkflow<{ readonly accountId: string }>({
  name: 'store-ledger',
  isProtective: false,
  steps: ({ accountId }) => [planStep(storeAccountLedger, { accountId }, { index: 1 })],
});

export function ledgerKeyOf(accountId: AccountId): string {
  return `ledger:${accountId}`;
}

/** Returns the options under which the closes of an account while one reading waits are one reading. */
export function ledgerOptionsOf(accountId: AccountId): SubmitOptions {
  return { dedupeKey: ledgerKeyOf(accountId), accountId };
}

/** Reads what the venue booked for every account that trades. */
export const storeLedgers = defineWorkflow<undefined>({
  name: 'store-ledgers',
  isProtective: false,
  steps: () => [planStep(planLedgers, {}, { index: 1 })],
});
