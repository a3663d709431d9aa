import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { toError } from '#pkg/base';
import { findAddress, type Observation } from './observation.ts';

const ANSWER_BYTES_MAX = 4_096;
const OBSERVE_MS_MAX = 5_000;
/** It stands in a status. */
const ERROR_LENGTH_MAX = 300;

/**
 * Asks each service which address it sees, side by side. Never rejects: what failed is an observation too.
 *
 * Every question opens a connection of its own, since an open one keeps the address that it began with.
 */
export function observeAll(endpoints: readonly string[]): Promise<readonly Observation[]> {
  return Promise.all(endpoints.map(observe));
}

async function observe(endpoint: string): Promise<Observation> {
  try {
    const address = findAddress(await fetchOnce(new URL(endpoint)));
    return address === undefined
      ? { endpoint, error: 'the answer holds no IPv4 address' }
      : { endpoint, address };
  } catch (error) {
    return { endpoint, error: toError(error).message.slice(0, ERROR_LENGTH_MAX) };
  }
}

function fetchOnce(url: URL): Promise<string> {
  const request = url.protocol === 'https:' ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(OBSERVE_MS_MAX);
    const headers = { accept: 'text/plain', 'user-agent': 'kraite-egress-probe' };
    const call = request(url, { agent: false, family: 4, headers, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > ANSWER_BYTES_MAX) response.destroy(new Error('the answer is too long'));
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`HTTP ${response.statusCode ?? 0}`));
      });
    });
    call.once('error', (error) =>
      reject(signal.aborted ? new Error(`no answer within ${OBSERVE_MS_MAX} ms`) : error),
    );
    call.end();
  });
}
