import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { FleetError, REASONS, toError, type Clock, type Reason } from '#pkg/base';
import { HEALTH_PATHS, PRE_STOP_HEADER, PRE_STOP_TIMEOUT_PARAMETER } from './health-paths.ts';
import type { Metrics } from './metrics.ts';
import type { LaneBacklog, LaneFacts, ProcessFacts } from './process-facts.ts';

export interface Readiness {
  readonly isReady: boolean;
  readonly isDraining: boolean;
  /** See {@link ProcessFacts}. */
  readonly isDrained: boolean;
  /** Why it is not ready, or what it waits for while draining; empty when all is well. */
  readonly reasons: readonly Reason[];
  readonly generation?: number | undefined;
  readonly lanes?: readonly LaneFacts[] | undefined;
  readonly backlog?: readonly LaneBacklog[] | undefined;
  /** What else is worth seeing beside it. */
  readonly details?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface HealthServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly identity: Pick<ProcessFacts, 'process' | 'box' | 'version'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** False when only a restart helps: the process is stuck. */
  readonly isLive: () => boolean;
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** Begins to drain, at once and for good; resolves when it is drained. Must not reject. */
  readonly drain: () => Promise<void>;
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

const PRE_STOP_SECONDS = 600;

/**
 * Serves /livez, /readyz (with its reasons), /metrics, POST /drain and GET /pre-stop. Throws {@link HealthServerError}.
 *
 * Reads only, but for the drains; a request from a web page (it carries Origin, or lacks the header that a page cannot
 * send) may not drain.
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
  const [path, query] = (request.url ?? '/').split('?');
  if (path === HEALTH_PATHS.drain) return startDrain(request, response, options);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return respond(response, 405, { error: 'only GET' });
  }
  switch (path) {
    case HEALTH_PATHS.live: {
      const isLive = options.isLive();
      return respond(response, isLive ? 200 : 503, { isLive });
    }
    case HEALTH_PATHS.ready: {
      const readiness = await options.readiness();
      options.metrics.set('kraite_ready', {}, readiness.isReady ? 1 : 0);
      return respond(response, readiness.isReady ? 200 : 503, describe(readiness, options));
    }
    case HEALTH_PATHS.metrics: {
      const page = await options.metrics.render();
      response.writeHead(200, { 'content-type': page.contentType });
      response.end(page.text);
      return;
    }
    case HEALTH_PATHS.preStop:
      return awaitDrain(request, response, { options, query });
    default:
      return respond(response, 404, {
        error: 'try /livez, /readyz, /metrics, /pre-stop or POST /drain',
      });
  }
}

function describe(readiness: Readiness, { identity }: HealthServerOptions): unknown {
  return {
    ...identity,
    ...readiness,
    reasons: readiness.reasons.map((reason) => ({ reason, message: REASONS[reason] })),
  };
}

function startDrain(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthServerOptions,
): void {
  if (request.method !== 'POST') return respond(response, 405, { error: 'only POST' });
  if (request.headers.origin !== undefined) {
    return respond(response, 403, { error: 'a web page may not drain' });
  }
  void options.drain();
  respond(response, 202, { isDraining: true });
}

async function awaitDrain(
  request: IncomingMessage,
  response: ServerResponse,
  { options, query }: { readonly options: HealthServerOptions; readonly query: string | undefined },
): Promise<void> {
  if (request.headers[PRE_STOP_HEADER.name] !== PRE_STOP_HEADER.value) {
    const error = `send the header ${PRE_STOP_HEADER.name}: ${PRE_STOP_HEADER.value}; a web page may not drain`;
    return respond(response, 403, { error });
  }
  const given = new URLSearchParams(query).get(PRE_STOP_TIMEOUT_PARAMETER) ?? '';
  const seconds = /^\d{1,6}$/.test(given) ? Number(given) : PRE_STOP_SECONDS;
  const over = new AbortController();
  const isDrained = await Promise.race([
    options.drain().then(() => true),
    options.clock.sleep(seconds * 1_000, over.signal).then(() => false),
  ]);
  over.abort();
  return respond(response, isDrained ? 200 : 503, { isDrained });
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
