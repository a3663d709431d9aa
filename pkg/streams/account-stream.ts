import type { AccountId } from '#pkg/domain';
import {
  decodeUserFrame,
  ExchangeAccountRefusedError,
  ExchangeThrottledError,
} from '#pkg/exchange';

import { watchCompleteness } from './completeness-watch.ts';
import type { Completeness } from './completeness.ts';
import type { DeadLetters } from './dead-letters.ts';
import { createFrameIntake } from './frame-intake.ts';
import { createGapCloser } from './gap-closer.ts';
import { keepKey } from './key-keeper.ts';
import { startStream } from './stream.ts';
import type { UserStreamsDependencies, UserStreamsOptions } from './user-streams.ts';

/** The stream of one account, and whether its events are complete. */
export interface AccountStream extends AsyncDisposable {
  isConnected(): boolean;
  completeness(): Completeness;
  /** Looks at the dead letters again. */
  recount(): void;
}

export type AccountStreamSettings = UserStreamsOptions &
  Required<Pick<UserStreamsOptions, 'extendEveryMs' | 'idleMsMax'>>;

/** Starts the stream of one account: its key, its socket, its frames on their way to the rows, its gaps. */
export function startAccountStream(
  accountId: AccountId,
  dependencies: UserStreamsDependencies & { readonly deadLetters: DeadLetters },
  settings: AccountStreamSettings,
): AccountStream {
  const { exchange } = dependencies;
  const stopping = new AbortController();
  let streamKey: string | undefined;
  const watch = watchCompleteness(accountId, dependencies);
  const gaps = createGapCloser(accountId, dependencies, stopping.signal, watch);
  const intake = createFrameIntake(accountId, {
    ...dependencies,
    onLost: () => gaps.open({ isLoss: true }),
    onBuried: watch.recount,
  });
  const stream = startStream(dependencies, {
    name: 'user',
    bindAddress: settings.bindAddress,
    urlOf: async (signal) => {
      streamKey = await exchange.openUserStream(accountId, signal);
      return `${settings.url.replace(/\/+$/u, '')}/ws/${streamKey}`;
    },
    isOwnFault: (error) =>
      error instanceof ExchangeAccountRefusedError || error instanceof ExchangeThrottledError,
    lifeBy: 'signs',
    idleMsMax: settings.idleMsMax,
    ...(settings.renewAfterMs === undefined ? {} : { renewAfterMs: settings.renewAfterMs }),
    onGap: () => {
      watch.learn({ isConnected: true });
      gaps.open();
    },
    onEnded: () => watch.learn({ isConnected: false }),
    onFrame: (text) => {
      intake.push(text);
      if (endsKey(text, streamKey)) stream.reconnect('key-expired');
    },
  });
  const extending = keepKey(accountId, dependencies, {
    everyMs: settings.extendEveryMs,
    signal: stopping.signal,
    onGone: () => stream.reconnect('key-gone'),
  });
  return {
    isConnected: () => stream.isConnected(),
    completeness: watch.current,
    recount: watch.recount,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await Promise.all([stream[Symbol.asyncDispose](), extending]);
      await intake.drained();
      watch.learn({ isConnected: false });
      await watch.stop();
    },
  };
}

/** True when the frame says that the key in use has expired; an older key's end ends nothing. */
function endsKey(text: string, streamKey: string | undefined): boolean {
  if (!text.includes('"listenKeyExpired"')) return false;
  try {
    const event = decodeUserFrame(text);
    if (event.kind !== 'stream-key-expired') return false;
    return event.streamKey === undefined || event.streamKey === streamKey;
  } catch {
    return false;
  }
}
