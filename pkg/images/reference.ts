/** An image's name, taken apart as container runtimes do. */
export interface ImageReference {
  /** Host and port as a person writes it: `docker.io`, `ghcr.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** For example `library/mysql`. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string | undefined;
}

const HUB = 'docker.io';

/** Returns the parts of `name`; one without registry is Docker Hub's, one without tag and digest is `latest`. */
export function parseReference(name: string): ImageReference {
  const [whole = '', digest] = name.split('@');
  const slash = whole.indexOf('/');
  const first = slash < 0 ? '' : whole.slice(0, slash);
  // A first part with a dot or a port is a host; `library/mysql` is not.
  const hasRegistry = /[.:]/.test(first) || first === 'localhost';
  const registry = hasRegistry ? first : HUB;
  const rest = hasRegistry ? whole.slice(slash + 1) : whole;
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  return {
    registry,
    repository: registry === HUB && !path.includes('/') ? `library/${path}` : path,
    tag: tag ?? (digest === undefined ? 'latest' : undefined),
    digest,
  };
}

/** Returns `name` with `digest` behind it, instead of the one it may have. The tag stays, for people. */
export function pinnedName(name: string, digest: string): string {
  return `${name.split('@')[0] ?? name}@${digest}`;
}

const HUB_API = 'registry-1.docker.io';

/** Returns the base URL of the registry's API. Only a registry on this very machine is asked without TLS. */
export function apiOf({ registry }: ImageReference): string {
  if (registry === HUB) return `https://${HUB_API}`;
  const host = registry.replace(/:\d+$/, '');
  const isOwn = host === 'localhost' || host.startsWith('127.') || host === '[::1]';
  return `${isOwn ? 'http' : 'https'}://${registry}`;
}
