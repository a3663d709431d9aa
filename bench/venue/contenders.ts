/** Who sends the same signed request: our client, undici with nothing around it, and two SDKs. */
import { createHmac } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';

import { USDMClient } from 'binance';
import * as ccxt from 'ccxt';
import { Pool } from 'undici';

import { createSystemClock } from '#pkg/base';
import { createMemoryWindowBudget, createRedisWindowBudget, type WindowBudget } from '#pkg/budgets';
import { id, type AccountId } from '#pkg/domain';
import { createBinanceExchange } from '#pkg/exchange';
import { createSilentLogger } from '#pkg/observability';
import type { RedisConnection } from '#pkg/redis';

const API_KEY = 'bench-key';
const API_SECRET = 'bench-secret-of-the-usual-64-characters-0123456789abcdef01234567';
const PATH = '/fapi/v3/balance';
const ADDRESS = '127.0.0.1';
const logger = createSilentLogger();
const clock = createSystemClock();

export interface Contender extends AsyncDisposable {
  readonly name: string;
  /** Reads the balances of one account, signed and parsed. */
  send(): Promise<unknown>;
}

/** The floor: a pool, a signature, a parsed answer. No limits, no clock, no check, no outcome. */
export function startRawUndici(url: string, connections: number): Contender {
  const pool = new Pool(url, { connections, pipelining: 1, localAddress: ADDRESS });
  return {
    name: 'undici',
    send: async () => {
      const query = `recvWindow=5000&timestamp=${clock.nowMs()}`;
      const signature = createHmac('sha256', API_SECRET).update(query).digest('hex');
      const answer = await pool.request({
        method: 'GET',
        path: `${PATH}?${query}&signature=${signature}`,
        headers: { 'X-MBX-APIKEY': API_KEY },
      });
      return answer.body.json();
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

/** Our client with its counts in this process, or in a Redis as a fleet has them. */
export function startOurs(url: string, connections: number, redis?: RedisConnection): Contender {
  const exchange = createBinanceExchange(
    {
      egress: { box: 'bench', egressAddress: ADDRESS, bindAddress: ADDRESS },
      credentialsOf: async () => ({ apiKey: API_KEY, apiSecret: API_SECRET }),
      budget: withoutEnd(
        redis === undefined
          ? createMemoryWindowBudget()
          : createRedisWindowBudget({ redis, clock, logger }),
      ),
      clock,
      logger,
    },
    { restUrl: url, connectionsMax: connections },
  );
  const account = id<AccountId>('bench');
  const { signal } = new AbortController();
  return {
    name: redis === undefined ? 'ours' : 'ours with Redis',
    send: () => exchange.readBalance(account, signal),
    [Symbol.asyncDispose]: () => exchange[Symbol.asyncDispose](),
  };
}

/** Same work, but never spent: what is measured is the client, not the venue's limit. */
function withoutEnd(budget: WindowBudget): WindowBudget {
  void budget.setLimits('binance', 'address', [{ windowMs: 60_000, weightMax: 1e12 }]);
  return budget;
}

export function startSdk(url: string, connections: number): Contender {
  const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: connections });
  const client = new USDMClient(
    { api_key: API_KEY, api_secret: API_SECRET, baseUrl: url },
    { httpAgent },
  );
  return {
    name: 'binance',
    send: () => client.getBalanceV3(),
    [Symbol.asyncDispose]: async () => httpAgent.destroy(),
  };
}

/** Without its own pacing, which would be what is measured. */
export function startCcxt(url: string): Contender {
  const client = new ccxt.binanceusdm({
    apiKey: API_KEY,
    secret: API_SECRET,
    enableRateLimit: false,
    urls: { api: { fapiPublic: `${url}/fapi/v1`, fapiPrivateV3: `${url}/fapi/v3` } },
  });
  return {
    name: 'ccxt',
    send: () => client.fapiPrivateV3GetBalance(),
    [Symbol.asyncDispose]: async () => {
      await client.close();
    },
  };
}
