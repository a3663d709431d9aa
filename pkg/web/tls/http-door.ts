import { createServer, type Server } from 'node:http';

import { listHosts, type SiteHosts } from '../dependencies.ts';
import { hostName, sentenceForUnknownHost } from '../site-routing.ts';

/** What an ACME authority reads to see that a host is ours: the answer for each token (RFC 8555, 8.3). */
export type ChallengeAnswers = Map<string, string>;

const CHALLENGE_PREFIX = '/.well-known/acme-challenge/';
const REQUEST_MS_MAX = 10_000;

/**
 * Returns the server of the HTTP port beside TLS, not yet listening: it answers challenges and sends everybody else to
 * the same page over TLS.
 *
 * Only hosts of ours are sent on, so it sends nobody to a foreign site. The port is left out: outside the pod TLS has 443.
 */
export function createHttpDoor(hosts: SiteHosts, answers: ChallengeAnswers): Server {
  const known = listHosts(hosts).map((host) => host.toLowerCase());
  const server = createServer((request, response) => {
    const url = request.url?.startsWith('/') === true ? request.url : '/';
    const answer = url.startsWith(CHALLENGE_PREFIX)
      ? answers.get(url.slice(CHALLENGE_PREFIX.length))
      : undefined;
    if (answer !== undefined) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.end(answer);
      return;
    }
    const host = hostName(request.headers.host);
    if (!known.includes(host)) {
      response.writeHead(421, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(sentenceForUnknownHost(hosts));
      return;
    }
    response.writeHead(308, { location: `https://${host}${url}` });
    response.end();
  });
  server.requestTimeout = REQUEST_MS_MAX;
  return server;
}
