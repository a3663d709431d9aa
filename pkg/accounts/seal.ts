/**
 * Sealed secrets: `v1.` and base64url of nonce (12 bytes), tag (16) and ciphertext, by AES-256-GCM.
 *
 * The account's id is authenticated with it, so that a sealed secret moved to another row does not open.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import type { AccountId } from '#pkg/domain';
import { AccountSecretError } from './errors.ts';
import type { SecretKey } from './secret-key.ts';

const ALGORITHM = 'aes-256-gcm';
const PREFIX = 'v1.';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Returns `secret` sealed for `accountId`; another text each time, for the nonce is random. */
export function sealSecret(key: SecretKey, accountId: AccountId, secret: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(authenticated(accountId));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** Returns what was sealed for `accountId` under `key`. Throws AccountSecretError without a word of either. */
export function openSecret(key: SecretKey, accountId: AccountId, sealed: string): string {
  const fields = { accountId };
  if (!sealed.startsWith(PREFIX)) {
    throw new AccountSecretError('a stored secret has a form that this release cannot open', {
      fields,
    });
  }
  const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
  try {
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(authenticated(accountId));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (error) {
    throw new AccountSecretError(
      'a stored secret does not open with this key: is KRAITE_SECRET_KEY_FILE the file it was sealed with?',
      { cause: error, fields },
    );
  }
}

function authenticated(accountId: AccountId): Buffer {
  return Buffer.from(`kraite account ${accountId}`, 'utf8');
}
