import { Type } from 'typebox';

import type { Position } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

import { NO_RESPONSE, POSITION_ARGUMENTS } from '../trade-step.ts';

const READING = Type.Object({ isFlat: Type.Boolean(), readAtMs: Type.Number() });

export const readFlat = defineStep({
  name: 'read-flat',
  lane: 'priority',
  arguments: Type.Object({ positionId: Type.String(), observedAtMs: Type.Number() }),
  response: READING,
});

export const withdrawRungs = defineStep({
  name: 'withdraw-rungs',
  lane: 'priority',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  retry: { attemptsMax: 20, baseMs: 200, capMs: 5_000 },
});

export const readFlatAgain = defineStep({
  name: 'read-flat-again',
  lane: 'priority',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
});

/**
 * Flat: the venue reports nothing held where no exit of ours filled.
 *
 * One such report proves little, so the rungs go at once (they would open the position again, without a
 * stop), and only a second reading 20 s later closes the position. If the quantity is back, so are the rungs.
 */
export const confirmFlat = defineWorkflow<{
  readonly positionId: string;
  readonly observedAtMs: number;
}>({
  name: 'confirm-flat',
  isProtective: true,
  steps: ({ positionId, observedAtMs }) => [
    planStep(readFlat, { positionId, observedAtMs }, { index: 1 }),
    planStep(withdrawRungs, { positionId }, { index: 2 }),
    planStep(readFlatAgain, { positionId }, { index: 3 }),
  ],
});

export function flatOptionsOf(position: Pick<Position, 'id' | 'accountId'>): SubmitOptions {
  return {
    dedupeKey: `flat:${position.id}`,
    isUrgent: true,
    accountId: position.accountId,
    positionId: position.id,
  };
}
