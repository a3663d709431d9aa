/** What a person gets wrong before a fleet ever starts: each is refused with a sentence that says what to do. */
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { SAMPLE } from '../harness/sample-fleet.ts';
import { expectNothingLeft, kraite, newFolder, useFleets, type Ended } from './harness.ts';

useFleets();

function up(folder: string, ...args: readonly string[]): Promise<Ended> {
  return kraite(['up', '--state', join(folder, 'state'), '-o', 'json', ...args]);
}

function writeObject(folder: string, text: string): string {
  const file = join(folder, 'fleet.yaml');
  writeFileSync(file, text);
  return file;
}

test('broken YAML is named with its line and starts nothing', async () => {
  const folder = newFolder();
  const file = writeObject(folder, `${SAMPLE}\n  broken: [`);
  const { code, stdout, stderr } = await up(folder, '-f', file);
  expect(code).toBe(1);
  expect(stderr).toMatch(/fleet\.yaml:\d+: /);
  expect(stdout).toBe('');
  expect(existsSync(join(folder, 'state'))).toBe(false);
});

test('every mistake of an object is said at once, as validate says it', async () => {
  const folder = newFolder();
  const text = SAMPLE.replace('203.0.113.13', '203.0.113.300').replace('priority: 3', 'priorty: 3');
  const file = writeObject(folder, text);
  const { code, stderr } = await up(folder, '-f', file);
  expect(code).toBe(1);
  expect(stderr).toContain('egressIP: 203.0.113.300 is not an IPv4 address');
  expect(stderr).toContain('priority');
  expect(stderr).toContain('nothing was changed');
  const validated = await kraite(['validate', '-f', file]);
  expect(validated).toMatchObject({ code: 1, stderr });
});

test('a port in use is named with the option that chooses another', async () => {
  const folder = newFolder();
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { code, stderr } = await up(folder, '--web-port', String(port));
  server.close();
  expect(code).toBe(1);
  expect(stderr).toContain(`port ${port} on 127.0.0.1 is in use`);
  expect(stderr).toContain('--web-port');
  await expectNothingLeft(join(folder, 'state'));
});

test.each([
  ['--mysql', 'mysql://kraite:secret@127.0.0.1:1/kraite'],
  ['--redis', 'redis://:secret@127.0.0.1:1/0'],
])('a dead server behind %s is named without its password', async (option, url) => {
  const { code, stderr } = await up(newFolder(), option, url);
  expect(code).toBe(1);
  expect(stderr).toContain(`${option} ${url.replace('secret', '***')}: nothing answers there`);
  expect(stderr).not.toContain('secret');
});

test('something that is no URL is answered with an example', async () => {
  const { code, stderr } = await up(newFolder(), '--mysql', 'localhost');
  expect(code).toBe(2);
  expect(stderr).toContain('--mysql: write it as mysql://user:password@127.0.0.1:3306/kraite');
});

test('a file in the place of the state folder is named', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'state'), '');
  const { code, stderr } = await up(folder);
  expect(code).toBe(1);
  expect(stderr).toContain('a file stands in its place');
});

test('a state folder that cannot be written is named', async () => {
  const { code, stderr } = await kraite(['up', '--state', '/proc/kraite', '-o', 'json']);
  expect(code).toBe(1);
  expect(stderr).toContain('the state folder cannot be written at /proc/kraite');
});

test.runIf(process.getuid?.() === 0)('a state folder of another user is refused', async () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'state'));
  chownSync(join(folder, 'state'), 65_534, 65_534);
  const { code, stderr } = await up(folder);
  expect(code).toBe(1);
  expect(stderr).toContain('belongs to another user');
});

test('real money needs its own flag and a person at a terminal', async () => {
  const folder = newFolder();
  const file = writeObject(folder, SAMPLE.replace('mode: simulated', 'mode: live'));
  const plain = await up(folder, '-f', file);
  expect(plain.code).toBe(1);
  expect(plain.stderr).toContain('add --live');
  const scripted = await up(folder, '-f', file, '--live');
  expect(scripted.code).toBe(1);
  expect(scripted.stderr).toContain('start this on a terminal');
  expect(existsSync(join(folder, 'state'))).toBe(false);
});

test('an unknown verb is answered with the nearest one', async () => {
  const { code, stderr } = await kraite(['kil-box', 'eos']);
  expect(code).toBe(2);
  expect(stderr).toContain('Did you mean kill-box?');
});
