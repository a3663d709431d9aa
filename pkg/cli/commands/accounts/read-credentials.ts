import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

import type { AccountCredentials } from '#pkg/accounts';
import { UsageError, writeLine, type CliContext } from '../../context.ts';
import { askHidden, askOpen } from '../../prompt.ts';

/** Group and others. */
const READABLE_BY_OTHERS = 0o077;
const HOW = 'the API key on its first line and the API secret on its second';
const KEY_FORM = /^[\x21-\x7e]{1,255}$/;
const SECRET_FORM = /^[\x21-\x7e]{1,512}$/;

/**
 * Reads key and secret from `file` (`-` is stdin) or asks for them on the terminal, the secret without echo.
 *
 * Never from an argument, which every process of the machine may read. Throws {@link UsageError}, which repeats neither.
 */
export async function readCredentials(
  context: CliContext,
  file: string | undefined,
): Promise<AccountCredentials> {
  if (file === undefined) return askCredentials(context);
  const where = file === '-' ? 'stdin' : file;
  const lines = (file === '-' ? await text(context.stdin) : await readSecretFile(context, file))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [apiKey = '', apiSecret = ''] = lines;
  if (lines.length !== 2) {
    throw new UsageError(`${where} must have two lines, ${HOW}; it has ${lines.length}`);
  }
  return checkForm({ apiKey, apiSecret }, where);
}

async function askCredentials(context: CliContext): Promise<AccountCredentials> {
  if (!context.stdin.isTTY) {
    throw new UsageError(`name a file with --credentials-file FILE (- is stdin): ${HOW}`);
  }
  const apiKey = (await askOpen(context, 'API key: ')).trim();
  const apiSecret = (await askHidden(context, 'API secret (not shown): ')).trim();
  return checkForm({ apiKey, apiSecret }, 'what was typed');
}

async function readSecretFile(context: CliContext, file: string): Promise<string> {
  const path = resolve(context.workingDirectory, file);
  try {
    const [{ mode }, content] = await Promise.all([stat(path), readFile(path, 'utf8')]);
    if ((mode & READABLE_BY_OTHERS) !== 0) {
      writeLine(context.stderr, `note: ${file} may be read by others; chmod 600 ${file}`);
    }
    return content;
  } catch {
    throw new UsageError(`--credentials-file ${file} cannot be read`);
  }
}

function checkForm(credentials: AccountCredentials, where: string): AccountCredentials {
  if (!KEY_FORM.test(credentials.apiKey)) {
    throw new UsageError(`the API key in ${where} is empty or has spaces or strange characters`);
  }
  if (!SECRET_FORM.test(credentials.apiSecret)) {
    throw new UsageError(`the API secret in ${where} is empty or has spaces or strange characters`);
  }
  return credentials;
}
