import { Type } from 'typebox';

import { defineStep, defineWorkflow, planStep } from '#pkg/steps';

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

/** Reads what the venue booked for every account that trades. */
export const storeLedgers = defineWorkflow<undefined>({
  name: 'store-ledgers',
  isProtective: false,
  steps: () => [planStep(planLedgers, {}, { index: 1 })],
});
