import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { id, type AccountId } from '#pkg/domain';
import { AccountSecretError } from './errors.ts';
import { openSecret, sealSecret } from './seal.ts';
import { ensureSecretKey, readSecretKey, type SecretKey } from './secret-key.ts';

const key = randomBytes(32) as SecretKey;
const accountId = id<AccountId>('account-1');

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('sealed secrets', () => {
  test('any secret opens again with its key and its account', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        expect(openSecret(key, accountId, sealSecret(key, accountId, secret))).toBe(secret);
      }),
    );
  });

  test('sealing twice gives two texts, and neither holds the secret', () => {
    const [one, two] = [
      sealSecret(key, accountId, 'hunter2'),
      sealSecret(key, accountId, 'hunter2'),
    ];
    expect(one).not.toBe(two);
    expect(one).not.toContain('hunter2');
    expect(Buffer.from(one.slice(3), 'base64url').toString('latin1')).not.toContain('hunter2');
  });

  test('another key, another account and a changed byte do not open', () => {
    const sealed = sealSecret(key, accountId, 'hunter2');
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ mask, at);
        const text = `v1.${changed.toString('base64url')}`;
        expect(() => openSecret(key, accountId, text)).toThrow(AccountSecretError);
      }),
    );
    const other = randomBytes(32) as SecretKey;
    expect(() => openSecret(other, accountId, sealed)).toThrow('KRAITE_SECRET_KEY_FILE');
    expect(() => openSecret(key, id('account-2'), sealed)).toThrow(AccountSecretError);
  });

  test.each(['', 'v1.', 'v1.AAAA', 'v2.AAAA', 'hunter2'])(
    '%j is refused with a sentence',
    (text) => {
      expect(() => openSecret(key, accountId, text)).toThrow(AccountSecretError);
    },
  );

  test('an error of opening shows neither the key nor what was sealed', () => {
    const sealed = sealSecret(key, accountId, 'hunter2');
    const other = randomBytes(32) as SecretKey;
    const shown = inspect(
      thrownBy(() => openSecret(other, accountId, sealed)),
      { depth: 10 },
    );
    expect(shown).toContain('AccountSecretError');
    for (const hidden of ['hunter2', sealed, key.toString('hex'), other.toString('hex')]) {
      expect(shown).not.toContain(hidden);
    }
  });
});

describe('the key file', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kraite-key-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is made once, readable by its owner only, and stays', async () => {
    const file = join(folder, 'secret.key');
    const made = await ensureSecretKey(file);
    const text = await readFile(file, 'utf8');

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(text.trim()).toBe(made.toString('hex'));
    expect(await ensureSecretKey(file)).toEqual(made);
    expect(await readSecretKey(file)).toEqual(made);
  });

  test('that is missing is refused with how to make one', async () => {
    await expect(readSecretKey(join(folder, 'none'))).rejects.toThrow('openssl rand -hex 32');
  });

  test('of another form is refused without showing what it holds', async () => {
    const file = join(folder, 'secret.key');
    await writeFile(file, 'deadbeef'.repeat(4));
    await expect(readSecretKey(file)).rejects.toThrow('64 hexadecimal digits, it holds 32');
    await expect(readSecretKey(file)).rejects.not.toThrow('deadbeef');
  });

  test('in a folder that is not there is refused', async () => {
    await expect(ensureSecretKey(join(folder, 'no', 'secret.key'))).rejects.toThrow(
      'cannot be written',
    );
  });
});
