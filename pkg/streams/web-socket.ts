import { WebSocket } from 'ws';

import { toError } from '#pkg/base';

import type { OpenSocket, Socket, SocketEnd } from './socket.ts';

const FRAME_BYTES_MAX = 16 * 1_024 * 1_024;

/** Opens a socket over the network. The name of the host is looked up anew for each one. */
export const openWebSocket: OpenSocket = (options) => {
  const { url, bindAddress, openTimeoutMs, signal, clock, onFrame } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const ended = Promise.withResolvers<SocketEnd>();
  if (signal.aborted) return Promise.reject(new Error('the socket was not wanted any more'));
  const socket = new WebSocket(url, {
    handshakeTimeout: openTimeoutMs,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    ...(bindAddress === undefined ? {} : { localAddress: bindAddress }),
  });
  let isCut = false;
  const cut = (): void => {
    isCut = true;
    socket.terminate();
  };
  signal.addEventListener('abort', cut, { once: true });
  let lastFrameAtMs = clock.monotonicMs();
  let lastSignAtMs = lastFrameAtMs;
  const sign = (): void => {
    lastSignAtMs = clock.monotonicMs();
  };
  socket.on('message', (data: Buffer) => {
    sign();
    lastFrameAtMs = lastSignAtMs;
    if (!isCut) onFrame(data.toString('utf8'));
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
    ended.resolve(isCut ? 'cut' : 'failed');
  });
  socket.on('close', () => {
    reject(new Error('the socket closed before it opened'));
    signal.removeEventListener('abort', cut);
    ended.resolve(isCut ? 'cut' : 'closed');
  });
  return promise;
};
