import { Type } from 'typebox';

import type { AccountId } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

import { NO_RESPONSE } from '../trade-step.ts';

export const applyFrame = defineStep({
  name: 'apply-user-frame',
  lane: 'user-data-stream',
  arguments: Type.Object({ frameId: Type.String() }),
  response: NO_RESPONSE,
  retry: { attemptsMax: 20, baseMs: 100, capMs: 5_000 },
});

/** Applies one stored frame of a user stream and submits what it asks for. */
export const applyUserFrame = defineWorkflow<{ readonly frameId: string }>({
  name: 'apply-user-frame',
  isProtective: true,
  steps: ({ frameId }) => [planStep(applyFrame, { frameId }, { index: 1 })],
});

export const resubmitFrames = defineStep({
  name: 'resubmit-frames',
  lane: 'user-data-stream',
  arguments: Type.Object({}),
  response: NO_RESPONSE,
});

/** Submits again what was stored and never applied: its workflow was lost between the row and the submit. */
export const recoverFrames = defineWorkflow<undefined>({
  name: 'recover-frames',
  isProtective: true,
  steps: () => [planStep(resubmitFrames, {}, { index: 1 })],
});

export function frameOptionsOf(frame: {
  readonly id: string;
  readonly accountId: AccountId;
}): SubmitOptions {
  return { onceKey: `frame:${frame.id}`, isUrgent: true, accountId: frame.accountId };
}
