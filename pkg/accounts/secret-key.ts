import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

import { toError, type Branded } from '#pkg/base';
import { AccountSecretError } from './errors.ts';

/** The fleet's 32-byte key. Every process that trades reads the same one. */
export type SecretKey = Branded<Buffer, 'SecretKey'>;

const KEY_BYTES = 32;
const HOW = `make one with: openssl rand -hex ${KEY_BYTES} > FILE && chmod 600 FILE`;

/** Reads a key from a file of 64 hexadecimal digits. Throws AccountSecretError, which says how to make one. */
export async function readSecretKey(file: string): Promise<SecretKey> {
  try {
    return parseKey(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof AccountSecretError) throw error;
    throw new AccountSecretError(`the key file ${file} cannot be read; ${HOW}`, {
      cause: toError(error),
    });
  }
}

/** Reads the key of `file`, and makes the file first (mode 600) when there is none. Losing it loses every secret. */
export async function ensureSecretKey(file: string): Promise<SecretKey> {
  try {
    const text = `${randomBytes(KEY_BYTES).toString('hex')}\n`;
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new AccountSecretError(`the key file ${file} cannot be written`, {
        cause: toError(error),
      });
    }
  }
  return readSecretKey(file);
}

function parseKey(text: string, file: string): SecretKey {
  const digits = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    throw new AccountSecretError(
      `the key file ${file} must hold exactly ${KEY_BYTES * 2} hexadecimal digits, it holds ${digits.length} characters; ${HOW}`,
    );
  }
  return Buffer.from(digits, 'hex') as SecretKey;
}
