import { HEALTH_PATHS, PORTS } from '#operator/api';
import type { AskProcess } from '#operator/reconcilers';
import { get } from 'node:http';

const TIMEOUT_MS = 2_000;
const BODY_LENGTH_MAX = 256 * 1_024;

/** Returns the body of a pod's /readyz: 503 has one as well as 200. Undefined without an address or an answer. */
export const askPod: AskProcess = (pod) => {
  const { podIP } = (pod['status'] ?? {}) as { readonly podIP?: string };
  if (podIP === undefined || podIP === '') return Promise.resolve(undefined);
  return askAddress(podIP, PORTS.health);
};

/** Asks the process whose health port that is. Never rejects. */
export function askAddress(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(
      { host, port, path: HEALTH_PATHS.ready, timeout: TIMEOUT_MS, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > BODY_LENGTH_MAX) request.destroy();
        });
        response.on('end', () => resolve(text));
        response.on('error', () => resolve(undefined));
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
}
