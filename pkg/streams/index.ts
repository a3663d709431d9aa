/**
 * streams: WebSocket connections to a venue that stay connected: mark prices, and one user stream for each
 * account.
 *
 * Life is judged by frames, not by TCP; every connection of the process passes one door, which keeps to the address'
 * allowance and lets one knock for all while the venue is away. The planned renewal opens the new socket and reads both for
 * a while before it cuts the old one. After any other reconnect, and after a frame was lost, the account's events count as
 * incomplete until its owner has read it by REST. Frames are handed on raw: what stores them comes before what acts on
 * them, and neither is here. `socket.ts` is the port; `web-socket.ts` and `memory-sockets.ts` pass one suite.
 */
export type { Completeness } from './completeness.ts';
export {
  CONNECTS_MAX,
  createMemoryConnectAllowance,
  type ConnectAllowance,
} from './connect-allowance.ts';
export { createConnectDoor, type ConnectDoor } from './connect-door.ts';
export type { DeadLetter, DeadLetters } from './dead-letters.ts';
export {
  createMarkPriceStream,
  type MarkPriceStream,
  type MarkPriceStreamDependencies,
  type MarkPriceStreamOptions,
} from './mark-price-stream.ts';
export { createMemorySockets, type MemoryPeer, type MemorySockets } from './memory-sockets.ts';
export { createRedisConnectAllowance } from './redis-connect-allowance.ts';
export type { OpenSocket } from './socket.ts';
export {
  createUserStreams,
  type UserStreams,
  type UserStreamsDependencies,
  type UserStreamsOptions,
} from './user-streams.ts';
export { openWebSocket } from './web-socket.ts';
