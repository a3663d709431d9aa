import { backoffDelayMs, toError, type Clock } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import { ExchangeRejectedError, type Exchange } from '#pkg/exchange';

import { createDeadLetterFile } from './dead-letters.ts';
import { createFrameIntake } from './frame-intake.ts';
import { startStream, type Stream, type StreamDependencies } from './stream.ts';

export interface UserStreamsDependencies extends StreamDependencies {
  /** The accounts that should be listened to by now; asked again and again. */
  readonly accounts: () => Promise<readonly AccountId[]>;
  readonly exchange: Pick<Exchange, 'openUserStream' | 'extendUserStream'>;
  /** Stores one raw frame durably before anything acts on it; rejecting has it tried again, then dead-lettered. */
  readonly onFrame: (accountId: AccountId, text: string) => Promise<void>;
  /** Frames may have been missed until now: reconcile the account by REST. Tried again until it resolves. */
  readonly onGap: (accountId: AccountId) => Promise<void>;
}

export interface UserStreamsOptions {
  /** Base of the private streams; `/ws/<key>` is appended. */
  readonly url: string;
  readonly bindAddress: string | undefined;
  /** JSONL file for frames that could not be stored. */
  readonly deadLetterPath: string;
  /** How often new and removed accounts are looked for. */
  readonly discoverEveryMs?: number;
  /** Keys live 60 minutes. */
  readonly extendEveryMs?: number;
  /** Least time between two connections, over all accounts. */
  readonly connectGapMs?: number;
  /** The venue pings every 3 minutes; silence for longer than this ends a socket. */
  readonly idleMsMax?: number;
  readonly renewAfterMs?: number;
}

export interface UserStreams extends AsyncDisposable {
  /** Looks for new and removed accounts now. */
  refresh(): Promise<void>;
  /** Accounts by whether their socket is open; for health and pages. */
  connected(): ReadonlyMap<AccountId, boolean>;
}

const DEFAULTS = {
  discoverEveryMs: 60_000,
  extendEveryMs: 30 * 60_000,
  connectGapMs: 250,
  idleMsMax: 60_000,
};
const RETRY_BACKOFF = { baseMs: 500, capMs: 30_000 };

/** Starts one socket for each account and keeps the set and the stream keys up to date. */
export function createUserStreams(
  dependencies: UserStreamsDependencies,
  options: UserStreamsOptions,
): UserStreams {
  const { accounts, clock, logger, metrics } = dependencies;
  const settings = { ...DEFAULTS, ...options };
  const stopping = new AbortController();
  const pace = createPacer(clock, settings.connectGapMs, stopping.signal);
  const listening = new Map<AccountId, AccountStream>();

  const refresh = async (): Promise<void> => {
    const wanted = new Set(await accounts());
    if (stopping.signal.aborted) return;
    for (const accountId of wanted) {
      if (listening.has(accountId)) continue;
      listening.set(accountId, startAccountStream(accountId, dependencies, settings, pace));
    }
    const removed = [...listening].filter(([accountId]) => !wanted.has(accountId));
    for (const [accountId] of removed) listening.delete(accountId);
    await Promise.all(removed.map(([, stream]) => stream[Symbol.asyncDispose]()));
  };
  const discover = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await refresh();
      } catch (error) {
        logger.warn({ err: toError(error) }, 'accounts to listen to are not known');
      }
      await clock.sleep(settings.discoverEveryMs, stopping.signal);
    }
  };
  const discovering = discover();
  metrics?.onScrape(() => {
    const areAllConnected = [...listening.values()].every((stream) => stream.isConnected());
    metrics.set('kraite_stream_connected', { stream: 'user' }, areAllConnected ? 1 : 0);
  });
  return {
    refresh,
    connected: () =>
      new Map([...listening].map(([accountId, stream]) => [accountId, stream.isConnected()])),
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await discovering;
      await Promise.all([...listening.values()].map((stream) => stream[Symbol.asyncDispose]()));
    },
  };
}

type Settings = UserStreamsOptions & typeof DEFAULTS;
type AccountStream = Pick<Stream, 'isConnected'> & AsyncDisposable;
type Pacer = () => Promise<void>;

function startAccountStream(
  accountId: AccountId,
  dependencies: UserStreamsDependencies,
  settings: Settings,
  pace: Pacer,
): AccountStream {
  const { exchange, logger } = dependencies;
  const stopping = new AbortController();
  const intake = createFrameIntake(accountId, {
    ...dependencies,
    deadLetters: createDeadLetterFile(settings.deadLetterPath),
  });
  const reconcile = createReconciler(accountId, dependencies, stopping.signal);
  const stream = startStream(dependencies, {
    name: 'user',
    bindAddress: settings.bindAddress,
    urlOf: async (signal) => {
      await pace();
      const key = await exchange.openUserStream(accountId, signal);
      return `${settings.url.replace(/\/+$/u, '')}/ws/${key}`;
    },
    lifeBy: 'signs',
    idleMsMax: settings.idleMsMax,
    ...(settings.renewAfterMs === undefined ? {} : { renewAfterMs: settings.renewAfterMs }),
    onGap: reconcile,
    onFrame: (text) => {
      intake.push(text);
      if (text.includes('"listenKeyExpired"')) stream.reconnect('key-expired');
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
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await Promise.all([stream[Symbol.asyncDispose](), extending]);
      await intake.drained();
    },
  };

  /** Extends the key at its pace, and after a failure with back-off. */
  async function keepKey(extend: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, random } = dependencies;
    let failures = 0;
    while (!stopping.signal.aborted) {
      const waitMs =
        failures === 0 ? settings.extendEveryMs : backoffDelayMs(failures, RETRY_BACKOFF, random);
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

/** Returns a call that has the account reconciled, again and again until it is, or until a newer gap takes over. */
function createReconciler(
  accountId: AccountId,
  { onGap, clock, random, logger }: UserStreamsDependencies,
  signal: AbortSignal,
): () => void {
  let newest = new AbortController();
  const reconcile = async (current: AbortSignal): Promise<void> => {
    for (let attempt = 1; !current.aborted; attempt += 1) {
      try {
        return await onGap(accountId);
      } catch (error) {
        logger.warn({ err: toError(error), accountId, attempt }, 'gap not reconciled yet');
        await clock.sleep(backoffDelayMs(attempt, RETRY_BACKOFF, random), current);
      }
    }
  };
  return () => {
    newest.abort();
    newest = new AbortController();
    void reconcile(AbortSignal.any([newest.signal, signal]));
  };
}

/** Returns a wait that lets callers pass one at a time, a least gap apart. */
function createPacer(clock: Clock, gapMs: number, signal: AbortSignal): Pacer {
  let nextAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const atMs = Math.max(clock.monotonicMs(), nextAtMs);
    nextAtMs = atMs + gapMs;
    await clock.sleep(atMs - clock.monotonicMs(), signal);
  };
}
