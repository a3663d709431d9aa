import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { createStage } from '../../../tests/harness/cli-stage.ts';
import { startLocalRegistry, type LocalRegistry } from '../../../tests/harness/local-registry.ts';
import { SAMPLE } from '../../../tests/harness/sample-fleet.ts';
import { runKraite } from '../run.ts';

const ACCOUNT = { username: 'ada', password: 'secret' };
let folder = '';
let registry: LocalRegistry;
let file = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kraite-images-'));
  registry = await startLocalRegistry({ asks: 'bearer', account: ACCOUNT });
  mkdirSync(join(folder, '.docker'));
  const auth = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
  const config = JSON.stringify({ auths: { [registry.host]: { auth } } });
  writeFileSync(join(folder, '.docker/config.json'), config);
  file = join(folder, 'fleet.yaml');
  writeFileSync(
    file,
    textWith({ mysql: 'mysql:8.4.8', redis: 'redis:8.0.5', kraite: 'kraite:0.1.0' }),
  );
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function textWith(images: Readonly<Record<'mysql' | 'redis' | 'kraite', string>>): string {
  return SAMPLE.replace('image: null', `image: ${registry.host}/${images.kraite}`)
    .replace('mysql:8.4.8', `${registry.host}/${images.mysql}`)
    .replace('redis:8.0.5', `${registry.host}/${images.redis}`);
}

function pushAll() {
  const push = (name: string, tag: string) => `${name}:${tag}@${registry.push(name, tag)}`;
  return {
    mysql: push('mysql', '8.4.8'),
    redis: push('redis', '8.0.5'),
    kraite: push('kraite', '0.1.0'),
  };
}

async function pin(...flags: readonly string[]) {
  const { context, written } = createStage({ environment: { HOME: folder } });
  const status = await runKraite(['images', 'pin', '-f', file, ...flags], context);
  return { status, ...written };
}

test('every image gets the digest of its registry, and nothing else of the file changes', async () => {
  const images = pushAll();
  const { status, stdout, stderr } = await pin();
  expect(stderr).toContain(`spec.core.mysql.image: is now ${registry.host}/${images.mysql}`);
  expect(status).toBe(0);
  expect(stdout).toBe(textWith(images));
});

test('with --write the file is changed, and a second time nothing is', async () => {
  const images = pushAll();
  expect(await pin('--write')).toMatchObject({ status: 0, stdout: '' });
  expect(readFileSync(file, 'utf8')).toBe(textWith(images));
  expect((await pin('--write')).stderr).toContain('spec.image: stays');
  expect(readFileSync(file, 'utf8')).toBe(textWith(images));
});

test('when one registry gives no digest nothing is written, and each failure is told', async () => {
  registry.push('kraite', '0.1.0');
  const before = readFileSync(file, 'utf8');
  const { status, stdout, stderr } = await pin('--write');
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('has no 8.4.8 of mysql');
  expect(stderr).toContain('has no 8.0.5 of redis');
  expect(stderr).toContain(`${file} was not changed`);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('an image of nobody’s pull is left alone', async () => {
  pushAll();
  const text = readFileSync(file, 'utf8').replace(
    /(redis:8\.0\.5\n\s+existing:) null/,
    '$1\n        secret: our-redis',
  );
  writeFileSync(file, text);
  const { status, stdout } = await pin();
  expect(status).toBe(0);
  expect(stdout).toContain(`${registry.host}/redis:8.0.5\n`);
});

test('a wrong password is told with how to sign in', async () => {
  pushAll();
  writeFileSync(join(folder, '.docker/config.json'), '{}');
  const { status, stderr } = await pin();
  expect(status).toBe(1);
  expect(stderr).toContain(`docker login ${registry.host}`);
});
