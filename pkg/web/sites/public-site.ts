import type { FastifyInstance } from 'fastify';

import type { WebOptions } from '../dependencies.ts';
import { renderHome } from '../pages/public-page.ts';
import { renderNotice } from '../pages/layout.ts';
import { sitePrefix } from '../site-routing.ts';

const PREFIX = sitePrefix('public');
const OPEN = { config: { isOpen: true } };

/** Serves the public site: what Kraite is, how it protects, and what it cannot promise. */
export function servePublic(server: FastifyInstance, options: WebOptions): void {
  server.get(`${PREFIX}/`, OPEN, async (request, reply) => {
    const port = /:[0-9]+$/.exec(request.host)?.[0] ?? '';
    const docsUrl = `${request.protocol}://${options.hosts.docs}${port}/`;
    return reply.type('text/html; charset=utf-8').send(renderHome({ docsUrl }));
  });
  server.get(`${PREFIX}/*`, OPEN, async (_request, reply) =>
    reply
      .code(404)
      .type('text/html; charset=utf-8')
      .send(
        renderNotice(
          { styles: ['site.css'] },
          { title: 'Not found', sentence: 'There is no page at this address.' },
        ),
      ),
  );
}
