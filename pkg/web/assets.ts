import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { sitePrefix } from './site-routing.ts';
import type { Site } from './dependencies.ts';

const WEB_FOLDER = join(import.meta.dirname, '..', '..', 'web');
const FOLDERS: Readonly<Record<Site, string>> = {
  admin: 'admin',
  public: 'public',
  docs: 'syntax',
};
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Serves the static sources of a site, and those that all share, under /assets/; read once at the start. */
export function serveAssets(server: FastifyInstance, site: Site): void {
  for (const folder of ['shared', FOLDERS[site]]) {
    const path = join(WEB_FOLDER, folder);
    for (const name of readdirSync(path)) {
      const type = TYPES[extname(name)];
      if (type === undefined || !statSync(join(path, name)).isFile()) continue;
      const content = readFileSync(join(path, name));
      server.get(
        `${sitePrefix(site)}/assets/${name}`,
        { config: { isOpen: true } },
        async (_request, reply) =>
          reply.type(type).header('cache-control', 'public, max-age=300').send(content),
      );
    }
  }
}
