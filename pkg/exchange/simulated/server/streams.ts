/**
 * WebSocket streams: /public and /market by stream name, /private by listen key.
 *
 * The paths of before the split (`/ws`, `/stream`) refuse, as the retired hosts do. A client may send ten
 * messages a second; every three minutes it is pinged, and one that has not answered the last ping is cut.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { UserFrame } from '../venue/world.ts';
import { bookTicker, markPriceUpdate } from './market-frames.ts';
import type { VenueRuntime } from './venue-runtime.ts';

const PING_MS = 180_000;
const STREAMS_MAX = 1024;
const MESSAGES_PER_SECOND = 10;
const BUFFERED_BYTES_MAX = 16 * 1024 * 1024;
const SLOW_EVERY = 3;

export interface Streams extends Disposable {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends the market streams of one second. */
  sendMarket(): void;
  /** Cuts every user stream now. */
  closeUserStreams(): number;
  openSockets(): { readonly market: number; readonly user: number };
}

interface MarketSocket {
  readonly socket: WebSocket;
  readonly isCombined: boolean;
  readonly names: Set<string>;
  messages: { second: number; count: number };
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
  let cancelPing = runtime.clock.schedule(PING_MS, ping);

  function ping(): void {
    for (const { socket } of [...marketSockets, ...userSockets]) {
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping(String(runtime.clock.nowMs()));
    }
    cancelPing = runtime.clock.schedule(PING_MS, ping);
  }

  function addMarket(socket: WebSocket, isCombined: boolean, names: readonly string[]): void {
    const entry: MarketSocket = {
      socket,
      isCombined,
      names: new Set(names),
      messages: { second: 0, count: 0 },
    };
    marketSockets.add(entry);
    socket.on('close', () => marketSockets.delete(entry));
    socket.on('message', (data) => {
      if (isTooFast(entry, runtime.clock.nowMs())) {
        socket.close(1008, 'Too many requests');
        return;
      }
      answerMessage(entry, String(data));
    });
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
      const target = parseTarget(request.url ?? '/');
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
      cancelPing();
      for (const { socket } of [...marketSockets, ...userSockets]) socket.terminate();
      server.close();
    },
  };
}

type Target =
  | { readonly kind: 'market'; readonly isCombined: boolean; readonly names: readonly string[] }
  | { readonly kind: 'user'; readonly isCombined: boolean; readonly listenKeys: readonly string[] };

/** `/market/stream?streams=a/b`, `/market/ws/a`, `/private/ws/KEY`, `/private/ws?listenKey=KEY`, `/private/stream?listenKey=KEY`. */
function parseTarget(path: string): Target | undefined {
  const url = new URL(path, 'http://venue');
  const [, area, form, ...rest] = url.pathname.split('/');
  if (form !== 'ws' && form !== 'stream') return undefined;
  const isCombined = form === 'stream';
  if (area === 'private') {
    const given = url.searchParams.get('listenKey') ?? url.searchParams.get('streams') ?? '';
    const listenKeys = [...rest, ...given.split('/')].filter((key) => key !== '');
    return { kind: 'user', isCombined, listenKeys };
  }
  if (area !== 'public' && area !== 'market') return undefined;
  const given = (url.searchParams.get('streams') ?? '').split('/');
  const names = [...rest, ...given].map(decodeURIComponent).filter((name) => name !== '');
  return { kind: 'market', isCombined, names: names.slice(0, STREAMS_MAX) };
}

interface Beat {
  readonly nowMs: number;
  readonly second: number;
  readonly texts: Map<string, string>;
}

function sendStream(runtime: VenueRuntime, entry: MarketSocket, name: string, beat: Beat): void {
  if (entry.socket.readyState !== WebSocket.OPEN) return;
  if (entry.socket.bufferedAmount > BUFFERED_BYTES_MAX) {
    entry.socket.terminate();
    return;
  }
  let text = beat.texts.get(name);
  if (text === undefined) {
    const frame = streamFrame(runtime, name, beat);
    text = frame === undefined ? '' : JSON.stringify(frame);
    beat.texts.set(name, text);
  }
  if (text === '') return;
  entry.socket.send(entry.isCombined ? `{"stream":${JSON.stringify(name)},"data":${text}}` : text);
}

/** Returns what a stream has to say in this second; undefined when nothing. */
function streamFrame(runtime: VenueRuntime, name: string, beat: Beat): unknown {
  const { venue } = runtime;
  const [subject = '', kind = '', ...options] = name.split('@');
  const isFast = options.includes('1s');
  if (name.startsWith('!markPrice@arr')) {
    if (!isFast && beat.second % SLOW_EVERY !== 0) return undefined;
    return venueSymbols(runtime).map((symbol) => markPriceUpdate(venue, symbol, beat.nowMs));
  }
  const symbol = subject.toUpperCase();
  if (!venueSymbols(runtime).includes(symbol)) return undefined;
  if (kind === 'markPrice') {
    if (!isFast && beat.second % SLOW_EVERY !== 0) return undefined;
    return markPriceUpdate(venue, symbol, beat.nowMs);
  }
  return kind === 'bookTicker' ? bookTicker(venue, symbol, beat.nowMs) : undefined;
}

function venueSymbols(runtime: VenueRuntime): readonly string[] {
  return runtime.venue.symbols;
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

function isTooFast(entry: MarketSocket, nowMs: number): boolean {
  const second = Math.floor(nowMs / 1000);
  const count = entry.messages.second === second ? entry.messages.count + 1 : 1;
  entry.messages = { second, count };
  return count > MESSAGES_PER_SECOND;
}

/** SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS. */
function answerMessage(entry: MarketSocket, text: string): void {
  let message: { readonly method?: unknown; readonly params?: unknown; readonly id?: unknown };
  try {
    message = JSON.parse(text) as typeof message;
  } catch {
    entry.socket.send(JSON.stringify({ code: 3, msg: 'Invalid JSON: expected value' }));
    return;
  }
  const id = message.id ?? null;
  const names = Array.isArray(message.params)
    ? message.params.filter((name): name is string => typeof name === 'string')
    : [];
  if (message.method === 'SUBSCRIBE') {
    for (const name of names) if (entry.names.size < STREAMS_MAX) entry.names.add(name);
  } else if (message.method === 'UNSUBSCRIBE') {
    for (const name of names) entry.names.delete(name);
  } else if (message.method === 'LIST_SUBSCRIPTIONS') {
    entry.socket.send(JSON.stringify({ result: [...entry.names], id }));
    return;
  } else {
    const error = { code: 2, msg: `Invalid request: unknown variant ${String(message.method)}` };
    entry.socket.send(JSON.stringify({ error, id }));
    return;
  }
  entry.socket.send(JSON.stringify({ result: null, id }));
}
