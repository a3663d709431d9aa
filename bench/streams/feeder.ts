/** The venue's end, a process of its own: floods, ticks once a second, or holds user sockets open. */
import { createServer } from 'node:http';

import { WebSocket, WebSocketServer } from 'ws';

import { createSystemClock } from '#pkg/base';
import { createArrayFrames, createSingleFrames, SYMBOLS, type FrameMaker } from './frames.ts';

const BUFFERED_BYTES_MAX = 2_000_000;
const FRAMES_PER_TURN = 50;
/** A stream that has run for some minutes, in short: nothing is crossed meanwhile. */
const WARM_FRAMES = 300;
const WARM_PRICE = 9_500;
/** The text of that price in a frame. */
export const WARM_MARK = '09500.00000000';
const FIRST_MS = 1_500_000_000_000;
const clock = createSystemClock();

/**
 * Serves `/market/flood`, `/market/flood-single`, `/market/tick/stream` and `/private/ws/KEY`; prints its port.
 *
 * The price of tick n is 9,000 − n, and its time is the monotonic clock of this machine in microseconds, which every
 * process here shares: whoever decides can tell how long ago the tick was sent.
 */
export async function runFeeder(): Promise<void> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on('connection', (socket, request) => {
    const path = request.url ?? '/';
    if (path.startsWith('/market/flood-single')) flood(socket, createSingleFrames(SYMBOLS));
    else if (path.startsWith('/market/flood')) flood(socket, createArrayFrames(SYMBOLS));
    else if (path.startsWith('/market/tick')) void tick(socket);
  });
  http.listen(0, '127.0.0.1', () => {
    const address = http.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    process.stdout.write(`${JSON.stringify({ port })}\n`);
  });
  process.stdin.resume().on('end', () => process.exit(0));
}

function flood(socket: WebSocket, frames: FrameMaker): void {
  let atMs = FIRST_MS;
  const pump = (): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    // A few at a time: a consumer that keeps up must not keep this process from hearing that it has gone.
    for (let count = 0; count < FRAMES_PER_TURN; count += 1) {
      if (socket.bufferedAmount > BUFFERED_BYTES_MAX) break;
      atMs += 1;
      // A copy: the next frame is patched into the same bytes.
      socket.send(Buffer.from(frames.next(atMs)), { binary: false });
    }
    setImmediate(pump);
  };
  pump();
}

/** Monotonic microseconds, of the whole machine. */
export function machineMicros(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

async function tick(socket: WebSocket): Promise<void> {
  const frames = createArrayFrames(SYMBOLS);
  for (let count = 0; count < WARM_FRAMES && socket.readyState === WebSocket.OPEN; count += 1) {
    socket.send(Buffer.from(frames.next(FIRST_MS + machineMicros(), WARM_PRICE)), {
      binary: false,
    });
    await clock.sleep(10);
  }
  await clock.sleep(1_000);
  for (let count = 1; socket.readyState === WebSocket.OPEN; count += 1) {
    const frame = frames.next(FIRST_MS + machineMicros(), 9_000 - count);
    socket.send(Buffer.from(frame), { binary: false });
    await clock.sleep(1_000);
  }
}

/** When the tick that carries `atMs` was sent, in monotonic microseconds. */
export function sentMicros(atMs: number): number {
  return atMs - FIRST_MS;
}
