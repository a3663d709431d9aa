import { backoffDelayMs, toError, type Clock, type Random } from '#pkg/base';
import type { Logger, Metrics } from '#pkg/observability';

import { watchSocket, type SocketLife } from './socket-life.ts';
import { openSocket, type Socket } from './socket.ts';

export interface StreamDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

export interface StreamOptions {
  /** Metric label: the kind of stream, never an account. */
  readonly name: string;
  /** Asked before each connection, because a user stream's address changes. */
  readonly urlOf: (signal: AbortSignal) => Promise<string>;
  readonly bindAddress: string | undefined;
  readonly onFrame: (text: string) => void;
  /** Called after each connection that followed a gap, the first one included; not after a planned renewal. */
  readonly onGap: () => void;
  /** `frames`: only data counts as life. `signs`: pings and pongs do, for streams that are rightly quiet. */
  readonly lifeBy: 'frames' | 'signs';
  /** Without a sign of life for so long the socket is cut. */
  readonly idleMsMax: number;
  /** The venue ends sockets after 24 h: a new one is opened before, and only then the old one cut. */
  readonly renewAfterMs?: number;
  readonly openTimeoutMs?: number;
  readonly backoff?: { readonly baseMs: number; readonly capMs: number };
}

/** A stream that stays connected until it is disposed of. */
export interface Stream extends AsyncDisposable {
  /** Cuts the socket and connects anew, with the usual delay; `reason` is a metric label. */
  reconnect(reason: string): void;
  isConnected(): boolean;
}

const RENEW_AFTER_MS = 23 * 3_600_000;
const OPEN_TIMEOUT_MS = 10_000;
const BACKOFF = { baseMs: 500, capMs: 30_000 };
/** A connection that lived shorter does not reset the back-off, or a venue that hangs up at once meets a storm. */
const STABLE_MS = 10_000;

/** Starts a stream: it connects at once, and again with jittered, capped back-off whenever it ends. */
export function startStream(dependencies: StreamDependencies, options: StreamOptions): Stream {
  const { clock, random, logger, metrics } = dependencies;
  const { name, idleMsMax, lifeBy } = options;
  const backoff = options.backoff ?? BACKOFF;
  const stopping = new AbortController();
  const { signal } = stopping;
  let life: SocketLife | undefined;

  const connect = async (): Promise<Socket> =>
    openSocket({
      url: await options.urlOf(signal),
      bindAddress: options.bindAddress,
      openTimeoutMs: options.openTimeoutMs ?? OPEN_TIMEOUT_MS,
      signal,
      clock,
      onFrame: (text) => {
        metrics?.increment('kraite_stream_frames_total', { stream: name });
        options.onFrame(text);
      },
    });
  /** Reads from `socket`, and from those that renew it, until the last one ends; resolves to why. */
  const read = async (socket: Socket): Promise<string> => {
    let current = socket;
    for (;;) {
      life = watchSocket(current, {
        clock,
        lifeBy,
        idleMsMax,
        renewAfterMs: options.renewAfterMs ?? RENEW_AFTER_MS,
        renewalRetryMs: backoff.capMs,
        openSuccessor: connect,
        onRenewalFailed: (error) => {
          logger.warn({ err: error, stream: name }, 'stream not renewed yet');
        },
      });
      if (signal.aborted) life.end('stopped');
      const { reason, successor } = await life.ended;
      life = undefined;
      current.cut();
      if (successor === undefined) return reason;
      current = successor;
    }
  };
  const run = async (): Promise<void> => {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        const socket = await connect();
        options.onGap();
        const reason = await read(socket);
        if (clock.monotonicMs() - socket.openedAtMs > STABLE_MS) attempt = 1;
        metrics?.increment('kraite_stream_reconnects_total', { stream: name, reason });
        if (!signal.aborted)
          logger.info({ stream: name, reason }, 'stream ended, connecting again');
      } catch (error) {
        if (signal.aborted) break;
        logger.warn({ err: toError(error), stream: name, attempt }, 'stream not connected');
      }
      await clock.sleep(backoffDelayMs(attempt, backoff, random), signal);
    }
  };

  const running = run();
  return {
    reconnect: (reason) => life?.end(reason),
    isConnected: () => life !== undefined,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      life?.end('stopped');
      await running;
    },
  };
}
