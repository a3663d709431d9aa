import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { findProcess } from './process-identity.ts';
import { defaultStateRoot, openStateFolder } from './state-folder.ts';
import { findLockHolder } from './state-lock.ts';

const OPTIONS = { isFresh: false, seed: undefined, howToStop: 'kraite down' };
const PID_MAX = 4_194_304;
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kraite-state-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a new folder gets an identity and secrets that only the owner can read', () => {
  const state = openStateFolder(join(folder, 'a'), OPTIONS);
  expect(state.isNew).toBe(true);
  for (const path of [state.paths.secrets, state.paths.secretKey, state.paths.identity]) {
    expect(statSync(path).mode & 0o077).toBe(0);
  }
  expect(statSync(state.paths.root).mode & 0o077).toBe(0);
});

test('the next start finds the same identity, secrets and seed', () => {
  const first = openStateFolder(join(folder, 'a'), { ...OPTIONS, seed: 7 });
  first.lock.release();
  const second = openStateFolder(join(folder, 'a'), OPTIONS);
  expect(second.identity).toEqual(first.identity);
  expect(second.identity.seed).toBe(7);
  expect(second.secrets).toEqual(first.secrets);
  expect(second.isNew).toBe(false);
});

test('another seed is refused, and taken with fresh', () => {
  const first = openStateFolder(join(folder, 'a'), { ...OPTIONS, seed: 7 });
  first.lock.release();
  expect(() => openStateFolder(join(folder, 'a'), { ...OPTIONS, seed: 8 })).toThrow(
    'runs on seed 7; leave out --seed, or start anew with --fresh --seed 8',
  );
  const fresh = openStateFolder(join(folder, 'a'), { ...OPTIONS, seed: 8, isFresh: true });
  expect(fresh.identity.seed).toBe(8);
  expect(fresh.identity.uid).not.toBe(first.identity.uid);
});

test('fresh removes what an earlier fleet left', () => {
  const first = openStateFolder(join(folder, 'a'), OPTIONS);
  mkdirSync(first.paths.mysql);
  first.lock.release();
  const fresh = openStateFolder(join(folder, 'a'), { ...OPTIONS, isFresh: true });
  expect(existsSync(fresh.paths.mysql)).toBe(false);
});

test('a folder with other content is never used and never emptied', () => {
  writeFileSync(join(folder, 'thesis.txt'), 'years of work');
  expect(() => openStateFolder(folder, { ...OPTIONS, isFresh: true })).toThrow(
    'holds files but no fleet (thesis.txt)',
  );
  expect(existsSync(join(folder, 'thesis.txt'))).toBe(true);
});

test('a file in the place of the folder is named', () => {
  writeFileSync(join(folder, 'a'), '');
  expect(() => openStateFolder(join(folder, 'a'), OPTIONS)).toThrow('a file stands in its place');
  expect(() => openStateFolder(join(folder, 'a', 'b'), OPTIONS)).toThrow(
    'a file stands in its place',
  );
});

test('a place where nothing can be written is named', () => {
  expect(() => openStateFolder('/proc/kraite', OPTIONS)).toThrow(
    'the state folder cannot be written at /proc/kraite',
  );
});

test.runIf(process.getuid?.() === 0)('a folder of another user is refused', () => {
  const foreign = join(folder, 'a');
  mkdirSync(foreign);
  chownSync(foreign, 65_534, 65_534);
  expect(() => openStateFolder(foreign, OPTIONS)).toThrow('belongs to another user (uid 65534');
});

test('a second start on the same folder is told the pid and how to stop it', () => {
  openStateFolder(join(folder, 'a'), OPTIONS);
  expect(() => openStateFolder(join(folder, 'a'), OPTIONS)).toThrow(
    `in use by a running fleet (pid ${process.pid}); stop it with: kraite down`,
  );
});

test('the lock of a process that was killed is taken over', () => {
  const first = openStateFolder(join(folder, 'a'), OPTIONS);
  const { lock } = first.paths;
  writeFileSync(lock, JSON.stringify({ pid: PID_MAX + 1, startTicks: '1' }));
  expect(findLockHolder(lock)).toBeUndefined();
  openStateFolder(join(folder, 'a'), OPTIONS).lock.release();
  expect(existsSync(lock)).toBe(false);
});

test('a later process under the old pid does not hold the lock', () => {
  const { lock } = openStateFolder(join(folder, 'a'), OPTIONS).paths;
  writeFileSync(lock, JSON.stringify({ ...findProcess(process.pid), startTicks: '1' }));
  expect(findLockHolder(lock)).toBeUndefined();
});

test('the default folder stands at the project root, wherever below it the command is typed', () => {
  writeFileSync(join(folder, 'package.json'), '{}');
  mkdirSync(join(folder, 'deep/er'), { recursive: true });
  expect(defaultStateRoot(join(folder, 'deep/er'))).toBe(join(folder, '.kraite'));
});
