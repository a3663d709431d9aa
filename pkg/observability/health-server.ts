import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { FleetError, REASONS, toError, type Reason } from '#pkg/base';
import type { Metrics } from './metrics.ts';

export interface Readiness {
  readonly isReady: boolean;
  readonly isDraining: boolean;
  /** Why it is not ready, or what it waits for while draining; empty when all is well. */
  readonly reasons: readonly Reason[];
  /** Numbers worth seeing beside it, for example busy slots by lane. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

export interface HealthServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly metrics: Metrics;
  /** False when only a restart helps: the process is stuck. */
  readonly isLive: () => boolean;
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** Called for each POST /drain; must not wait for the drain to end. */
  readonly onDrain: () => void | Promise<void>;
}

export interface HealthServer extends AsyncDisposable {
  readonly host: string;
  /** The port it really listens on. */
  readonly port: number;
}

/** The health port could not be opened. */
export class HealthServerError extends FleetError<'HEALTH_PORT_UNAVAILABLE'> {
  constructor(host: string, port: number, cause: unknown) {
    super(
      'HEALTH_PORT_UNAVAILABLE',
      `cannot listen on ${host}:${port} for health and metrics: free the port or choose another (0 takes a free one)`,
      { cause },
    );
  }
}

/**
 * Serves /livez, /readyz (with its reasons), /metrics and POST /drain. Throws {@link HealthServerError}.
 *
 * Reads only, but for the drain; a request from a web page (it carries Origin) may not drain.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      respond(response, 500, { error: toError(error).message });
    });
  });
  server.keepAliveTimeout = 5_000;
  const port = await listen(server, options);
  return {
    host: options.host,
    port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: HealthServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new HealthServerError(host, port, error)));
    server.listen({ host, port }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthServerOptions,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  if (path === '/drain') return drain(request, response, options);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return respond(response, 405, { error: 'only GET' });
  }
  switch (path) {
    case '/livez': {
      const isLive = options.isLive();
      return respond(response, isLive ? 200 : 503, { isLive });
    }
    case '/readyz': {
      const readiness = await options.readiness();
      options.metrics.set('kraite_ready', {}, readiness.isReady ? 1 : 0);
      return respond(response, readiness.isReady ? 200 : 503, {
        ...readiness,
        reasons: readiness.reasons.map((reason) => ({ reason, message: REASONS[reason] })),
      });
    }
    case '/metrics': {
      const page = await options.metrics.render();
      response.writeHead(200, { 'content-type': page.contentType });
      response.end(page.text);
      return;
    }
    default:
      return respond(response, 404, { error: 'try /livez, /readyz, /metrics or POST /drain' });
  }
}

async function drain(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthServerOptions,
): Promise<void> {
  if (request.method !== 'POST') return respond(response, 405, { error: 'only POST' });
  if (request.headers.origin !== undefined) {
    return respond(response, 403, { error: 'a web page may not drain' });
  }
  await options.onDrain();
  respond(response, 202, { isDraining: true });
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
