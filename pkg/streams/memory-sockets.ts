import type { CancelTimer, Clock } from '#pkg/base';

import type { OpenSocket, Socket, SocketEnd, SocketOptions } from './socket.ts';

/** The venue's end of one open socket. */
export interface MemoryPeer {
  readonly url: string;
  readonly openedAtMs: number;
  /** Sends a text frame; it arrives after the venue's latency. */
  send(text: string): void;
  close(): void;
  /** From now on neither frames nor pongs come from it; the connection stays. */
  fallSilent(): void;
}

export interface MemorySockets {
  readonly open: OpenSocket;
  /** What becomes of every connection from now on: `ignore` never answers, `hang-up` opens and closes at once. */
  answerWith(answer: 'accept' | 'refuse' | 'ignore' | 'hang-up'): void;
  /** How long frames and pongs take from now on. */
  delayBy(latencyMs: number): void;
  /** Open sockets, oldest first. */
  peers(): readonly MemoryPeer[];
  /** Monotonic time of each attempt to connect. */
  attempts(): readonly number[];
}

/** Returns a venue without a network whose sockets live by `clock`. */
export function createMemorySockets({ clock }: { readonly clock: Clock }): MemorySockets {
  const peers = new Set<MemoryPeer>();
  const attempts: number[] = [];
  let answer: 'accept' | 'refuse' | 'ignore' | 'hang-up' = 'accept';
  let latencyMs = 0;
  const line: Line = {
    later: (act) => {
      if (latencyMs === 0) act();
      else clock.schedule(latencyMs, act);
    },
    add: (peer) => peers.add(peer),
    remove: (peer) => peers.delete(peer),
  };
  return {
    open: async (options) => {
      if (options.signal.aborted) throw new Error('the socket was not wanted any more');
      attempts.push(clock.monotonicMs());
      if (answer === 'refuse') throw new Error('the venue refuses the connection');
      if (answer === 'ignore') await neverOpen(options);
      const { socket, peer } = connect(options, line);
      if (answer === 'hang-up') peer.close();
      return socket;
    },
    answerWith: (wanted) => {
      answer = wanted;
    },
    delayBy: (wantedMs) => {
      latencyMs = wantedMs;
    },
    peers: () => [...peers],
    attempts: () => attempts,
  };
}

/** What the sockets of one venue share. */
interface Line {
  later(act: () => void): void;
  add(peer: MemoryPeer): void;
  remove(peer: MemoryPeer): void;
}

async function neverOpen({ clock, openTimeoutMs, signal }: SocketOptions): Promise<never> {
  await clock.sleep(openTimeoutMs, signal);
  throw new Error('the venue did not answer in time');
}

function connect(
  { url, clock, signal, onFrame }: SocketOptions,
  line: Line,
): { readonly socket: Socket; readonly peer: MemoryPeer } {
  const ended = Promise.withResolvers<SocketEnd>();
  const openedAtMs = clock.monotonicMs();
  let lastFrameAtMs = openedAtMs;
  let lastSignAtMs = openedAtMs;
  let isOver = false;
  let isSilent = false;
  const end = (reason: SocketEnd): void => {
    if (isOver) return;
    isOver = true;
    signal.removeEventListener('abort', cut);
    line.remove(peer);
    ended.resolve(reason);
  };
  const cut = (): void => end('cut');
  const arrive = (act: () => void): CancelTimer | void => {
    if (isSilent) return;
    line.later(() => {
      if (isOver) return;
      lastSignAtMs = clock.monotonicMs();
      act();
    });
  };
  const peer: MemoryPeer = {
    url,
    openedAtMs,
    send: (text) => {
      arrive(() => {
        lastFrameAtMs = lastSignAtMs;
        onFrame(text);
      });
    },
    close: () => line.later(() => end('closed')),
    fallSilent: () => {
      isSilent = true;
    },
  };
  signal.addEventListener('abort', cut, { once: true });
  line.add(peer);
  const socket: Socket = {
    ended: ended.promise,
    openedAtMs,
    lastFrameAtMs: () => lastFrameAtMs,
    lastSignAtMs: () => lastSignAtMs,
    ping: () => {
      arrive(() => undefined);
    },
    cut,
  };
  return { socket, peer };
}
