/** The requests that the other limiters pace: the same ones, signed by hand. */
import { createHmac } from 'node:crypto';

import { Pool } from 'undici';

import { createSystemClock } from '#pkg/base';

import type { PeerSend } from './peers.ts';

const clock = createSystemClock();

export interface PeerAccount {
  readonly key: string;
  readonly secret: string;
}

interface SignedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Returns a sender from one address, and its pool. */
export function signedSender(
  url: string,
  options: {
    readonly address: string;
    readonly account: PeerAccount;
    readonly next: () => SignedRequest;
  },
): { readonly send: PeerSend } & AsyncDisposable {
  const { address, account, next } = options;
  const pool = new Pool(url, { connections: 16, localAddress: address });
  return {
    send: async () => {
      const { method, path, parameters } = next();
      const fields = new URLSearchParams({ ...parameters, timestamp: String(clock.nowMs()) });
      fields.append(
        'signature',
        createHmac('sha256', account.secret).update(fields.toString()).digest('hex'),
      );
      const answer = await pool.request({
        method,
        path: `${path}?${fields.toString()}`,
        headers: { 'X-MBX-APIKEY': account.key },
      });
      await answer.body.dump();
      const isRefused = answer.statusCode === 429 || answer.statusCode === 418;
      return isRefused ? Number(answer.headers['retry-after'] ?? 1) * 1_000 : undefined;
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

/** Returns a sender of bulk requests to the indicator provider. */
export function bulkSender(url: string): { readonly send: PeerSend } & AsyncDisposable {
  const pool = new Pool(url, { connections: 16 });
  const indicators = Array.from({ length: 20 }, (_, id) => ({ id: String(id), indicator: 'ema' }));
  const construct = { exchange: 'binancefutures', symbol: 'BTC/USDT', interval: '1h', indicators };
  const body = JSON.stringify({ secret: 'bench', construct });
  return {
    send: async () => {
      const answer = await pool.request({ method: 'POST', path: '/bulk', body });
      await answer.body.dump();
      return answer.statusCode === 429 ? 3_200 : undefined;
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}
