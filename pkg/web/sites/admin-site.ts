import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { required } from '#pkg/base';
import type { WebDependencies, WebOptions } from '../dependencies.ts';
import type { LiveStream } from '../live-stream.ts';
import { findUserByPassword } from '../operators.ts';
import { renderFleet, renderLogin } from '../pages/admin-pages.ts';
import { renderNotice } from '../pages/layout.ts';
import { isMutation } from '../security.ts';
import {
  createSessions,
  isOwnForm,
  SESSION_COOKIE,
  SESSION_MS,
  type LiveSession,
  type Sessions,
} from '../sessions.ts';
import { sitePrefix } from '../site-routing.ts';
import { readSnapshot } from '../snapshot.ts';
import { openStream } from './stream-reply.ts';

const PREFIX = sitePrefix('admin');
const STYLES = { styles: ['admin.css'] };

interface AdminSite {
  readonly server: FastifyInstance;
  readonly dependencies: WebDependencies;
  readonly options: WebOptions & { readonly stream: LiveStream };
  readonly sessions: Sessions;
  /** The session that the guard found; asserts that there is one. */
  readonly sessionOf: (request: FastifyRequest) => LiveSession;
}

/**
 * Serves the operators' site.
 *
 * Every route needs a session unless its config says `isOpen`; a form needs the session's token besides.
 */
export function serveAdmin(
  server: FastifyInstance,
  dependencies: WebDependencies,
  options: WebOptions & { readonly stream: LiveStream },
): void {
  const sessions = createSessions(dependencies.store.users, dependencies);
  const sessionOf = guard(server, sessions);
  const site: AdminSite = { server, dependencies, options, sessions, sessionOf };
  serveLogin(site);
  serveFleet(site);
}

/** Lets nobody through without a session; returns how a route gets at the session of its request. */
function guard(server: FastifyInstance, sessions: Sessions): AdminSite['sessionOf'] {
  const live = new WeakMap<FastifyRequest, LiveSession>();
  server.addHook('preHandler', async (request, reply) => {
    if (!isAdminPath(request) || request.routeOptions.config.isOpen === true) return;
    void reply.header('cache-control', 'no-store');
    const session = await sessions.find(request.cookies[SESSION_COOKIE]);
    if (session === undefined) return refuseStranger(request, reply);
    const form = request.body as { readonly csrf?: unknown } | undefined;
    if (isMutation(request) && !isOwnForm(session.session, form?.csrf)) {
      const sentence = 'The form is no longer valid; go to the start and send it again.';
      return sendNotice(reply, 403, 'Not taken', sentence);
    }
    live.set(request, session);
  });
  return (request) => required(live.get(request), 'A route without a session must say isOpen.');
}

function serveLogin({ server, dependencies, options, sessions, sessionOf }: AdminSite): void {
  const { store, logger } = dependencies;
  const cookieOptions = {
    path: '/',
    httpOnly: true,
    sameSite: 'lax' as const,
    secure: options.tls !== undefined,
  };
  const rateLimit = { max: options.loginsPerMinute ?? 10, timeWindow: 60_000 };
  server.get(`${PREFIX}/login`, { config: { isOpen: true } }, async (_request, reply) =>
    sendPage(reply, renderLogin()),
  );
  server.post(
    `${PREFIX}/login`,
    { config: { isOpen: true, rateLimit } },
    async (request, reply) => {
      const { name, password } = readCredentials(request.body);
      const user = await findUserByPassword(store.users, name, password);
      if (user?.role !== 'operator') {
        logger.warn({ address: request.ip }, 'login refused');
        return sendPage(reply.code(401), renderLogin({ mistake: 'Name or password is wrong.' }));
      }
      logger.info({ user: user.name, address: request.ip }, 'operator logged in');
      const cookie = await sessions.open(user);
      void reply.setCookie(SESSION_COOKIE, cookie, {
        ...cookieOptions,
        maxAge: SESSION_MS / 1_000,
      });
      return reply.redirect('/', 303);
    },
  );
  server.post(`${PREFIX}/logout`, async (request, reply) => {
    const { session } = sessionOf(request);
    await sessions.close(session);
    options.stream.closeSession(session.tokenHash);
    void reply.clearCookie(SESSION_COOKIE, cookieOptions);
    return reply.redirect('/login', 303);
  });
}

function serveFleet({ server, dependencies, options, sessionOf }: AdminSite): void {
  server.get(`${PREFIX}/`, async (request, reply) =>
    sendPage(reply, renderFleet(sessionOf(request))),
  );
  server.get(`${PREFIX}/api/snapshot`, async () => readSnapshot(dependencies));
  server.get(`${PREFIX}/api/stream`, async (request, reply) =>
    openStream(reply, options.stream, sessionOf(request)),
  );
  server.get(`${PREFIX}/*`, async (request, reply) =>
    isApi(request)
      ? reply.code(404).send({ error: 'There is nothing at this address.' })
      : sendNotice(reply, 404, 'Not found', 'There is nothing at this address.'),
  );
}

function isAdminPath(request: FastifyRequest): boolean {
  return (request.routeOptions.url ?? '').startsWith(`${PREFIX}/`);
}

function isApi(request: FastifyRequest): boolean {
  return request.url.startsWith(`${PREFIX}/api/`);
}

function refuseStranger(request: FastifyRequest, reply: FastifyReply) {
  if (isApi(request)) return reply.code(401).send({ error: 'Log in first, at /login.' });
  if (isMutation(request)) {
    return sendNotice(reply, 401, 'Log in first', 'Your session has ended; log in and try again.');
  }
  return reply.redirect('/login', 303);
}

function readCredentials(body: unknown): { readonly name: string; readonly password: string } {
  const form = (body ?? {}) as { readonly name?: unknown; readonly password?: unknown };
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { name: text(form.name).trim(), password: text(form.password) };
}

function sendPage(reply: FastifyReply, page: string) {
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page);
}

function sendNotice(reply: FastifyReply, code: number, title: string, sentence: string) {
  return sendPage(reply.code(code), renderNotice(STYLES, { title, sentence }));
}
