import { connect } from 'node:net';
import type { Clock } from '#pkg/base';
import type { GuardedProcess, ProcessExit } from './guarded-process.ts';

/** A private server on a loopback address, with a data folder and a password of its own. */
export interface LocalServer extends AsyncDisposable {
  /** With user and password; never to be logged. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server has ended, by `dispose` or otherwise. */
  readonly exited: Promise<ProcessExit>;
}

export interface ServerOptions {
  /** Kept between starts; made and initialised on first use. */
  readonly dataFolder: string;
  /** Letters, digits, `-` and `_` only. Applied at every start, so it may change. */
  readonly password: string;
  /** A free one is taken when absent. */
  readonly port?: number;
  readonly clock: Clock;
  /** Where the server's own log goes. */
  readonly logFile: string;
  readonly startTimeoutMs?: number;
}

export const LOOPBACK = '127.0.0.1';

/** Talks to `port` on loopback: sends `greeting` and resolves with what came back first, or undefined. */
export function probe(
  port: number,
  greeting: string,
  isAnswer: (received: string) => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ host: LOOPBACK, port }, () => socket.write(greeting));
    const finish = (isReady: boolean): void => {
      socket.destroy();
      resolve(isReady);
    };
    socket.setTimeout(500, () => finish(false));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (isAnswer(received)) finish(true);
    });
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}

const PROBE_EVERY_MS = 15;

/** Waits until `isReady` says so. Resolves false when the process ended, or did not get ready in time. */
export async function waitUntilReady(
  guarded: GuardedProcess,
  isReady: () => Promise<boolean>,
  options: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<boolean> {
  const { clock, timeoutMs } = options;
  const untilMs = clock.monotonicMs() + timeoutMs;
  const ended = new AbortController();
  void guarded.exited.then(() => ended.abort());
  while (!ended.signal.aborted && clock.monotonicMs() < untilMs) {
    if (await isReady()) return !ended.signal.aborted;
    await clock.sleep(PROBE_EVERY_MS, ended.signal);
  }
  return false;
}
