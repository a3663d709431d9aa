/**
 * The life of a socket: how often its client may speak, when it is pinged, and when it ends.
 *
 * Ten messages a second on a stream, five pings or pongs a second on the WebSocket API; a ping every three minutes
 * and ten minutes for its pong; the end after 24 hours. All by venue time.
 * Source: the venue's pages "Websocket Market Streams" and "WebSocket API General Info".
 */
import type { Clock } from '#pkg/base';
import { WebSocket, type RawData } from 'ws';
import type { FrameFaults, FrameSink, SocketKind } from '../faults/frame-faults.ts';

export interface OpenSocket extends FrameSink {
  readonly kind: SocketKind;
  readonly address: string;
  readonly openedAtMs: number;
  /** Ends it at once. */
  cut(): void;
  /** Ends it with a code and a word. */
  close(code: number, word: string): void;
}

export interface SocketCare {
  /** Takes a socket into care. `onMessage` hears what the client may say. */
  open(
    socket: WebSocket,
    options: {
      readonly kind: SocketKind;
      readonly address: string;
      readonly onMessage: (text: string) => void;
      readonly onClose: () => void;
    },
  ): OpenSocket;
  /** Pings and ends what is due. */
  beat(): void;
  sockets(kind: SocketKind | '*'): readonly OpenSocket[];
}

const PING_MS = 180_000;
const PONG_MS_MAX = 600_000;
const LIFE_MS = 86_400_000;
const MESSAGES_PER_SECOND = 10;
const API_PINGS_PER_SECOND = 5;
const BUFFERED_BYTES_MAX = 16 * 1024 * 1024;

interface Entry {
  readonly open: OpenSocket;
  readonly socket: WebSocket;
  pingedAtMs: number;
  /** When the oldest ping without an answer was sent. */
  unansweredSinceMs: number | undefined;
  second: number;
  heard: number;
}

export function createSocketCare(clock: Clock, faults: FrameFaults): SocketCare {
  const entries = new Map<WebSocket, Entry>();

  /** Counts what the client sent; a client that sends too much is cut. */
  function mayGoOn(entry: Entry, limit: number): boolean {
    const second = Math.floor(clock.nowMs() / 1000);
    entry.heard = entry.second === second ? entry.heard + 1 : 1;
    entry.second = second;
    if (entry.heard <= limit) return true;
    entry.open.close(1008, 'Too many requests');
    return false;
  }

  function listen(entry: Entry, onMessage: (text: string) => void): void {
    const { socket, open } = entry;
    const isApi = open.kind === 'api';
    const controlLimit = isApi ? API_PINGS_PER_SECOND : MESSAGES_PER_SECOND;
    socket.on('message', (data) => {
      if (isApi || mayGoOn(entry, MESSAGES_PER_SECOND)) onMessage(textOf(data));
    });
    socket.on('ping', (data) => {
      if (mayGoOn(entry, controlLimit) && !faults.isSilent(open)) socket.pong(data);
    });
    socket.on('pong', () => {
      entry.unansweredSinceMs = undefined;
      mayGoOn(entry, controlLimit);
    });
    socket.on('error', () => socket.terminate());
  }

  function care(entry: Entry, nowMs: number): void {
    const { socket, open } = entry;
    const isMute =
      entry.unansweredSinceMs !== undefined && nowMs - entry.unansweredSinceMs > PONG_MS_MAX;
    if (isMute || socket.bufferedAmount > BUFFERED_BYTES_MAX) {
      open.cut();
    } else if (nowMs - open.openedAtMs >= LIFE_MS) {
      open.close(1001, 'a connection is valid for 24 hours');
    } else if (nowMs - entry.pingedAtMs >= PING_MS && !faults.isSilent(open)) {
      entry.pingedAtMs = nowMs;
      entry.unansweredSinceMs ??= nowMs;
      socket.ping(String(nowMs));
    }
  }

  return {
    open: (socket, { kind, address, onMessage, onClose }) => {
      const entry = entryOf(socket, { kind, address, openedAtMs: clock.nowMs() });
      entries.set(socket, entry);
      socket.on('close', () => {
        entries.delete(socket);
        onClose();
      });
      listen(entry, onMessage);
      return entry.open;
    },
    beat: () => {
      const nowMs = clock.nowMs();
      for (const entry of entries.values()) care(entry, nowMs);
    },
    sockets: (kind) =>
      [...entries.values()]
        .map(({ open }) => open)
        .filter((open) => kind === '*' || open.kind === kind),
  };
}

function entryOf(
  socket: WebSocket,
  facts: Pick<OpenSocket, 'kind' | 'address' | 'openedAtMs'>,
): Entry {
  const open: OpenSocket = {
    ...facts,
    write: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    cut: () => socket.terminate(),
    close: (code, word) => socket.close(code, word),
  };
  return {
    open,
    socket,
    pingedAtMs: facts.openedAtMs,
    unansweredSinceMs: undefined,
    second: 0,
    heard: 0,
  };
}

function textOf(data: RawData): string {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  return bytes.toString('utf8');
}
