import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { toError } from '#pkg/base';
import { LocalError } from './errors.ts';
import { findJson, replaceFile, replaceJson } from './json-file.ts';
import { isErrno } from './process-identity.ts';
import { takeStateLock, type StateLock } from './state-lock.ts';
import { statePaths, type StatePaths } from './state-paths.ts';

/** What makes this fleet this fleet, and what should stay the same from start to start. */
export interface FleetIdentity {
  readonly format: 1;
  readonly uid: string;
  readonly seed: number;
  /** Ports taken last time, by purpose; taken again when they are free. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface FleetSecrets {
  readonly mysqlPassword: string;
  readonly redisPassword: string;
  readonly controlToken: string;
  readonly venueKey: string;
  readonly venueSecret: string;
  readonly indicatorsSecret: string;
}

export interface OpenStateFolder {
  readonly paths: StatePaths;
  readonly identity: FleetIdentity;
  readonly secrets: FleetSecrets;
  /** True when this call made the folder's content. */
  readonly isNew: boolean;
  readonly lock: StateLock;
}

export interface OpenStateOptions {
  readonly isFresh: boolean;
  /** Undefined keeps the seed of the folder (a new folder takes 1). */
  readonly seed: number | undefined;
  /** The command that stops a fleet on this folder, for messages. */
  readonly howToStop: string;
}

const SEED_DEFAULT = 1;
const OWNER_ONLY_FOLDER = 0o700;

/** Returns the state folder for a working directory: `.kraite` at the nearest project root above, else there. */
export function defaultStateRoot(workingDirectory: string): string {
  for (let folder = resolve(workingDirectory); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) || existsSync(join(folder, '.git'))) {
      return join(folder, '.kraite');
    }
    if (folder === dirname(folder)) return resolve(workingDirectory, '.kraite');
  }
}

/**
 * Makes sure of the state folder at `root` and locks it for this process.
 *
 * `isFresh` removes what an earlier fleet left, but only from a folder that is ours. Throws
 * {@link LocalError} with what stands in the way.
 */
