/** One market-data socket: the streams it asked for, its messages, and what each second sends it. */
import { WebSocket, type RawData } from 'ws';
import { bookTicker, markPriceUpdate } from './market-frames.ts';
import type { VenueRuntime } from './venue-runtime.ts';

export const STREAMS_MAX = 1024;
const MESSAGES_PER_SECOND = 10;
const BUFFERED_BYTES_MAX = 16 * 1024 * 1024;
const SLOW_EVERY = 3;

export interface MarketSocket {
  readonly socket: WebSocket;
  readonly isCombined: boolean;
  readonly names: Set<string>;
  messages: { readonly second: number; readonly count: number };
}

/** Takes one message of the client; a client that sends too many is cut. */
export function takeMessage(entry: MarketSocket, data: RawData, nowMs: number): void {
  if (isTooFast(entry, nowMs)) {
    entry.socket.close(1008, 'Too many requests');
    return;
  }
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  answerMessage(entry, bytes.toString('utf8'));
}

/** What one second of sending shares between sockets. */
export interface Beat {
  readonly nowMs: number;
  readonly second: number;
  readonly texts: Map<string, string>;
}

/** Sends one stream's message of this second, if it has one. */
export function sendStream(
  runtime: VenueRuntime,
  entry: MarketSocket,
  name: string,
  beat: Beat,
): void {
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
