import { connect } from 'node:net';

import { toError } from '#pkg/base';
import { LocalError } from './errors.ts';

const ANSWER_MS_MAX = 3_000;

/** Makes sure that a server which the person named answers at all. Throws {@link LocalError} with its address. */
export async function assertServerAnswers(
  option: '--mysql' | '--redis',
  text: string,
): Promise<void> {
  const url = parseServerUrl(option, text);
  const port = Number(url.port || (option === '--mysql' ? '3306' : '6379'));
  try {
    await connectOnce(url.hostname, port);
  } catch (error) {
    throw new LocalError(
      'SERVER_UNREACHABLE',
      `${option} ${withoutPassword(url)}: nothing answers there (${toError(error).message}); start that server, or leave out ${option} to get a private one`,
      { cause: error },
    );
  }
}

function parseServerUrl(option: '--mysql' | '--redis', text: string): URL {
  const protocols = option === '--mysql' ? ['mysql:', 'mariadb:'] : ['redis:', 'rediss:'];
  const example =
    option === '--mysql'
      ? 'mysql://user:password@127.0.0.1:3306/kraite'
      : 'redis://:password@127.0.0.1:6379/0';
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (protocols.includes(url.protocol) && url.hostname !== '') return url;
  }
  throw new LocalError('SERVER_UNREACHABLE', `${option}: write it as ${example}`, {
    exit: 'wrong-use',
  });
}

/** Returns the URL as it may be shown. */
export function withoutPassword(url: URL): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.toString();
}

function connectOnce(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host.replaceAll(/^\[|\]$/g, ''), port });
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy(new Error('no answer within 3 s')));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
