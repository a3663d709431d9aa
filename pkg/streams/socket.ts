import { WebSocket } from 'ws';

import { toError, type Clock } from '#pkg/base';

export interface SocketOptions {
  readonly url: string;
  /** Local address that the socket binds; undefined leaves it to the system. */
  readonly bindAddress: string | undefined;
  readonly openTimeoutMs: number;
  /** Aborting cuts the socket, open or not. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly onFrame: (text: string) => void;
}

/** One open WebSocket. Frames flow from the moment it opens. */
export interface Socket {
  /** Resolves when it has ended, with why. */
  readonly ended: Promise<string>;
  readonly openedAtMs: number;
  /** Monotonic time of the last data frame. */
  lastFrameAtMs(): number;
  /** Monotonic time of the last frame of any kind, pings and pongs among them. */
  lastSignAtMs(): number;
  ping(): void;
  /** Cuts it at once: a peer that is silent does not answer a polite close either. */
  cut(): void;
}

const FRAME_BYTES_MAX = 16 * 1_024 * 1_024;

/** Opens a socket or rejects; pings of the peer are answered by the library. */
export function openSocket(options: SocketOptions): Promise<Socket> {
  const { url, bindAddress, openTimeoutMs, signal, clock, onFrame } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const ended = Promise.withResolvers<string>();
  const socket = new WebSocket(url, {
    handshakeTimeout: openTimeoutMs,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    ...(bindAddress === undefined ? {} : { localAddress: bindAddress }),
  });
  const cut = (): void => socket.terminate();
  signal.addEventListener('abort', cut, { once: true });
  let lastFrameAtMs = clock.monotonicMs();
  let lastSignAtMs = lastFrameAtMs;
  const sign = (): void => {
    lastSignAtMs = clock.monotonicMs();
  };
  socket.on('message', (data: Buffer) => {
    sign();
    lastFrameAtMs = lastSignAtMs;
    onFrame(data.toString('utf8'));
  });
  socket.on('ping', sign);
  socket.on('pong', sign);
  socket.on('open', () => {
    sign();
    lastFrameAtMs = lastSignAtMs;
    resolve({
      ended: ended.promise,
      openedAtMs: lastSignAtMs,
      lastFrameAtMs: () => lastFrameAtMs,
      lastSignAtMs: () => lastSignAtMs,
      ping: () => {
        if (socket.readyState === WebSocket.OPEN) socket.ping();
      },
      cut,
    });
  });
  socket.on('error', (error) => {
    reject(toError(error));
    ended.resolve('failed');
  });
  socket.on('close', () => {
    reject(new Error('the socket closed before it opened'));
    signal.removeEventListener('abort', cut);
    ended.resolve('closed');
  });
  return promise;
}
