import { createHash } from 'node:crypto';

import type { Clock, IdMaker } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import type { SubmitWorkflow } from '#pkg/steps';
import type { Store } from '#pkg/store';

import { applyUserFrame, frameOptionsOf } from './definitions.ts';

export interface FrameDependencies {
  readonly store: Pick<Store, 'frames'>;
  readonly submit: SubmitWorkflow;
  readonly clock: Clock;
  readonly makeId: IdMaker;
}

/**
 * Keeps one raw frame of a user stream, then submits the workflow that applies it.
 *
 * The row comes first, so that a crash in between loses nothing (`recover-frames` finds it). Identical bytes
 * of one account count once.
 */
export async function storeUserFrame(
  dependencies: FrameDependencies,
  frame: { readonly accountId: AccountId; readonly kind: string; readonly payload: string },
): Promise<'submitted' | 'duplicate'> {
  const { store, submit, clock, makeId } = dependencies;
  const frameId = makeId();
  const fingerprint = createHash('sha256')
    .update(`${frame.accountId}\n${frame.payload}`)
    .digest('hex');
  const saved = await store.frames.save({
    id: frameId,
    accountId: frame.accountId,
    kind: frame.kind,
    fingerprint,
    payload: frame.payload,
    receivedAtMs: clock.nowMs(),
  });
  if (saved === 'duplicate') return 'duplicate';
  const { accountId } = frame;
  await submit(applyUserFrame, { frameId }, frameOptionsOf({ id: frameId, accountId }));
  return 'submitted';
}
