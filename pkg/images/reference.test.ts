import { expect, test } from 'vitest';

import { parseChallenge } from './challenge.ts';
import { readCredentials } from './credentials.ts';
import { apiOf, parseReference, pinnedName } from './reference.ts';

const DIGEST = `sha256:${'0'.repeat(64)}`;

test.each([
  ['mysql', 'docker.io', 'library/mysql', 'latest', undefined],
  ['mysql:8.4.8', 'docker.io', 'library/mysql', '8.4.8', undefined],
  ['bitnami/redis:8', 'docker.io', 'bitnami/redis', '8', undefined],
  ['ghcr.io/kraite/kraite:0.1.0', 'ghcr.io', 'kraite/kraite', '0.1.0', undefined],
  ['localhost/kraite', 'localhost', 'kraite', 'latest', undefined],
  ['127.0.0.1:5000/a/b/c:1', '127.0.0.1:5000', 'a/b/c', '1', undefined],
  [`redis:8.0.5@${DIGEST}`, 'docker.io', 'library/redis', '8.0.5', DIGEST],
  [`redis@${DIGEST}`, 'docker.io', 'library/redis', undefined, DIGEST],
])('%s is taken apart as a container runtime does', (name, registry, repository, tag, digest) => {
  expect(parseReference(name)).toEqual({ registry, repository, tag, digest });
});

test.each([
  ['mysql:8.4.8', 'https://registry-1.docker.io'],
  ['ghcr.io/kraite/kraite', 'https://ghcr.io'],
  ['10.0.0.5:5000/kraite', 'https://10.0.0.5:5000'],
  ['127.0.0.1:5000/kraite', 'http://127.0.0.1:5000'],
  ['localhost:5000/kraite', 'http://localhost:5000'],
  ['localhost.example:5000/kraite', 'https://localhost.example:5000'],
])('%s is asked at %s', (name, api) => {
  expect(apiOf(parseReference(name))).toBe(api);
});

test('a pinned name keeps its tag and takes the newest digest', () => {
  expect(pinnedName('mysql:8.4.8', DIGEST)).toBe(`mysql:8.4.8@${DIGEST}`);
  expect(pinnedName(`mysql:8.4.8@sha256:${'f'.repeat(64)}`, DIGEST)).toBe(`mysql:8.4.8@${DIGEST}`);
});

test.each([
  ['Basic realm="x"', { kind: 'basic' }],
  ['basic', { kind: 'basic' }],
  ['Negotiate', { kind: 'unknown' }],
  [null, { kind: 'unknown' }],
  ['Bearer service="x"', { kind: 'unknown' }],
])('the challenge %s is read', (header, challenge) => {
  expect(parseChallenge(header)).toEqual(challenge);
});

test('a bearer challenge keeps service and every scope', () => {
  const header = 'Bearer realm="https://auth.example/token",service="r.example",scope="a:b:pull"';
  const challenge = parseChallenge(header);
  expect(challenge).toMatchObject({ kind: 'bearer', realm: 'https://auth.example/token' });
  expect(challenge.kind === 'bearer' && challenge.parameters.toString()).toBe(
    'service=r.example&scope=a%3Ab%3Apull',
  );
});

test('what docker and podman wrote is read, and a helper’s empty entry is none', () => {
  const auth = Buffer.from('ada:it:has:colons').toString('base64');
  const file = JSON.stringify({
    auths: { 'https://index.docker.io/v1/': { auth }, 'ghcr.io': {}, 'r.example': { auth } },
    credsStore: 'desktop',
  });
  const ada = { username: 'ada', password: 'it:has:colons' };
  expect(readCredentials(file, 'docker.io')).toEqual(ada);
  expect(readCredentials(file, 'r.example')).toEqual(ada);
  expect(readCredentials(file, 'ghcr.io')).toBeUndefined();
  expect(readCredentials('{}', 'ghcr.io')).toBeUndefined();
});
