import { afterEach, describe, expect, test } from 'vitest';

import {
  startLocalRegistry,
  type LocalRegistry,
  type RegistryFaults,
  type RegistryOptions,
} from '../../tests/harness/local-registry.ts';
import type { Credentials } from './credentials.ts';
import { createRegistryReader } from './registry.ts';

const ACCOUNT = { username: 'ada', password: 'it:has:colons' };
let registry: LocalRegistry;

afterEach(() => registry[Symbol.asyncDispose]());

async function read(options: RegistryOptions = {}, credentials?: Credentials) {
  registry = await startLocalRegistry(options);
  const digest = registry.push('team/kraite', '0.1.0');
  const reader = createRegistryReader({ fetch, credentialsFor: () => credentials });
  const name = `${registry.host}/team/kraite`;
  return { digest, name, read: (suffix: string) => reader.readDigest(`${name}${suffix}`) };
}

describe('a registry', () => {
  test('that anybody may read gives the digest of what it serves', async () => {
    const { digest, read: ask } = await read();
    expect(await ask(':0.1.0')).toBe(digest);
    expect(await ask(`@${digest}`)).toBe(digest);
    expect(registry.requests).toEqual([
      '/v2/team/kraite/manifests/0.1.0',
      `/v2/team/kraite/manifests/${digest}`,
    ]);
  });

  test('whose tag moved gives the new digest, whatever was pinned', async () => {
    const { digest, read: ask } = await read();
    expect(await ask(`:0.1.0@sha256:${'a'.repeat(64)}`)).toBe(digest);
  });

  test('that gives tokens to anybody is read with one', async () => {
    const { digest, read: ask } = await read({ asks: 'bearer' });
    expect(await ask(':0.1.0')).toBe(digest);
    expect(registry.requests.slice(1)).toEqual([
      '/token',
      '/v2/team/kraite/manifests/0.1.0 Bearer',
    ]);
  });

  test.each(['basic', 'bearer'] as const)(
    'that asks for a password by %s is read with the one of the person',
    async (asks) => {
      const { digest, read: ask } = await read({ asks, account: ACCOUNT }, ACCOUNT);
      expect(await ask(':0.1.0')).toBe(digest);
    },
  );

  test.each([
    { asks: 'basic', credentials: undefined },
    { asks: 'bearer', credentials: undefined },
    { asks: 'basic', credentials: { username: 'ada', password: 'wrong' } },
    { asks: 'bearer', credentials: { username: 'ada', password: 'wrong' } },
  ] as const)(
    'that does not know the person says how to sign in: %o',
    async ({ asks, credentials }) => {
      const { read: ask } = await read({ asks, account: ACCOUNT }, credentials);
      await expect(ask(':0.1.0')).rejects.toMatchObject({
        code: 'REGISTRY_DENIED',
        message: expect.stringContaining(`docker login ${registry.host}`) as string,
      });
    },
  );
});

test.each<{ readonly faults: RegistryFaults; readonly code: string; readonly says: string }>([
  { faults: { status: 429 }, code: 'REGISTRY_BUSY', says: 'limits how often' },
  { faults: { status: 403 }, code: 'REGISTRY_DENIED', says: 'none of your credentials' },
  { faults: { status: 500 }, code: 'REGISTRY_FAULTY', says: 'status 500' },
  { faults: { liesAboutDigest: true }, code: 'REGISTRY_FAULTY', says: 'nothing was pinned' },
  { faults: { sendsHtml: true }, code: 'REGISTRY_FAULTY', says: 'no manifest' },
])('no digest comes of $faults', async ({ faults, code, says }) => {
  const { read: ask } = await read();
  registry.faults = faults;
  await expect(ask(':0.1.0')).rejects.toMatchObject({
    code,
    message: expect.stringContaining(says) as string,
  });
});

test('a tag that is not there is told by name', async () => {
  const { name, read: ask } = await read();
  await expect(ask(':0.2.0')).rejects.toMatchObject({
    code: 'IMAGE_UNKNOWN',
    message: `${name}:0.2.0: ${registry.host} has no 0.2.0 of team/kraite; check the name and the tag`,
  });
});

test('a registry that is away is told by its host', async () => {
  const { read: ask } = await read();
  await registry[Symbol.asyncDispose]();
  await expect(ask(':0.1.0')).rejects.toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    message: expect.stringContaining(`${registry.host} cannot be reached`) as string,
  });
});
