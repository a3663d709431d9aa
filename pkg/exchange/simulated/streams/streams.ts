/**
 * WebSockets of the venue: `/public` and `/market` by stream name, `/private` by listen key, `/ws-fapi/v1` for requests.
 *
 * A stream of another area is accepted and stays silent, as at the venue; the paths of before the split (`/ws`,
 * `/stream`) refuse, so that a client that still uses them learns it at once.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { SocketKind } from '../faults/frame-faults.ts';
import { refusalOf } from '../server/perform.ts';
import { sourceAddress } from '../server/rest.ts';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import { addApiSocket, HANDSHAKE_WEIGHT } from '../ws-api/api-socket.ts';
import { createMarketSockets } from './market-sockets.ts';
import { createSocketCare } from './sockets.ts';
import { parseStreamTarget } from './stream-target.ts';
import { createUserSockets } from './user-sockets.ts';

export interface Streams extends Disposable {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends what the market streams have to say now, and looks after the sockets. */
  beat(): void;
  /** Cuts sockets now; returns how many. */
  close(kind: SocketKind | '*'): number;
  /** Lets the sockets that are open say nothing until then. */
  silence(kind: SocketKind | '*', untilMs: number): void;
  /** Tells that a contract was listed or delisted. */
  tellContract(symbol: string): void;
  openSockets(): { readonly market: number; readonly user: number; readonly api: number };
}

const API_PATH = '/ws-fapi/v1';
const BEATS_PER_SECOND = 4;

export function createStreams(runtime: VenueRuntime): Streams {
  const { clock, frameFaults } = runtime;
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: 1024 * 1024,
  });
  const care = createSocketCare(clock, frameFaults);
  const market = createMarketSockets(runtime);
  const user = createUserSockets(runtime.venue.state, frameFaults);
  let beats = 0;

  /** Why an address may not open a socket now, as the status of the answer to its handshake. */
  function refusal(address: string, isApi: boolean): number | undefined {
    const nowMs = clock.nowMs();
    if (runtime.maintenance.untilMs > nowMs) return 503;
    const weight = isApi ? HANDSHAKE_WEIGHT : 0;
    const verdict = runtime.addressLimits.take(address, weight, nowMs);
    // Who has spent its weight may still open a stream; who is banned may not.
    if (verdict.kind === 'banned' || isApi) {
      const refused = refusalOf(verdict, address);
      if (refused !== undefined) return refused.status;
    }
    return runtime.connectionPool.take(address, nowMs) === undefined ? undefined : 429;
  }

  runtime.onFrames((frames) => {
    for (const frame of frames) {
      user.send(frame);
      market.note(frame);
    }
  });

  return {
    upgrade: (request, socket, head) => {
      const path = request.url ?? '/';
      const address = sourceAddress(request);
      const isApi = path === API_PATH || path.startsWith(`${API_PATH}?`);
      const target = parseStreamTarget(path);
      const status = target === undefined && !isApi ? 404 : refusal(address, isApi);
      if (status !== undefined) {
        socket.on('error', () => socket.destroy());
        socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      server.handleUpgrade(request, socket, head, (opened) => {
        if (target === undefined) addApiSocket(runtime, care, opened, { address, target: path });
        else if (target.area === 'private') user.add(care, opened, { address, target });
        else market.add(care, opened, { address, target });
      });
    },
    beat: () => {
      beats += 1;
      market.beat(beats);
      if (beats % BEATS_PER_SECOND === 0) care.beat();
    },
    close: (kind) => {
      const sockets = care.sockets(kind);
      for (const open of sockets) open.cut();
      return sockets.length;
    },
    silence: (kind, untilMs) => frameFaults.silence(care.sockets(kind), untilMs),
    tellContract: (symbol) => market.tellContract(symbol),
    openSockets: () => ({
      market: care.sockets('market').length,
      user: care.sockets('user').length,
      api: care.sockets('api').length,
    }),
    [Symbol.dispose]: () => {
      for (const open of care.sockets('*')) open.cut();
      server.close();
    },
  };
}
