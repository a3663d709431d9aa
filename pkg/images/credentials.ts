/** A name and a password, or nothing for whoever has none. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

interface AuthEntry {
  readonly auth?: unknown;
  readonly username?: unknown;
  readonly password?: unknown;
}

/** What `docker login` calls Docker Hub in its file. */
const HUB_NAMES = ['docker.io', 'index.docker.io', 'https://index.docker.io/v1/'];

/**
 * Returns what `docker login`, `podman login` or `buildah login` wrote for `registry` in their file (`config.json`,
 * `auth.json`), or undefined. A file that keeps its secrets in a helper program has none to read.
 */
export function readCredentials(file: string, registry: string): Credentials | undefined {
  const auths = authsOf(file);
  const names = registry === 'docker.io' ? HUB_NAMES : [registry, `https://${registry}`];
  for (const name of names) {
    const found = credentialsOf(auths[name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function authsOf(file: string): Readonly<Record<string, AuthEntry | undefined>> {
  const parsed = JSON.parse(file) as { readonly auths?: Readonly<Record<string, AuthEntry>> };
  return parsed.auths ?? {};
}

function credentialsOf(entry: AuthEntry | undefined): Credentials | undefined {
  if (entry === undefined) return undefined;
  const { auth, username, password } = entry;
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  if (typeof auth !== 'string') return undefined;
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
