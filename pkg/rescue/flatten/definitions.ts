import { Type, type Static } from 'typebox';

import type { AccountId } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

const THING = Type.Object({ what: Type.String(), why: Type.String() });

/** What flattening came to: `kept` is the user's own, `left` is what should be gone and is not. */
const FLATTENED = Type.Object({ kept: Type.Array(THING), left: Type.Array(THING) });
export type Flattened = Static<typeof FLATTENED>;

export const flattenAccountStep = defineStep({
  name: 'flatten-account',
  lane: 'priority',
  /** `sinceMs`: when the person asked; what failed before that is tried again. */
  arguments: Type.Object({ accountId: Type.String(), sinceMs: Type.Number() }),
  response: FLATTENED,
  retry: { attemptsMax: 30, baseMs: 200, capMs: 10_000 },
});

/** Takes every position of an account to flat and ends every order of ours, then says what is not gone and why. */
export const flattenAccount = defineWorkflow<{
  readonly accountId: AccountId;
  readonly sinceMs: number;
}>({
  name: 'flatten-account',
  isProtective: true,
  steps: ({ accountId, sinceMs }) => [
    planStep(flattenAccountStep, { accountId, sinceMs }, { index: 1 }),
  ],
});

export function flattenOptionsOf(accountId: AccountId): SubmitOptions {
  return { dedupeKey: `flatten:${accountId}`, accountId, isUrgent: true };
}
