import { backoffDelayMs, toError } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import {
  decodeUserFrame,
  ExchangeAccountRefusedError,
  ExchangeRejectedError,
  ExchangeThrottledError,
} from '#pkg/exchange';

import { nextCompleteness, type Completeness } from './completeness.ts';
import type { DeadLetters } from './dead-letters.ts';
import { createFrameIntake } from './frame-intake.ts';
import { createNewestWriter } from './newest-writer.ts';
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

const RECONCILE_BACKOFF = { baseMs: 500, capMs: 30_000 };
/** A key lives for an hour, so nothing hurries. */
const EXTEND_BACKOFF = { baseMs: 5_000, capMs: 300_000 };
const EXTEND_JITTER_RATIO = 0.2;
/** Lost frames come in bursts: one reading answers all of such a time. */
const LOSS_PAUSE_MS = 1_000;

/** Starts the stream of one account: its key, its socket, its frames on their way to the rows, its gaps. */
export function startAccountStream(
  accountId: AccountId,
  dependencies: UserStreamsDependencies & { readonly deadLetters: DeadLetters },
  settings: AccountStreamSettings,
): AccountStream {
  const { exchange, clock, random, logger } = dependencies;
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
  const extending = keepKey(async (signal) => {
    try {
      await exchange.extendUserStream(accountId, signal);
    } catch (error) {
      if (!(error instanceof ExchangeRejectedError)) throw error;
      logger.info({ err: error, accountId }, 'stream key is gone: minting another');
      stream.reconnect('key-gone');
    }
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

  /** Extends the key at its pace, and after a failure with back-off. */
  async function keepKey(extend: (signal: AbortSignal) => Promise<void>): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const paceMs = settings.extendEveryMs * (1 - EXTEND_JITTER_RATIO * random.next());
      const waitMs = failures === 0 ? paceMs : backoffDelayMs(failures, EXTEND_BACKOFF, random);
      await clock.sleep(waitMs, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await extend(stopping.signal);
        failures = 0;
      } catch (error) {
        failures += 1;
        logger.warn({ err: toError(error), accountId, failures }, 'stream key not extended');
      }
    }
  }
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

interface CompletenessWatch {
  readonly current: () => Completeness;
  readonly learn: (facts: {
    readonly isConnected?: boolean;
    readonly isReconciled?: boolean;
  }) => void;
  readonly recount: () => void;
  readonly stop: () => Promise<void>;
}

/** Follows the facts of one account and has each change of the answer told, the newest one until it is. */
function watchCompleteness(
  accountId: AccountId,
  dependencies: UserStreamsDependencies & { readonly deadLetters: DeadLetters },
): CompletenessWatch {
  const { clock, logger, deadLetters, onCompleteness } = dependencies;
  const writer = createNewestWriter<Completeness>({
    ...dependencies,
    write: (state) => onCompleteness(accountId, state, deadLetters.waiting().get(accountId) ?? 0),
    onError: (error) => logger.warn({ err: error, accountId }, 'state of the stream not told yet'),
  });
  let facts = { isConnected: false, isReconciled: false };
  let state: Completeness = {
    isComplete: false,
    sinceMs: clock.nowMs(),
    reason: 'StreamConnecting',
  };
  let toldLetters = 0;
  writer.push(state);
  const judge = (): void => {
    const letters = deadLetters.waiting().get(accountId) ?? 0;
    const next = nextCompleteness(state, { ...facts, deadLetters: letters }, clock.nowMs());
    if (next === state && letters === toldLetters) return;
    state = next;
    toldLetters = letters;
    writer.push(state);
  };
  return {
    current: () => state,
    learn: (learnt) => {
      facts = { ...facts, ...learnt };
      judge();
    },
    recount: judge,
    stop: async () => {
      writer.stop();
      await writer.settled();
    },
  };
}

/** Returns what has the account reconciled, again and again until it is, or until a newer gap takes over. */
function createGapCloser(
  accountId: AccountId,
  { onGap, clock, random, logger }: UserStreamsDependencies,
  signal: AbortSignal,
  watch: CompletenessWatch,
): { readonly open: (why?: { readonly isLoss: boolean }) => void } {
  let newest = new AbortController();
  let isGathering = false;
  const close = async (gapId: string, current: AbortSignal): Promise<void> => {
    for (let attempt = 1; !current.aborted; attempt += 1) {
      try {
        await onGap(accountId, `${gapId}-${attempt}`, current);
        if (!current.aborted) watch.learn({ isReconciled: true });
        return;
      } catch (error) {
        if (current.aborted) return;
        logger.warn({ err: toError(error), accountId, attempt }, 'gap not reconciled yet');
        await clock.sleep(backoffDelayMs(attempt, RECONCILE_BACKOFF, random), current);
      }
    }
  };
  const begin = (): void => {
    isGathering = false;
    newest.abort();
    newest = new AbortController();
    void close(String(clock.nowMs()), AbortSignal.any([newest.signal, signal]));
  };
  return {
    open: ({ isLoss } = { isLoss: false }) => {
      watch.learn({ isReconciled: false });
      if (!isLoss) return begin();
      if (isGathering) return;
      isGathering = true;
      clock.schedule(LOSS_PAUSE_MS, begin);
    },
  };
}
