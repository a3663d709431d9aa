/**
 * WebSocket streams: /public and /market by stream name, /private by listen key.
 *
 * The paths of before the split (`/ws`, `/stream`) refuse, as the retired hosts do. A client may send ten
 * messages a second; every three minutes it is pinged, and one that has not answered the last ping is cut.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '#pkg/base';
import { WebSocket, WebSocketServer } from 'ws';
import type { UserFrame } from '../venue/world.ts';
import { sendStream, takeMessage, type MarketSocket } from './market-socket.ts';
import { parseStreamTarget } from './stream-target.ts';
import type { VenueRuntime } from './venue-runtime.ts';

const PING_MS = 180_000;

export interface Streams extends Disposable {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends the market streams of one second. */
  sendMarket(): void;
  /** Cuts every user stream now. */
  closeUserStreams(): number;
  openSockets(): { readonly market: number; readonly user: number };
}

interface UserSocket {
  readonly socket: WebSocket;
  readonly listenKey: string;
  readonly isCombined: boolean;
}

export function createStreams(runtime: VenueRuntime): Streams {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const marketSockets = new Set<MarketSocket>();
  const userSockets = new Set<UserSocket>();
  const silent = new WeakSet<WebSocket>();
  let second = 0;
  const stopPinging = keepPinging(runtime.clock, silent, () => [...marketSockets, ...userSockets]);

  function addMarket(socket: WebSocket, isCombined: boolean, names: readonly string[]): void {
    const entry: MarketSocket = {
      socket,
      isCombined,
      names: new Set(names),
      messages: { second: 0, count: 0 },
    };
    marketSockets.add(entry);
    socket.on('close', () => marketSockets.delete(entry));
    socket.on('message', (data) => takeMessage(entry, data, runtime.clock.nowMs()));
  }

  function addUser(socket: WebSocket, isCombined: boolean, listenKey: string): void {
    const entry: UserSocket = { socket, listenKey, isCombined };
    userSockets.add(entry);
    socket.on('close', () => userSockets.delete(entry));
  }

  runtime.onFrames((frames) => {
    for (const frame of frames) sendToUser(runtime, userSockets, frame);
  });

  return {
    upgrade: (request, socket, head) => {
      const target = parseStreamTarget(request.url ?? '/');
      if (target === undefined) {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (opened) => {
        opened.on('pong', () => silent.delete(opened));
        opened.on('error', () => opened.terminate());
        if (target.kind === 'user') {
          for (const key of target.listenKeys) addUser(opened, target.isCombined, key);
        } else {
          addMarket(opened, target.isCombined, target.names);
        }
      });
    },
    sendMarket: () => {
      second += 1;
      const nowMs = runtime.clock.nowMs();
      const texts = new Map<string, string>();
      for (const entry of marketSockets) {
        for (const name of entry.names) sendStream(runtime, entry, name, { nowMs, second, texts });
      }
    },
    closeUserStreams: () => {
      const count = userSockets.size;
      for (const { socket } of userSockets) socket.terminate();
      return count;
    },
    openSockets: () => ({ market: marketSockets.size, user: userSockets.size }),
    [Symbol.dispose]: () => {
      stopPinging();
      for (const { socket } of [...marketSockets, ...userSockets]) socket.terminate();
      server.close();
    },
  };
}

/** Pings every socket now and then, and cuts those that have not answered the last ping. */
function keepPinging(
  clock: Clock,
  silent: WeakSet<WebSocket>,
  entries: () => readonly { readonly socket: WebSocket }[],
): () => void {
  let cancel = clock.schedule(PING_MS, ping);
  function ping(): void {
    for (const { socket } of entries()) {
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping(String(clock.nowMs()));
    }
    cancel = clock.schedule(PING_MS, ping);
  }
  return () => cancel();
}

function sendToUser(
  runtime: VenueRuntime,
  sockets: ReadonlySet<UserSocket>,
  frame: UserFrame,
): void {
  const data = JSON.stringify(frame.payload);
  const expired =
    frame.payload['e'] === 'listenKeyExpired' ? frame.payload['listenKey'] : undefined;
  for (const { socket, listenKey, isCombined } of sockets) {
    if (socket.readyState !== WebSocket.OPEN) continue;
    const row = runtime.venue.state.get('listenKeys', listenKey);
    const isMine = row?.account === frame.account || listenKey === expired;
    if (!isMine) continue;
    socket.send(isCombined ? `{"stream":${JSON.stringify(listenKey)},"data":${data}}` : data);
  }
}
