import { Type, type Static } from 'typebox';

import type { AccountId } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

const KEPT = Type.Array(Type.Object({ what: Type.String(), why: Type.String() }));
const FINDING = Type.Object({
  remedy: Type.String(),
  what: Type.String(),
  deed: Type.String(),
  positionId: Type.Optional(Type.String()),
  workflowId: Type.Optional(Type.String()),
});
/** Where rows and venue differ, gravest remedy first, and what stays because it is the user's own. */
const SURVEY = Type.Object({ findings: Type.Array(FINDING), kept: KEPT });
export type Survey = Static<typeof SURVEY>;

const ARGUMENTS = Type.Object({
  accountId: Type.String(),
  /** Holdings of others become the fleet's. */
  isAdopting: Type.Boolean(),
});

export const surveyAccountStep = defineStep({
  name: 'survey-account',
  lane: 'priority',
  arguments: ARGUMENTS,
  response: SURVEY,
});

export const recoverAccountStep = defineStep({
  name: 'recover-account',
  lane: 'priority',
  arguments: Type.Object({ ...ARGUMENTS.properties, sinceMs: Type.Number() }),
  /** What still differs at the end. */
  response: SURVEY,
  retry: { attemptsMax: 20, baseMs: 500, capMs: 10_000 },
});

/** Compares the rows of an account with the venue and changes nothing. */
export const surveyAccount = defineWorkflow<Static<typeof ARGUMENTS>>({
  name: 'survey-account',
  isProtective: true,
  steps: (args) => [planStep(surveyAccountStep, args, { index: 1 })],
});

/** Does what the survey says, and surveys again until nothing differs or the time is over. */
export const recoverAccount = defineWorkflow<
  Static<typeof ARGUMENTS> & { readonly sinceMs: number }
>({
  name: 'recover-account',
  isProtective: true,
  steps: (args) => [planStep(recoverAccountStep, args, { index: 1 })],
});

export function recoverOptionsOf(accountId: AccountId): SubmitOptions {
  return { dedupeKey: `recover:${accountId}`, accountId, isUrgent: true };
}
