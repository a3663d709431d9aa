import type { FastifyInstance } from 'fastify';

import { SITES, type Site, type SiteHosts } from './dependencies.ts';

/** Routes of a site stand under this prefix inside the server; outside, its host name stands for it. */
export function sitePrefix(site: Site): string {
  return `/@${site}`;
}

const UNKNOWN_PREFIX = '/@unknown';

/** Returns the path inside the server for what a client asks of a host. */
export function routeByHost(hosts: SiteHosts, host: string | undefined, url: string): string {
  const name = nameOf(host);
  const site = SITES.find((each) => hosts[each].toLowerCase() === name);
  const path = url.startsWith('/') ? url : `/${url}`;
  return `${site === undefined ? UNKNOWN_PREFIX : sitePrefix(site)}${path}`;
}

/** Answers every request for a host that is none of the three. */
export function serveUnknownHosts(server: FastifyInstance, hosts: SiteHosts): void {
  const names = SITES.map((site) => hosts[site]);
  const sentence = `This server knows ${names.join(', ')}; ask for one of these names.\n`;
  server.all(`${UNKNOWN_PREFIX}/*`, { config: { isOpen: true } }, async (_request, reply) =>
    reply.code(421).type('text/plain; charset=utf-8').send(sentence),
  );
}

function nameOf(host: string | undefined): string {
  return (host ?? '')
    .toLowerCase()
    .replace(/:[0-9]*$/, '')
    .replace(/\.$/, '');
}