export function openStateFolder(root: string, options: OpenStateOptions): OpenStateFolder {
  const paths = statePaths(root);
  makeFolder(root);
  assertOwned(root);
  assertOurs(paths);
  makeFolder(paths.run);
  const lock = takeLock(paths, options);
  try {
    if (options.isFresh) removeContent(paths);
    const found = findIdentity(paths);
    const identity = found ?? newIdentity(options.seed ?? SEED_DEFAULT);
    assertSameSeed(identity, options.seed);
    // The identity comes first: it is the mark by which a later start knows the folder as ours.
    if (found === undefined) writeWhole(paths.identity, () => saveIdentity(paths, identity));
    for (const folder of [paths.logs, join(paths.run, 'workloads'), paths.venue])
      makeFolder(folder);
    return { paths, identity, secrets: ensureSecrets(paths), isNew: found === undefined, lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Returns the identity stored in the folder, or undefined when no fleet was started there. */
export function findIdentity(paths: StatePaths): FleetIdentity | undefined {
  const value = findJson(paths.identity) as Partial<FleetIdentity> | undefined | null;
  return value?.format === 1 && typeof value.uid === 'string'
    ? (value as FleetIdentity)
    : undefined;
}

export function saveIdentity(paths: StatePaths, identity: FleetIdentity): void {
  replaceJson(paths.identity, identity);
}

function newIdentity(seed: number): FleetIdentity {
  return { format: 1, uid: randomUUID(), seed, ports: {} };
}

function ensureSecrets(paths: StatePaths): FleetSecrets {
  if (!existsSync(paths.secretKey)) {
    writeWhole(paths.secretKey, () => {
      replaceFile(paths.secretKey, `${randomBytes(32).toString('hex')}\n`);
    });
  }
  const found = findJson(paths.secrets) as FleetSecrets | undefined;
  if (found !== undefined) return found;
  const secrets: FleetSecrets = {
    mysqlPassword: randomBytes(18).toString('hex'),
    redisPassword: randomBytes(18).toString('hex'),
    controlToken: randomBytes(24).toString('hex'),
    venueKey: randomBytes(32).toString('hex'),
    venueSecret: randomBytes(32).toString('hex'),
    indicatorsSecret: randomBytes(24).toString('hex'),
  };
  writeWhole(paths.secrets, () => replaceJson(paths.secrets, secrets));
  return secrets;
}

function makeFolder(path: string): void {
  writeWhole(path, () => makeWithParents(path));
}

/** Not mkdir's own `recursive`, which never returns where the file system says ENOENT for ever (/proc). */
function makeWithParents(path: string): void {
  try {
    mkdirSync(path, { mode: OWNER_ONLY_FOLDER });
  } catch (error) {
    if (isErrno(error, 'EEXIST') && statSync(path).isDirectory()) return;
    if (!isErrno(error, 'ENOENT') || existsSync(dirname(path))) throw error;
    makeWithParents(dirname(path));
    mkdirSync(path, { mode: OWNER_ONLY_FOLDER });
  }
}

function takeLock(paths: StatePaths, options: OpenStateOptions): StateLock {
  let lock: StateLock | undefined;
  writeWhole(paths.lock, () => {
    lock = takeStateLock(paths.lock, options);
  });
  if (lock === undefined) throw new LocalError('STATE_LOCKED', 'the lock was not taken');
  return lock;
}

/** Runs a write and turns what the file system refuses into a sentence. */
function writeWhole(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (error instanceof LocalError) throw error;
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): LocalError {
  const advice = 'name another folder with --state DIR';
  const options = { cause: error };
  if (isErrno(error, 'EEXIST', 'ENOTDIR')) {
    return new LocalError(
      'STATE_UNUSABLE',
      `the state folder cannot be made at ${path}: a file stands in its place; move it away or ${advice}`,
      options,
    );
  }
  if (isErrno(error, 'ENOSPC', 'EDQUOT')) {
    return new LocalError(
      'STATE_UNUSABLE',
      `no space is left to write ${path}; ${advice}`,
      options,
    );
  }
  if (isErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT')) {
    return new LocalError(
      'STATE_UNUSABLE',
      `the state folder cannot be written at ${path} (${toError(error).message.split(',')[0]}); make it writable or ${advice}`,
      options,
    );
  }
  return new LocalError('STATE_UNUSABLE', `${path}: ${toError(error).message}; ${advice}`, options);
}

function assertOwned(root: string): void {
  const owner = statSync(root).uid;
  const me = process.getuid?.();
  if (me === undefined || owner === me) return;
  throw new LocalError(
    'STATE_UNUSABLE',
    `the state folder ${root} belongs to another user (uid ${owner}, you are ${me}); run as that user or name another folder with --state DIR`,
  );
}

/** A folder with foreign content is never filled, and least of all emptied. */
function assertOurs(paths: StatePaths): void {
  if (findIdentity(paths) !== undefined) return;
  const foreign = readdirSync(paths.root).filter((name) => name !== 'run');
  if (foreign.length === 0) return;
  throw new LocalError(
    'STATE_NOT_OURS',
    `${paths.root} holds files but no fleet (${foreign.slice(0, 3).join(', ')}); name an empty or new folder with --state DIR`,
    { exit: 'wrong-use' },
  );
}

function removeContent(paths: StatePaths): void {
  // The mark goes last, so that an interrupted removal can be repeated.
  const content = readdirSync(paths.root).map((name) => join(paths.root, name));
  for (const path of content) {
    if (path !== paths.run && path !== paths.identity)
      rmSync(path, { recursive: true, force: true });
  }
  rmSync(paths.identity, { force: true });
  for (const name of readdirSync(paths.run)) {
    const path = join(paths.run, name);
    if (path !== paths.lock) rmSync(path, { recursive: true, force: true });
  }
}

function assertSameSeed(identity: FleetIdentity, seed: number | undefined): void {
  if (seed === undefined || seed === identity.seed) return;
  throw new LocalError(
    'STATE_MISMATCH',
    `this state folder's market runs on seed ${identity.seed}; leave out --seed, or start anew with --fresh --seed ${seed}`,
    { exit: 'wrong-use' },
  );
}
