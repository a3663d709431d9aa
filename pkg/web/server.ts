import type { RequestListener, Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance } from 'fastify';

import { toError } from '#pkg/base';
import { serveAssets } from './assets.ts';
import { SITES, type WebDependencies, type WebOptions } from './dependencies.ts';
import type { LiveStream } from './live-stream.ts';
import { renderNotice } from './pages/layout.ts';
import { secure } from './security.ts';
import { routeByHost, serveUnknownHosts, sitePrefix } from './site-routing.ts';
import { serveAdmin } from './sites/admin-site.ts';
import { serveDocs } from './sites/docs-site.ts';
import { servePublic } from './sites/public-site.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers without a session. */
    readonly isOpen?: boolean;
  }
}

const BODY_BYTES_MAX = 16_384;
const REQUEST_MS_MAX = 10_000;

export interface ServerOptions extends WebOptions {
  readonly stream: LiveStream;
  /** Told of every route, for a test that walks them all. */
  readonly watchRoute?: (route: {
    readonly method: string;
    readonly url: string;
    readonly isOpen: boolean;
  }) => void;
}

/** Returns the server of the three sites, not yet listening. */
export async function createServer(
  dependencies: WebDependencies,
  options: ServerOptions,
): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    requestTimeout: REQUEST_MS_MAX,
    exposeHeadRoutes: true,
    ...(options.tls === undefined ? {} : { serverFactory: createTlsServer }),
    rewriteUrl: (request) => routeByHost(options.hosts, request.headers.host, request.url ?? '/'),
  });
  const { watchRoute } = options;
  if (watchRoute !== undefined) {
    server.addHook('onRoute', ({ method, url, config }) => {
      for (const each of [method].flat()) {
        watchRoute({ method: each, url, isOpen: config?.isOpen === true });
      }
    });
  }
  secure(server, { isSecure: options.tls !== undefined });
  await server.register(cookie);
  await server.register(formbody);
  await server.register(rateLimit, {
    global: false,
    errorResponseBuilder: () => new TooManyRequests('Too many tries; wait a minute and try again.'),
  });
  answerErrors(server, dependencies);
  for (const site of SITES) serveAssets(server, site);
  serveAdmin(server, dependencies, options);
  servePublic(server, options);
  serveDocs(server);
  serveUnknownHosts(server, options.hosts);
  return server;
}

/** Returns a server that refuses every handshake until it is given a certificate. */
function createTlsServer(handler: RequestListener): HttpServer {
  return createHttpsServer({ requestTimeout: REQUEST_MS_MAX }, handler);
}

class TooManyRequests extends Error {
  readonly statusCode = 429;
}

/** Says what the caller did wrong; of our own failures it says only that one happened. */
function answerErrors(server: FastifyInstance, { logger }: WebDependencies): void {
  server.setErrorHandler(async (thrown: unknown, request, reply) => {
    const error = toError(thrown);
    const given = (error as { readonly statusCode?: number }).statusCode ?? 500;
    const code = given >= 400 && given < 500 ? given : 500;
    if (code === 500) {
      logger.error({ err: error, path: request.originalUrl, id: request.id }, 'page failed');
    }
    const sentence =
      code === 500
        ? `Something failed here; the log knows it as ${request.id}. Try again in a moment.`
        : code === 429
          ? error.message
          : 'The request cannot be read; go to the start and try again.';
    if (request.url.startsWith(`${sitePrefix('admin')}/api/`)) {
      return reply.code(code).send({ error: sentence });
    }
    const title = code === 500 ? 'Something failed' : 'Not taken';
    return reply
      .code(code)
      .type('text/html; charset=utf-8')
      .send(renderNotice({ styles: [] }, { title, sentence }));
  });
  server.setNotFoundHandler(async (_request, reply) =>
    reply
      .code(404)
      .type('text/html; charset=utf-8')
      .send(
        renderNotice(
          { styles: [] },
          { title: 'Not found', sentence: 'There is nothing at this address.' },
        ),
      ),
  );
}
