/**
 * Close: profit or stop filled, or the venue holds nothing any more.
 *
 * Rungs go first because they would open the position again, then what is left is sold by market, then the
 * exits go, then flat is proved and the books are closed. Cancel is the same walk for an opening that
 * failed; it ends in `canceled`.
 */
import type { AccountId, PositionId } from '#pkg/domain';
import { defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

import { planWindDown, startCleanup, startClose } from './definitions.ts';

export interface PositionArguments {
  readonly positionId: string;
}

export const closePosition = defineWorkflow<PositionArguments>({
  name: 'close-position',
  isProtective: true,
  steps: ({ positionId }) => [
    planStep(startClose, { positionId }, { index: 1 }),
    ...planWindDown(positionId, { firstIndex: 2, role: 'default' }),
  ],
});

export const cancelPosition = defineWorkflow<PositionArguments>({
  name: 'cancel-position',
  isProtective: true,
  steps: ({ positionId }) => [
    planStep(startCleanup, { positionId }, { index: 1 }),
    ...planWindDown(positionId, { firstIndex: 2, role: 'default' }),
  ],
});

/** Returns the options under which a position is closed or cleaned up once, ahead of bulk work. */
export function closeOptionsOf(position: {
  readonly id: PositionId;
  readonly accountId: AccountId;
}): SubmitOptions {
  return {
    dedupeKey: `close:${position.id}`,
    isUrgent: true,
    accountId: position.accountId,
    positionId: position.id,
  };
}
