import type { FastifyInstance } from 'fastify';

import { listHosts, SITES, type Site, type SiteHosts } from './dependencies.ts';

/** Routes of a site stand under this prefix inside the server; outside, its host name stands for it. */
export function sitePrefix(site: Site): string {
  return `/@${site}`;
}

const UNKNOWN_PREFIX = '/@unknown';

/** Returns the path inside the server for what a client asks of a host. */
export function routeByHost(hosts: SiteHosts, host: string | undefined, url: string): string {
  const name = hostName(host);
  const site = SITES.find((each) => hosts[each].toLowerCase() === name);
  const path = url.startsWith('/') ? url : `/${url}`;
  return `${site === undefined ? UNKNOWN_PREFIX : sitePrefix(site)}${path}`;
}

/** Answers every request for a host that is none of the three. */
export function serveUnknownHosts(server: FastifyInstance, hosts: SiteHosts): void {
  const sentence = sentenceForUnknownHost(hosts);
  server.all(`${UNKNOWN_PREFIX}/*`, { config: { isOpen: true } }, async (_request, reply) =>
    reply.code(421).type('text/plain; charset=utf-8').send(sentence),
  );
}

/** Returns what a client is told that asks for a host which is none of the three. */
export function sentenceForUnknownHost(hosts: SiteHosts): string {
  return `This server knows ${listHosts(hosts).join(', ')}; ask for one of these names.\n`;
}

/** Returns the name in a Host header: lower case, without port and final dot. */
export function hostName(host: string | undefined): string {
  return (host ?? '')
    .toLowerCase()
    .replace(/:[0-9]*$/, '')
    .replace(/\.$/, '');
}
