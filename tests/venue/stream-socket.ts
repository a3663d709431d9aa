import { WebSocket, type ClientOptions } from 'ws';
import { eventually } from '../harness/eventually.ts';

export type Frame = Readonly<Record<string, unknown>>;

/** A plain socket to a venue that keeps what it hears. */
export interface StreamSocket extends Disposable {
  readonly socket: WebSocket;
  readonly frames: readonly Frame[];
  /** Code of the close, once it has closed. */
  readonly closed: Promise<number>;
  send(message: unknown): void;
  /** Waits for a frame that fits; throws when none comes. */
  next(fits: (frame: Frame) => boolean): Promise<Frame>;
}

/** Opens a socket; rejects with the status of a refused handshake in its message. */
export async function openStream(url: string, options: ClientOptions = {}): Promise<StreamSocket> {
  const socket = new WebSocket(url, options);
  const frames: Frame[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString('utf8')) as Frame));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  return {
    socket,
    frames,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: async (fits) => {
      let found: Frame | undefined;
      await eventually(() => {
        found = frames.find(fits);
        if (found === undefined) throw new Error(`none of ${frames.length} frames fits`);
      });
      return found as Frame;
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}
