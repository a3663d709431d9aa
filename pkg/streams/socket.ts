/**
 * One WebSocket connection to a venue, and nothing that keeps it.
 *
 * Adapters: `web-socket.ts` (the network) and `memory-sockets.ts` (virtual time, for tests and simulations); both pass
 * `tests/conformance/sockets.ts`.
 */
import type { Clock } from '#pkg/base';

export interface SocketOptions {
  readonly url: string;
  /** Local address that the socket binds; undefined leaves it to the system. */
  readonly bindAddress: string | undefined;
  readonly openTimeoutMs: number;
  /** Aborting cuts the socket, open or not. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Called for each text frame in the order of the wire, never after `cut`. Must not throw. */
  readonly onFrame: (text: string) => void;
}

/** One open WebSocket. Frames flow from the moment it opens. */
export interface Socket {
  /** Resolves when it has ended, with why: `closed` by the peer, `failed` on the way, `cut` by us. */
  readonly ended: Promise<SocketEnd>;
  readonly openedAtMs: number;
  /** Monotonic time of the last data frame, at first of the opening. */
  lastFrameAtMs(): number;
  /** Monotonic time of the last frame of any kind, pings and pongs among them. */
  lastSignAtMs(): number;
  ping(): void;
  /** Cuts it at once: a peer that is silent does not answer a polite close either. */
  cut(): void;
}

export type SocketEnd = 'closed' | 'failed' | 'cut';

/** Opens a socket, or rejects when it does not open within `openTimeoutMs`. Answers pings of the peer by itself. */
export type OpenSocket = (options: SocketOptions) => Promise<Socket>;
