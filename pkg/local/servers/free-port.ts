import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Ports that are looked for lie below the range from which systems take the local ports of outgoing connections (from
 * 32768 on Linux, from 49152 elsewhere): a port that is kept for the next start must not be somebody's own end of a
 * connection by then.
 */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const TRIES_MAX = 200;

/** Returns a port that was free on `host` a moment ago. Another process may take it first: be ready to ask again. */
export async function findFreePort(host: string): Promise<number> {
  for (let tried = 0; tried < TRIES_MAX; tried += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (await isPortFree(host, port)) return port;
  }
  throw new Error(
    `no free port between ${PORT_MIN} and ${PORT_MAX} on ${host}: stop what listens there`,
  );
}

/** Tells whether a server could listen on `port` of `host` now. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.unref();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
