import { createHash } from 'node:crypto';

import { unreachable, type Clock, type IdMaker } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import { ExchangeProtocolError, type UserEvent } from '#pkg/exchange';
import type { SubmitWorkflow } from '#pkg/steps';
import type { Store } from '#pkg/store';

import { applyUserFrame, frameOptionsOf } from './definitions.ts';

export interface FrameDependencies {
  readonly store: Pick<Store, 'frames'>;
  readonly submit: SubmitWorkflow;
  readonly clock: Clock;
  readonly makeId: IdMaker;
  /** The venue adapter's reading of one raw frame. */
  readonly decodeUserFrame: (payload: string) => UserEvent;
}

/**
 * Keeps one raw frame of a user stream, then submits the workflow that applies it.
 *
 * The row comes first, so that a crash in between loses nothing (`recover-frames` finds it). Identical bytes
 * of one account count once. A frame that can change no row of ours is kept and needs no workflow; one that cannot be read
 * is kept as it is, and whoever stores it has the account read by REST.
 */
export async function storeUserFrame(
  dependencies: FrameDependencies,
  frame: { readonly accountId: AccountId; readonly payload: string },
): Promise<'submitted' | 'duplicate' | 'kept' | 'unreadable'> {
  const { store, submit, clock, makeId, decodeUserFrame } = dependencies;
  const { accountId, payload } = frame;
  const event = readFrame(payload, decodeUserFrame);
  const frameId = makeId();
  const saved = await store.frames.save({
    id: frameId,
    accountId,
    kind: event?.kind ?? 'unreadable',
    fingerprint: createHash('sha256').update(`${accountId}\n${payload}`).digest('hex'),
    payload,
    receivedAtMs: clock.nowMs(),
  });
  if (saved === 'duplicate') return 'duplicate';
  if (event === undefined || !asksForWork(event)) {
    await store.frames.markApplied(frameId, clock.nowMs());
    return event === undefined ? 'unreadable' : 'kept';
  }
  await submit(applyUserFrame, { frameId }, frameOptionsOf({ id: frameId, accountId }));
  return 'submitted';
}

function readFrame(
  payload: string,
  decodeUserFrame: FrameDependencies['decodeUserFrame'],
): UserEvent | undefined {
  try {
    return decodeUserFrame(payload);
  } catch (error) {
    if (error instanceof ExchangeProtocolError) return undefined;
    throw error;
  }
}

/**
 * False for what tells nothing new: an order that the venue acknowledged (whoever sent it reads the answer, or looks
 * it up), and quantities that are not zero (they are read from REST).
 */
function asksForWork(event: UserEvent): boolean {
  switch (event.kind) {
    case 'order':
      return event.isForced || event.isAmendment || event.report.status !== 'new';
    case 'account':
      return event.positions.some(({ quantity }) => quantity.isZero());
    case 'stream-key-expired':
    case 'ignored':
      return false;
    default:
      return unreachable(event);
  }
}
