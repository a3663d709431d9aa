import { Type } from 'typebox';

import type { AccountId, BoxName } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';
import { KEY_CELL } from './key-cell.ts';

const ATTEMPTS_MAX = 2;
const TIMEOUT_MS = 15_000;

export const checkKeyStep = defineStep({
  name: 'check-key',
  lane: 'own',
  arguments: Type.Object({ accountId: Type.String(), box: Type.String() }),
  response: Type.Union([KEY_CELL, Type.Null()]),
  retry: { attemptsMax: ATTEMPTS_MAX },
  timeoutMs: TIMEOUT_MS,
});

/** Asks the venue from the address of one box what the key of an account, or of a candidate, may do. */
export const checkKey = defineWorkflow<{ readonly accountId: AccountId; readonly box: BoxName }>({
  name: 'check-key',
  isProtective: true,
  steps: ({ accountId, box }) => [planStep(checkKeyStep, { accountId, box }, { index: 1, box })],
});

export function checkKeyOptionsOf(accountId: AccountId, box: BoxName): SubmitOptions {
  return { dedupeKey: `check-key:${accountId}:${box}`, isUrgent: true };
}
