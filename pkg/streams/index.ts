/**
 * streams: WebSocket connections to a venue that stay connected: mark prices, and one user stream for each
 * account.
 *
 * Life is judged by frames, not by TCP; reconnecting backs off with jitter to at most 30 s apart, and only a
 * connection that lived resets it. The planned renewal opens the new socket before it cuts the old one. After
 * any other reconnect the owner is told of a gap, because frames may be lost. Frames are handed on raw: what
 * stores them comes before what acts on them, and neither is here.
 */
export {
  createMarkPriceStream,
  type MarkPriceStreamDependencies,
  type MarkPriceStreamOptions,
} from './mark-price-stream.ts';
export type { DeadLetter } from './dead-letters.ts';
export type { Stream } from './stream.ts';
export {
  createUserStreams,
  type UserStreams,
  type UserStreamsDependencies,
  type UserStreamsOptions,
} from './user-streams.ts';
