import { connect, type Socket } from 'node:net';
import type { Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import { observeAll } from './observe.ts';
import { readLines, writeLine, type ProbeQuestion } from './probe-lines.ts';

const RECONNECT_MS = 1_000;

/**
 * Answers what the agent of the box asks, until `signal` aborts: which address do these services see?
 *
 * Runs in a pod, on the network of pods: the agent itself is on the host's network and would take another way out.
 */
export async function runProbe(
  { socketPath, clock, logger }: { socketPath: string; clock: Clock; logger: Logger },
  signal: AbortSignal,
): Promise<void> {
  let wasConnected: boolean | undefined;
  while (!signal.aborted) {
    const isConnected = await serveAgent(socketPath, signal);
    if (isConnected !== wasConnected) {
      logger.info({ socketPath, isConnected }, isConnected ? 'agent went away' : 'no agent yet');
    }
    wasConnected = isConnected;
    await clock.sleep(RECONNECT_MS, signal);
  }
}

/** Resolves when the connection has ended: true when there was one. */
function serveAgent(socketPath: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let isConnected = false;
    const socket: Socket = connect({ path: socketPath });
    const leave = (): void => void socket.destroy();
    signal.addEventListener('abort', leave, { once: true });
    socket.once('connect', () => {
      isConnected = true;
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      signal.removeEventListener('abort', leave);
      resolve(isConnected);
    });
    readLines(socket, (message) => {
      const { id, endpoints } = message as ProbeQuestion;
      void observeAll(endpoints).then((observations) => writeLine(socket, { id, observations }));
    });
  });
}
