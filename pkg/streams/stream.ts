import { backoffDelayMs, toError, type Clock, type Random } from '#pkg/base';
import type { Logger, Metrics } from '#pkg/observability';

import type { ConnectDoor, Turn } from './connect-door.ts';
import { watchSocket, type SocketLife } from './socket-life.ts';
import type { OpenSocket, Socket } from './socket.ts';

export interface StreamDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly openSocket: OpenSocket;
  /** Every connection of the process passes it. */
  readonly door: ConnectDoor;
}

export interface StreamOptions {
  /** Metric label: the kind of stream, never an account. */
  readonly name: string;
  /** Asked before each connection, because a user stream's address changes. */
  readonly urlOf: (signal: AbortSignal) => Promise<string>;
  /** True for failures of `urlOf` that say nothing of the venue's sockets, as a refused key does. */
  readonly isOwnFault?: (error: Error) => boolean;
  readonly bindAddress: string | undefined;
  readonly onFrame: (text: string) => void;
  /** Called after each connection that followed a gap, the first one included; not after a planned renewal. */
  readonly onGap: () => void;
  /** Called when frames stop coming, with the metric label of why; not at a planned renewal. */
  readonly onEnded?: (reason: string) => void;
  /** `frames`: only data counts as life. `signs`: pings and pongs do, for streams that are rightly quiet. */
  readonly lifeBy: 'frames' | 'signs';
  /** Without a sign of life for so long the socket is cut. */
  readonly idleMsMax: number;
  /** The venue ends sockets after 24 h: a new one is opened before, up to a tenth earlier than this. */
  readonly renewAfterMs?: number;
  /** How long both sockets are read when one takes over: what is under way to the old one still arrives. */
  readonly overlapMs?: number;
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
const RENEW_JITTER_RATIO = 0.1;
const OVERLAP_MS = 5_000;
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
  const connect = createConnector(dependencies, options, signal);
  let life: SocketLife | undefined;

  /** Reads from `socket`, and from those that renew it, until the last one ends; resolves to why. */
  const read = async (socket: Socket): Promise<string> => {
    let current = socket;
    for (;;) {
      const renewAfterMs = options.renewAfterMs ?? RENEW_AFTER_MS;
      life = watchSocket(current, {
        clock,
        lifeBy,
        idleMsMax,
        renewAfterMs: renewAfterMs * (1 - RENEW_JITTER_RATIO * random.next()),
        renewalRetryMs: backoff.capMs,
        openSuccessor: connect,
        onRenewalFailed: (error) => {
          logger.warn({ err: error, stream: name }, 'stream not renewed yet');
        },
      });
      if (signal.aborted) life.end('stopped');
      const { reason, successor } = await life.ended;
      if (successor === undefined) {
        life = undefined;
        current.cut();
        return reason;
      }
      const old = current;
      clock.schedule(options.overlapMs ?? OVERLAP_MS, () => old.cut());
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
        options.onEnded?.(reason);
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

/** Returns a call that opens one socket: through the door, to an address that is asked for only then. */
function createConnector(
  { openSocket, door, clock, metrics }: StreamDependencies,
  options: StreamOptions,
  signal: AbortSignal,
): () => Promise<Socket> {
  const { name, onFrame } = options;
  return async () => {
    const turn = await door.pass(signal);
    try {
      const socket = await openSocket({
        url: await options.urlOf(signal),
        bindAddress: options.bindAddress,
        openTimeoutMs: options.openTimeoutMs ?? OPEN_TIMEOUT_MS,
        signal,
        clock,
        onFrame: (text) => {
          metrics?.increment('kraite_stream_frames_total', { stream: name });
          onFrame(text);
        },
      });
      watchFirstSeconds(socket, turn, clock);
      return socket;
    } catch (error) {
      turn(signal.aborted || options.isOwnFault?.(toError(error)) === true ? 'unused' : 'failed');
      throw error;
    }
  };
}

/** Tells the door whether the socket lasted; one that we cut ourselves says nothing of the venue. */
function watchFirstSeconds(socket: Socket, turn: Turn, clock: Clock): void {
  const cancel = clock.schedule(STABLE_MS, () => turn('lived'));
  void socket.ended.then((end) => {
    cancel();
    turn(end === 'cut' ? 'unused' : 'failed');
  });
}
