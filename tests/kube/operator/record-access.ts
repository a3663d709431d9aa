import type { KubeTransport, TransportRequest } from '#operator/runtime';

/** What was asked of an API server, as rules of a Role would name it: `apps/deployments patch`. */
export interface AccessRecord {
  readonly used: ReadonlySet<string>;
  readonly transport: KubeTransport;
}

const WRITES = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;
const PLACE =
  /^\/(?:api|apis\/([^/]+))\/[^/]+\/(?:namespaces\/[^/]+\/)?([^/?]+)(?:\/([^/?]+))?(?:\/([^/?]+))?(?:\?|$)/;

/** Passes every request on and keeps which verb of which resource it needed. */
export function recordAccess(inner: KubeTransport): AccessRecord {
  const used = new Set<string>();
  const note = (request: TransportRequest, status?: number): void => {
    const match = PLACE.exec(request.path);
    if (match === null) return;
    const [, group = '', plural = '', name, subresource] = match;
    const resource = `${group}/${plural}${subresource === undefined ? '' : `/${subresource}`}`;
    const reading = request.path.includes('watch=') ? 'watch' : name === undefined ? 'list' : 'get';
    used.add(`${resource} ${request.method === 'GET' ? reading : WRITES[request.method]}`);
    // Server-side apply of what was not there.
    if (request.method === 'PATCH' && status === 201) used.add(`${resource} create`);
  };
  const transport: KubeTransport = {
    host: inner.host,
    request: async (request) => {
      const answer = await inner.request(request);
      note(request, answer.status);
      return answer;
    },
    stream: async (request) => {
      note(request);
      return inner.stream(request);
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  return { used, transport };
}
