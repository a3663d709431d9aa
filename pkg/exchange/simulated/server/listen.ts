/** Binding of a HTTP or HTTPS server, with sentences for what goes wrong. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { FleetError } from '#pkg/base';

/** Where a server listens; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The address cannot be bound; the message says which and why. */
export class ListenError extends FleetError<'VENUE_LISTEN'> {
  constructor(address: ListenAddress, code: string) {
    const where = `${address.host}:${address.port}`;
    const words: Readonly<Record<string, string>> = {
      EADDRINUSE: `${where} is in use; stop what listens there or choose another port`,
      EACCES: `${where} may not be bound by this user; choose a port above 1023`,
      EADDRNOTAVAIL: `${address.host} is not an address of this machine`,
    };
    super('VENUE_LISTEN', words[code] ?? `cannot listen on ${where}: ${code}`);
  }
}

export interface BoundServer extends AsyncDisposable {
  readonly server: Server;
  /** `127.0.0.1:9090`, with the port that was really taken. */
  readonly authority: string;
}

/** Starts a HTTP server, or a HTTPS one with the certificate and key of `identity` in PEM. Throws {@link ListenError}. */
export async function bindServer(
  address: ListenAddress,
  listener: RequestListener,
  identity?: { readonly cert: string; readonly key: string },
): Promise<BoundServer> {
  const options = { keepAliveTimeout: 60_000, noDelay: true };
  const server: Server =
    identity === undefined
      ? createServer(options, listener)
      : createSecureServer({ ...options, ...identity }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ListenError(address, error.code ?? error.message)),
    );
    server.listen(address.port, address.host, resolve);
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    server,
    authority: `${host}:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
