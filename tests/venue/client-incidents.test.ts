/** What went wrong with a venue in production once, and must not again; numbers are those of the incident list. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { createMemoryWindowBudget, type WindowBudget } from '#pkg/budgets';
import { id, type AccountId, type ClientOrderId, type SymbolName } from '#pkg/domain';
import {
  createBinanceExchange,
  ExchangeThrottledError,
  ExchangeUnreachableError,
  type Exchange,
} from '#pkg/exchange';
import { startSimulatedVenue } from '#pkg/exchange/simulated';
import { createSilentLogger, type Logger } from '#pkg/observability';

const ACCOUNT = id<AccountId>('main');
const EGRESS = '127.0.3.3';
const KEY = { key: 'main', secret: 'secret of main', balance: '10000' };
const ADDRESS_KEY = { provider: 'binance', scope: 'address', id: EGRESS } as const;
/** A request that the server never answers. */
const HELD = Symbol('held');
const { signal } = new AbortController();
const clock = createSystemClock();

function startClient(
  restUrl: string,
  parts: { readonly budget?: WindowBudget; readonly logger?: Logger } = {},
): Exchange {
  return createBinanceExchange(
    {
      egress: { box: 'eos', egressAddress: EGRESS, bindAddress: EGRESS },
      credentialsOf: async () => ({ apiKey: KEY.key, apiSecret: KEY.secret }),
      budget: parts.budget ?? createMemoryWindowBudget(),
      clock,
      logger: parts.logger ?? createSilentLogger(),
    },
    { restUrl },
  );
}

async function startServer(answer: (path: string) => unknown) {
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '';
    const body = path.startsWith('/fapi/v1/time') ? { serverTime: clock.nowMs() } : answer(path);
    if (body !== HELD) response.end(JSON.stringify(body));
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return {
    close,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => close(),
  };
}

test('a sweep over pages is metered page by page and stops before the venue has to refuse it (incident 26)', async () => {
  let pages = 0;
  await using server = await startServer(() => {
    pages += 1;
    return Array.from({ length: 1_000 }, (_, index) => ({
      symbol: 'DOGEUSDT',
      incomeType: 'COMMISSION',
      income: '-0.1',
      asset: 'USDT',
      time: pages * 1_000 + index,
      tranId: pages * 1_000 + index,
    }));
  });
  await using exchange = startClient(server.url);
  const swept = await exchange
    .readIncome(ACCOUNT, { sinceMs: 1 }, signal)
    .catch((error: unknown) => error);
  expect(swept).toBeInstanceOf(ExchangeThrottledError);
  // 2,160 of a minute are for ordinary work, a page weighs 30, and the time was asked for; a minute may turn meanwhile.
  expect(pages).toBeGreaterThan(60);
  expect(pages).toBeLessThanOrEqual(2 * 72);
});

test('an order is looked up again long before a list is given up: what the venue took may have no stop', async () => {
  await using server = await startServer((path) => (/\/order\?|\/balance/u.test(path) ? HELD : {}));
  await using exchange = startClient(server.url);
  const reference = {
    clientOrderId: id<ClientOrderId>('k-1'),
    symbol: id<SymbolName>('BTCUSDT'),
    isConditional: false,
  };
  const list = exchange.readBalance(ACCOUNT, signal).then(
    () => 'list',
    () => 'list',
  );
  const order = exchange.findOrder(ACCOUNT, reference, signal).catch((error: unknown) => error);
  expect(await Promise.race([order, list])).toBeInstanceOf(ExchangeUnreachableError);
  server.close();
  await list;
});

test('limits are what the venue publishes, whatever the documents say (incident 53)', async () => {
  await using server = await startServer(() => ({
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 2, limit: 777 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 30, limit: 55 },
    ],
    symbols: [],
  }));
  const budget = createMemoryWindowBudget();
  await using exchange = startClient(server.url, { budget });
  await exchange.readSymbols(signal);
  const nowMs = clock.nowMs();
  expect(await budget.read(ADDRESS_KEY, nowMs)).toMatchObject({
    weightMax: 777,
    windowMs: 120_000,
  });
  const orders = { provider: 'binance', scope: 'orders', id: ACCOUNT } as const;
  expect(await budget.read(orders, nowMs)).toMatchObject({ weightMax: 55, windowMs: 30_000 });
});

test('a request that went well leaves no line and no body behind (incident 37)', async () => {
  await using venue = await startSimulatedVenue({ accounts: [KEY], seed: 'lines', symbolCount: 2 });
  const lines: string[] = [];
  const write = (_fields: unknown, message: string): void => void lines.push(message);
  const logger: Logger = {
    ...createSilentLogger(),
    debug: write,
    info: write,
    warn: write,
    error: write,
  };
  await using exchange = startClient(venue.urls.rest, { logger });
  for (let count = 0; count < 50; count += 1) await exchange.readBalance(ACCOUNT, signal);
  expect(lines).toEqual([]);
});

test('openings that run at once all find hedge mode, and none takes it back (incident 39)', async () => {
  await using venue = await startSimulatedVenue({ accounts: [KEY], seed: 'mode', symbolCount: 2 });
  await using exchange = startClient(venue.urls.rest);
  await Promise.all(Array.from({ length: 8 }, () => exchange.ensureHedgeMode(ACCOUNT, signal)));
  expect(venue.runtime.venue.state.get('accounts', KEY.key)?.isHedge).toBe(true);
});

test('a burst from one address is held by its count, not by refusals (incident 28)', async () => {
  await using venue = await startSimulatedVenue({ accounts: [KEY], seed: 'burst', symbolCount: 2 });
  const budget = createMemoryWindowBudget();
  await using exchange = startClient(venue.urls.rest, { budget });
  await using neighbour = startClient(venue.urls.rest, { budget });
  const asked = await Promise.allSettled(
    Array.from({ length: 600 }, (_, index) =>
      (index % 2 === 0 ? exchange : neighbour).readBalance(ACCOUNT, signal),
    ),
  );
  const refused = asked.filter((each) => each.status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ reason }) => reason instanceof ExchangeThrottledError)).toBe(true);
  expect(venue.runtime.addressLimits.take(EGRESS, 0, clock.nowMs()).kind).toBe('granted');
});
