import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createPlain, type RequestListener } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface EchoServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Files in PEM; plain HTTP when absent. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
}

export interface EchoServer extends AsyncDisposable {
  readonly url: string;
}

const CONNECTIONS_MAX = 1_000;
const REQUEST_MS_MAX = 5_000;

/**
 * Serves whoever asks with the address that the connection came from, as plain text.
 *
 * No header is believed: behind a proxy it tells the proxy's address, so it stands at the open network itself. Each
 * answer ends its connection, so that the next question is a new one.
 */
export async function startEchoServer(options: EchoServerOptions): Promise<EchoServer> {
  const { host, port, tls } = options;
  const answer: RequestListener = (request, response) => {
    const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    response.writeHead(isRead ? 200 : 405, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'close',
    });
    response.end(isRead ? `${address}\n` : 'only GET\n');
  };
  const server =
    tls === undefined
      ? createPlain(answer)
      : createTls(
          { cert: readFileSync(tls.certificateFile), key: readFileSync(tls.keyFile) },
          answer,
        );
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = REQUEST_MS_MAX;
  server.headersTimeout = REQUEST_MS_MAX;
  server.listen({ host, port });
  await once(server, 'listening');
  const listening = server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${shown}:${listening.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
