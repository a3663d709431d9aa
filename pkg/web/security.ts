import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** Puts the security headers on every answer and refuses forms that another site sent. */
export function secure(server: FastifyInstance, options: { readonly isSecure: boolean }): void {
  const headers = options.isSecure
    ? { ...SECURITY_HEADERS, 'strict-transport-security': 'max-age=31536000' }
    : SECURITY_HEADERS;
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers(headers);
    if (isMutation(request) && !isSameOrigin(request)) return refuseForeignForm(reply);
  });
}

export function isMutation(request: Pick<FastifyRequest, 'method'>): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
}

/** Browsers say where a form came from; what sends neither header is no browser and holds no cookie by accident. */
function isSameOrigin({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function refuseForeignForm(reply: FastifyReply) {
  return reply
    .code(403)
    .type('text/plain; charset=utf-8')
    .send('This form was sent from another site; open the page here and send it again.\n');
}
