import { toError } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import type { Exchange } from '#pkg/exchange';

import { startAccountStream, type AccountStream } from './account-stream.ts';
import type { Completeness } from './completeness.ts';
import { createDeadLetterFile, type DeadLetters } from './dead-letters.ts';
import type { FrameFate } from './frame-intake.ts';
import type { StreamDependencies } from './stream.ts';

export interface UserStreamsDependencies extends StreamDependencies {
  /** The accounts that should be listened to by now; asked again and again. */
  readonly accounts: () => Promise<readonly AccountId[]>;
  readonly exchange: Pick<Exchange, 'openUserStream' | 'extendUserStream'>;
  /** Stores one raw frame durably before anything acts on it; rejecting has it tried again, then dead-lettered. */
  readonly onFrame: (accountId: AccountId, text: string) => Promise<FrameFate>;
  /**
   * Frames may have been missed until now: reads the account by REST, and resolves when that is done. `gapId` names this
   * try. Tried again when it rejects; aborted when a newer gap takes over.
   */
  readonly onGap: (accountId: AccountId, gapId: string, signal: AbortSignal) => Promise<void>;
  /** Keeps whether the events of an account are complete, and how many dead letters it has. Tried again when it rejects. */
  readonly onCompleteness: (
    accountId: AccountId,
    state: Completeness,
    deadLetters: number,
  ) => Promise<void>;
  /** Where frames go that nobody could store; the file of the options when absent. */
  readonly deadLetters?: DeadLetters;
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
  /** The venue answers pings at once; silence for longer than this ends a socket. */
  readonly idleMsMax?: number;
  readonly renewAfterMs?: number;
  /** How often dead letters are offered to the rows again. */
  readonly drainEveryMs?: number;
}

export interface UserStreams extends AsyncDisposable {
  /** Looks for new and removed accounts now. */
  refresh(): Promise<void>;
  /** Accounts by whether their socket is open; for health and pages. */
  connected(): ReadonlyMap<AccountId, boolean>;
  completeness(): ReadonlyMap<AccountId, Completeness>;
}

const DEFAULTS = {
  discoverEveryMs: 60_000,
  extendEveryMs: 30 * 60_000,
  idleMsMax: 60_000,
  drainEveryMs: 5_000,
};

/** Whoever does not listen any more says nothing of them: another may. */
const GAUGES = [
  'kraite_stream_connected',
  'kraite_stream_accounts',
  'kraite_stream_dead_letters',
] as const;

/** Starts one socket for each account and keeps the set and the stream keys up to date. */
export function createUserStreams(
  dependencies: UserStreamsDependencies,
  options: UserStreamsOptions,
): UserStreams {
  const { accounts, clock, logger, metrics, onFrame } = dependencies;
  const settings = { ...DEFAULTS, ...options };
  const stopping = new AbortController();
  const { signal } = stopping;
  const deadLetters =
    dependencies.deadLetters ?? createDeadLetterFile(settings.deadLetterPath, { logger });
  const listening = new Map<AccountId, AccountStream>();

  const refresh = async (): Promise<void> => {
    const wanted = new Set(await accounts());
    if (signal.aborted) return;
    for (const accountId of wanted) {
      if (listening.has(accountId)) continue;
      const parts = { ...dependencies, deadLetters };
      listening.set(accountId, startAccountStream(accountId, parts, settings));
    }
    const removed = [...listening].filter(([accountId]) => !wanted.has(accountId));
    for (const [accountId] of removed) listening.delete(accountId);
    await Promise.all(removed.map(([, stream]) => stream[Symbol.asyncDispose]()));
  };
  const drain = async (): Promise<void> => {
    await deadLetters.drain(async (letter) => {
      await onFrame(letter.accountId, letter.frame);
      logger.info({ accountId: letter.accountId, atMs: letter.atMs }, 'dead letter stored');
    });
    for (const stream of listening.values()) stream.recount();
  };
  const repeat = async (act: () => Promise<void>, everyMs: number, what: string): Promise<void> => {
    while (!signal.aborted) {
      try {
        await act();
      } catch (error) {
        logger.warn({ err: toError(error) }, what);
      }
      await clock.sleep(everyMs, signal);
    }
  };
  const running = [
    repeat(refresh, settings.discoverEveryMs, 'accounts to listen to are not known'),
    repeat(drain, settings.drainEveryMs, 'dead letters not read'),
  ];
  metrics?.onScrape(() => {
    if (signal.aborted) return;
    const streams = [...listening.values()];
    // One account whose key is refused is no silence of the venue; `kraite_stream_accounts` counts it.
    const isUp = streams.length === 0 || streams.some((stream) => stream.isConnected());
    metrics.set('kraite_stream_connected', { stream: 'user' }, isUp ? 1 : 0);
    const complete = streams.filter((stream) => stream.completeness().isComplete).length;
    metrics.set('kraite_stream_accounts', { state: 'complete' }, complete);
    metrics.set('kraite_stream_accounts', { state: 'incomplete' }, streams.length - complete);
    const letters = [...deadLetters.waiting().values()].reduce((sum, count) => sum + count, 0);
    metrics.set('kraite_stream_dead_letters', {}, letters);
  });
  return {
    refresh,
    connected: () =>
      new Map([...listening].map(([accountId, stream]) => [accountId, stream.isConnected()])),
    completeness: () =>
      new Map([...listening].map(([accountId, stream]) => [accountId, stream.completeness()])),
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      for (const gauge of GAUGES) metrics?.clear(gauge);
      await Promise.all(running);
      await Promise.all([...listening.values()].map((stream) => stream[Symbol.asyncDispose]()));
    },
  };
}
