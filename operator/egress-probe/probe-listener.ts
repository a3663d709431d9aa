import { chmod, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Clock } from '#pkg/base';
import type { Observation } from './observation.ts';
import { readLines, writeLine, type ProbeAnswer } from './probe-lines.ts';

/** The agent's end of the socket. */
export interface ProbeListener extends AsyncDisposable {
  /** Returns what the probe saw, one entry for each endpoint; those it did not answer for in time say so. Never rejects. */
  ask(endpoints: readonly string[]): Promise<readonly Observation[]>;
}

const ANSWER_MS_MAX = 8_000;
/** Whoever may enter the folder may talk: the probe runs as another user. */
const SOCKET_MODE = 0o666;

/** Listens for probes at `socketPath`; `onConnect` is called when one is there to be asked. */
export async function listenForProbes(
  socketPath: string,
  { clock, onConnect }: { readonly clock: Clock; readonly onConnect: () => void },
): Promise<ProbeListener> {
  const waiting = new Map<number, (observations: readonly Observation[]) => void>();
  const probes = new Set<Socket>();
  let lastId = 0;
  const server = createServer((socket) => {
    probes.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => probes.delete(socket));
    readLines(socket, (message) => {
      const { id, observations } = message as ProbeAnswer;
      waiting.get(id)?.(observations);
    });
    onConnect();
  });
  // One that an agent before us left behind.
  await rm(socketPath, { force: true });
  server.listen(socketPath);
  await once(server, 'listening');
  await chmod(socketPath, SOCKET_MODE);
  return {
    ask: async (endpoints) => {
      // The newest: while a probe is replaced, the old one may be on its way out.
      const probe = [...probes].at(-1);
      const failed = (error: string): readonly Observation[] =>
        endpoints.map((endpoint) => ({ endpoint, error }));
      if (probe === undefined) return failed('no probe pod is connected on this box');
      lastId += 1;
      const id = lastId;
      const over = new AbortController();
      try {
        return await Promise.race([
          new Promise<readonly Observation[]>((resolve) => {
            waiting.set(id, resolve);
            writeLine(probe, { id, endpoints });
          }),
          once(probe, 'close', { signal: over.signal }).then(() =>
            failed('the probe pod went away'),
          ),
          clock
            .sleep(ANSWER_MS_MAX, over.signal)
            .then(() => failed('the probe pod did not answer')),
        ]);
      } finally {
        waiting.delete(id);
        over.abort();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const probe of probes) probe.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
