import type { ResourceKind } from '#operator/runtime';
import type { RequestFacts } from './faults.ts';

export interface Route {
  readonly verb: RequestFacts['verb'];
  /** `v1` or `apps/v1`. */
  readonly apiVersion: string;
  readonly plural: string;
  readonly kind: ResourceKind | undefined;
  readonly namespace: string | undefined;
  /** Empty for a collection. */
  readonly name: string;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
}

const VERBS = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;

/** Returns what a method and a path mean to the API server. */
export function parseRoute(
  method: 'GET' | keyof typeof VERBS,
  path: string,
  kinds: readonly ResourceKind[],
): Route {
  const url = new URL(path, 'http://simulated');
  const parts = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const isCore = parts[0] === 'api';
  const apiVersion = isCore ? (parts[1] ?? '') : `${parts[1]}/${parts[2]}`;
  const rest = parts.slice(isCore ? 2 : 3);
  const isInside = rest[0] === 'namespaces' && rest.length > 2;
  const namespace = isInside ? rest[1] : undefined;
  const [plural = '', name = '', subresource] = isInside ? rest.slice(2) : rest;
  const kind = kinds.find((other) => other.apiVersion === apiVersion && other.plural === plural);
  const query = url.searchParams;
  return { verb: verbOf(), apiVersion, plural, kind, namespace, name, subresource, query };

  function verbOf(): Route['verb'] {
    if (method !== 'GET') return VERBS[method];
    if (plural === '') return 'discover';
    if (name !== '') return 'get';
    return query.get('watch') === 'true' ? 'watch' : 'list';
  }
}
