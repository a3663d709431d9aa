import { request } from 'node:https';
import type { Access } from './kubeconfig.ts';

export interface ApiAnswer {
  readonly status: number;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

/** Asks the API server once, in raw JSON: tests see what came back and nothing is repeated. */
export function callApi(
  access: Access,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  contentType = 'application/json',
): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      ca: access.authority,
      headers: { authorization: `Bearer ${access.token}`, 'content-type': contentType },
      timeout: 30_000,
    };
    const outgoing = request(`${access.url}${path}`, options, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.once('error', reject);
      incoming.once('end', () => {
        const isJson = incoming.headers['content-type']?.startsWith('application/json') === true;
        resolve({
          status: incoming.statusCode ?? 0,
          body: isJson ? (JSON.parse(text) as unknown) : text,
        });
      });
    });
    outgoing.once('error', reject);
    outgoing.once('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer`)));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
