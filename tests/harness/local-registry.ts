import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as images of it begin. */
  readonly host: string;
  /** Puts a manifest of its own under `repository:tag` and returns its digest. */
  push(repository: string, tag: string): string;
  /** What happens to requests from now on. */
  faults: RegistryFaults;
  /** Paths that were asked for, with the kind of authorization that came along. */
  readonly requests: readonly string[];
}

export interface RegistryFaults {
  /** Every answer has this status. */
  readonly status?: number;
  /** The header names another digest than that of what is sent. */
  readonly liesAboutDigest?: true;
  /** Answers a page of HTML, as a proxy that wants a sign-in does. */
  readonly sendsHtml?: true;
}

export interface RegistryOptions {
  /** Who may read, and how they are asked; everybody when absent. */
  readonly account?: { readonly username: string; readonly password: string };
  readonly asks?: 'basic' | 'bearer';
}

const INDEX = 'application/vnd.oci.image.index.v1+json';

/** Starts a registry on loopback that serves manifests by tag and digest, as the OCI distribution API says. */
export async function startLocalRegistry(options: RegistryOptions = {}): Promise<LocalRegistry> {
  const manifests = new Map<string, string>();
  const requests: string[] = [];
  const registry = { faults: {} as RegistryFaults };
  let host = '';
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${host}`);
    const authorization = request.headers.authorization ?? '';
    requests.push(`${url.pathname} ${authorization.split(' ')[0] ?? ''}`.trim());
    if (url.pathname === '/token') return giveToken(options, url, authorization, response);
    if (!mayRead(options, authorization)) return challenge(options, host, url, response);
    return serve(manifests, registry.faults, request, url, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(registry, {
    host,
    requests,
    push: (repository: string, tag: string): string => {
      const text = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [], tag });
      const digest = digestOf(text);
      for (const name of [tag, digest]) manifests.set(`/v2/${repository}/manifests/${name}`, text);
      return digest;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function basicOf(options: RegistryOptions): string {
  const { username = '', password = '' } = options.account ?? {};
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function tokenOf(scope: string | null): string {
  return `token-for-${scope ?? 'nothing'}`;
}

function mayRead(options: RegistryOptions, authorization: string): boolean {
  if (options.asks === undefined) return true;
  if (options.asks === 'basic') return authorization === basicOf(options);
  return authorization.startsWith('Bearer token-for-repository:');
}

function giveToken(
  options: RegistryOptions,
  url: URL,
  authorization: string,
  response: ServerResponse,
): void {
  const isKnown = options.account === undefined || authorization === basicOf(options);
  response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify(isKnown ? { token: tokenOf(url.searchParams.get('scope')) } : {}));
}

function challenge(
  options: RegistryOptions,
  host: string,
  url: URL,
  response: ServerResponse,
): void {
  const repository = url.pathname.slice('/v2/'.length).split('/manifests/')[0];
  const bearer = `Bearer realm="http://${host}/token",service="local",scope="repository:${repository}:pull"`;
  const header = options.asks === 'basic' ? 'Basic realm="local"' : bearer;
  response.writeHead(401, { 'www-authenticate': header }).end();
}

function serve(
  manifests: ReadonlyMap<string, string>,
  faults: RegistryFaults,
  request: IncomingMessage,
  url: URL,
  response: ServerResponse,
): void {
  const text = manifests.get(url.pathname);
  if (faults.status !== undefined) return void response.writeHead(faults.status).end();
  if (faults.sendsHtml === true) return void response.end('<html>sign in</html>');
  // Who does not say that it takes an index gets one platform of it.
  const takesIndex = request.headers.accept?.includes(INDEX) === true;
  if (text === undefined || !takesIndex) return void response.writeHead(404).end();
  const digest = faults.liesAboutDigest === true ? digestOf('another') : digestOf(text);
  response.writeHead(200, { 'content-type': INDEX, 'docker-content-digest': digest });
  response.end(text);
}
