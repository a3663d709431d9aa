import { createHash } from 'node:crypto';

import { toError } from '#pkg/base';
import { parseChallenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { RegistryError } from './errors.ts';
import { apiOf, parseReference, type ImageReference } from './reference.ts';

export interface RegistryDependencies {
  readonly fetch: typeof globalThis.fetch;
  /** Returns what this person has for a registry, by the name that images begin with. */
  readonly credentialsFor: (registry: string) => Credentials | undefined;
}

export interface RegistryReader {
  /**
   * Returns `sha256:…` of what `name` stands for now: the index of an image of several platforms, else its manifest.
   * Throws {@link RegistryError}.
   */
  readDigest(name: string): Promise<string>;
}

/** Manifests and indexes, of OCI and of Docker: without the indexes a registry picks a platform for us. */
const ACCEPTED = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const TIMEOUT_MS = 20_000;
/** The OCI distribution specification lets a registry refuse manifests above 4 MiB. */
const MANIFEST_BYTES_MAX = 4 * 1024 * 1024;

export function createRegistryReader(
  { fetch, credentialsFor }: RegistryDependencies,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): RegistryReader {
  const get = async (
    url: string,
    name: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> => {
    try {
      return await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      const { host } = new URL(url);
      const cause = toError(error);
      const why = toError(cause.cause ?? cause).message;
      throw new RegistryError(
        'REGISTRY_UNREACHABLE',
        `${name}: ${host} cannot be reached (${why}); check the name and the network`,
        { cause: error },
      );
    }
  };

  const authorize = async (
    refused: Response,
    name: string,
    { registry }: ImageReference,
  ): Promise<string | undefined> => {
    const credentials = credentialsFor(registry);
    const challenge = parseChallenge(refused.headers.get('www-authenticate'));
    if (challenge.kind === 'basic') return credentials && basicOf(credentials);
    if (challenge.kind === 'unknown') return undefined;
    const realm = new URL(challenge.realm);
    for (const [key, value] of challenge.parameters) realm.searchParams.append(key, value);
    // A password goes nowhere in the clear, but to a registry that is asked in the clear anyway.
    const maySend = realm.protocol === 'https:' || new URL(refused.url).protocol === 'http:';
    const given: Record<string, string> =
      credentials !== undefined && maySend ? { authorization: basicOf(credentials) } : {};
    const response = await get(realm.href, name, given);
    if (!response.ok) return undefined;
    const body = (await response.json().catch(() => ({}))) as {
      readonly token?: unknown;
      readonly access_token?: unknown;
    };
    const token = body.token ?? body.access_token;
    return typeof token === 'string' ? `Bearer ${token}` : undefined;
  };

  return {
    readDigest: async (name) => {
      const reference = parseReference(name);
      const { repository, tag, digest } = reference;
      const url = `${apiOf(reference)}/v2/${repository}/manifests/${tag ?? digest ?? ''}`;
      let response = await get(url, name, { accept: ACCEPTED });
      if (response.status === 401) {
        const authorization = await authorize(response, name, reference);
        if (authorization !== undefined) {
          response = await get(url, name, { accept: ACCEPTED, authorization });
        }
      }
      if (!response.ok) throw refusalOf(response.status, name, reference);
      return digestOf(response, name, tag === undefined ? digest : undefined);
    },
  };
}

function basicOf({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function refusalOf(
  status: number,
  name: string,
  { registry, repository, tag }: ImageReference,
): RegistryError {
  if (status === 401 || status === 403) {
    return new RegistryError(
      'REGISTRY_DENIED',
      `${name}: ${registry} shows ${repository} to none of your credentials; type  docker login ${registry}  (or podman login), and check the name`,
    );
  }
  if (status === 404) {
    return new RegistryError(
      'IMAGE_UNKNOWN',
      `${name}: ${registry} has no ${tag ?? 'such digest'} of ${repository}; check the name and the tag`,
    );
  }
  if (status === 429) {
    return new RegistryError(
      'REGISTRY_BUSY',
      `${name}: ${registry} limits how often it is asked; wait, or type  docker login ${registry}`,
    );
  }
  return new RegistryError(
    'REGISTRY_FAULTY',
    `${name}: ${registry} answered with status ${status}; try again`,
  );
}

async function digestOf(
  response: Response,
  name: string,
  wanted: string | undefined,
): Promise<string> {
  const body = Buffer.from(await response.arrayBuffer());
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  const faults = [
    body.length > MANIFEST_BYTES_MAX && 'sent a manifest above 4 MiB',
    !isManifest(body) && 'sent something that is no manifest',
    ...[response.headers.get('docker-content-digest'), wanted].map(
      (said) => (said ?? digest) !== digest && `calls it ${said}, but what it sent is ${digest}`,
    ),
  ].filter((fault) => fault !== false);
  const [fault] = faults;
  if (fault === undefined) return digest;
  throw new RegistryError(
    'REGISTRY_FAULTY',
    `${name}: ${new URL(response.url).host} ${fault}; nothing was pinned`,
  );
}

function isManifest(body: Buffer): boolean {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as { readonly schemaVersion?: unknown };
    return parsed.schemaVersion === 2;
  } catch {
    return false;
  }
}
