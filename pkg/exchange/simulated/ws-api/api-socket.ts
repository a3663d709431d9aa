/** A socket of the WebSocket API: each message is a request, answered when it has been carried out. */
import type { WebSocket } from 'ws';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import type { SocketCare } from '../streams/sockets.ts';
import { createApiSession } from './api-session.ts';

/** What an attempt to connect costs. */
export const HANDSHAKE_WEIGHT = 5;

/** Takes a socket that was opened at `target`, path and query. */
export function addApiSocket(
  runtime: VenueRuntime,
  care: SocketCare,
  socket: WebSocket,
  { address, target }: { readonly address: string; readonly target: string },
): void {
  const session = createApiSession(runtime, {
    address,
    showsLimits: !target.includes('returnRateLimits=false'),
    connectedAtMs: runtime.clock.nowMs(),
  });
  const open = care.open(socket, {
    kind: 'api',
    address,
    onMessage: (text) => {
      void session.answer(text).then((answer) => {
        if (answer === undefined) open.cut();
        else runtime.frameFaults.deliver(open, answer);
      });
    },
    onClose: () => undefined,
  });
}
