/** Our client against the simulated venue over real sockets: the port's contract, then what only the wire shows. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import { createSystemClock, type Clock } from '#pkg/base';
import { createMemoryWindowBudget, type WindowBudget } from '#pkg/budgets';
import { id, quantity, type AccountId, type SymbolName } from '#pkg/domain';
import {
  createBinanceExchange,
  ExchangeAccountRefusedError,
  ExchangeProtocolError,
  ExchangeThrottledError,
  ExchangeUnreachableError,
  type Exchange,
} from '#pkg/exchange';
import { createSilentLogger } from '#pkg/observability';
import {
  startSimulatedVenue,
  type FaultRequest,
  type SimulatedVenue,
} from '../../pkg/exchange/simulated/index.ts';

import { exchangeConformance, openFence, type ExchangeUnderTest } from '../conformance/exchange.ts';

const ACCOUNT = id<AccountId>('main');
const SYMBOL = id<SymbolName>('DOGEUSDT');
const CREDENTIALS = { apiKey: 'key-of-main', apiSecret: 'secret-of-main' };
const PLACEMENT = { endpoint: 'POST /fapi/v1/order', count: 1 };
const { signal } = new AbortController();
const logger = createSilentLogger();

interface ClientOptions {
  readonly restUrl: string;
  readonly clock?: Clock;
  readonly budget?: WindowBudget;
  readonly apiSecret?: string;
  readonly apiKey?: string;
  readonly bindAddress?: string;
  /** The same unless given: nothing maps the source here. */
  readonly egressAddress?: string;
  readonly identity?: { accuse(seenAddress: string): void };
  readonly onUnavailable?: () => void;
}

function startClient(options: ClientOptions): Exchange {
  const bindAddress = options.bindAddress ?? '127.0.3.1';
  return createBinanceExchange(
    {
      egress: {
        box: 'eos',
        egressAddress: options.egressAddress ?? bindAddress,
        bindAddress,
      },
      credentialsOf: async () => ({
        apiKey: options.apiKey ?? CREDENTIALS.apiKey,
        apiSecret: options.apiSecret ?? CREDENTIALS.apiSecret,
      }),
      budget: options.budget ?? createMemoryWindowBudget(),
      clock: options.clock ?? createSystemClock(),
      logger,
      identity: options.identity,
      ...(options.onUnavailable === undefined ? {} : { onUnavailable: options.onUnavailable }),
    },
    { restUrl: options.restUrl },
  );
}

function startVenue(): Promise<SimulatedVenue> {
  const { apiKey: key, apiSecret: secret } = CREDENTIALS;
  return startSimulatedVenue({ accounts: [{ key, secret, balance: '10000' }], seed: 'client' });
}

async function startUnderTest(): Promise<ExchangeUnderTest> {
  const venue = await startVenue();
  const exchange = startClient({ restUrl: venue.urls.rest });
  const { faults } = venue.runtime;
  return {
    exchange,
    accountId: ACCOUNT,
    loseNextPlacementReply: () => faults.loseReplies(PLACEMENT),
    loseNextPlacement: () => faults.loseRequests(PLACEMENT),
    answerNextPlacementUnknown: () =>
      faults.answerWith({ ...PLACEMENT, answer: 'unknown503', executed: true }),
    [Symbol.asyncDispose]: async () => {
      await exchange[Symbol.asyncDispose]();
      await venue[Symbol.asyncDispose]();
    },
  };
}

exchangeConformance('Binance adapter on the simulated venue', startUnderTest);

/** A clock that is `offMs` away from this machine's, as a badly kept host's would be. */
function skewedClock(offMs: number): Clock {
  const clock = createSystemClock();
  return { ...clock, nowMs: () => clock.nowMs() + offMs };
}

function intent(clientOrderId: string) {
  return {
    kind: 'market' as const,
    clientOrderId: id<Parameters<Exchange['placeOrder']>[1]['clientOrderId']>(clientOrderId),
    symbol: SYMBOL,
    side: 'BUY' as const,
    direction: 'long' as const,
    quantity: quantity(200),
    isClosing: false,
  };
}

/** Serves one answer to everything, as a proxy in between would. */
async function startProxy(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

describe('the client on the wire', () => {
  test.for([-90_000, 90_000])(
    'a host that is %i ms off signs what the venue accepts',
    async (offMs) => {
      await using venue = await startVenue();
      await using exchange = startClient({ restUrl: venue.urls.rest, clock: skewedClock(offMs) });
      const balance = await exchange.readBalance(ACCOUNT, signal);
      expect(balance.walletUsdt.toFixed()).toBe('10000');
      expect(Math.abs((await exchange.readClockOffsetMs(signal)) + offMs)).toBeLessThan(250);
    },
  );

  test('every request is counted for the address that it left from', async () => {
    await using venue = await startVenue();
    const budget = createMemoryWindowBudget();
    await using exchange = startClient({
      restUrl: venue.urls.rest,
      budget,
      bindAddress: '127.0.4.1',
    });
    await exchange.readIncome(ACCOUNT, { sinceMs: 0 }, signal);
    const key = { provider: 'binance', scope: 'address', id: '127.0.4.1' } as const;
    const nowMs = createSystemClock().nowMs();
    const reading = await budget.read(key, nowMs);
    const { usedWeight } = venue.runtime.addressLimits.take('127.0.4.1', 0, nowMs);
    // An income, and as many samples of the time as it took.
    expect(usedWeight).toBeGreaterThanOrEqual(32);
    expect(reading.weightUsed).toBe(usedWeight);
  });

  test('a 429 is a wait until the venue says so, and the next request is not even sent', async () => {
    await using venue = await startVenue();
    await using exchange = startClient({ restUrl: venue.urls.rest });
    await exchange.readClockOffsetMs(signal);
    // Somebody else on this address uses the minute up.
    const nowMs = createSystemClock().nowMs();
    const { usedWeight } = venue.runtime.addressLimits.take('127.0.3.1', 2_400, nowMs);
    const first = await exchange.readBalance(ACCOUNT, signal).catch((error: unknown) => error);
    const second = await exchange.readBalance(ACCOUNT, signal).catch((error: unknown) => error);
    expect(first).toBeInstanceOf(ExchangeThrottledError);
    expect(second).toBeInstanceOf(ExchangeThrottledError);
    if (!(first instanceof ExchangeThrottledError)) return;
    expect(first.reason).toBe('AddressBudgetSpent');
    expect(first.retryAtMs - nowMs).toBeGreaterThan(0);
    expect(first.retryAtMs - nowMs).toBeLessThanOrEqual(61_000);
    expect(venue.runtime.addressLimits.take('127.0.3.1', 0, nowMs).usedWeight).toBe(usedWeight + 5);
  });

  test('a banned address throws with its end for orders too, and nothing is placed', async () => {
    await using venue = await startVenue();
    await using exchange = startClient({ restUrl: venue.urls.rest });
    await exchange.readClockOffsetMs(signal);
    const nowMs = createSystemClock().nowMs();
    venue.runtime.addressLimits.ban('127.0.3.1', nowMs + 300_000);
    const thrown = await exchange
      .placeOrder(ACCOUNT, intent('banned-1'), openFence(), signal)
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ExchangeThrottledError);
    if (!(thrown instanceof ExchangeThrottledError)) return;
    expect(thrown.reason).toBe('AddressBanned');
    expect(Math.abs(thrown.retryAtMs - nowMs - 300_000)).toBeLessThan(2_000);
  });

  test('each answer by which the venue says that it cannot serve is told, and no other refusal is', async () => {
    await using venue = await startVenue();
    let told = 0;
    await using exchange = startClient({
      restUrl: venue.urls.rest,
      onUnavailable: () => {
        told += 1;
      },
    });
    const placeUnder = async (order: FaultRequest): Promise<number> => {
      venue.runtime.faults.order(order);
      const before = told;
      await exchange.placeOrder(ACCOUNT, intent('cooling'), openFence(), signal).catch(() => 0);
      return told - before;
    };
    const refuse = { ...PLACEMENT, code: -4118, msg: 'ReduceOnly Order Failed.' };
    const answer = (kind: 'busy' | 'unknown503') => ({ answer: { ...PLACEMENT, kind } });
    expect(await placeUnder({ refuse })).toBe(0);
    expect(await placeUnder({ refuse: { ...refuse, status: 504 } })).toBe(1);
    expect(await placeUnder(answer('busy'))).toBe(1);
    expect(await placeUnder(answer('unknown503'))).toBe(1);
  });

  test('a wrong secret and an unknown key are the account refused', async () => {
    await using venue = await startVenue();
    await using badSecret = startClient({ restUrl: venue.urls.rest, apiSecret: 'wrong' });
    await using badKey = startClient({ restUrl: venue.urls.rest, apiKey: 'nobody' });
    for (const exchange of [badSecret, badKey]) {
      await expect(exchange.readBalance(ACCOUNT, signal)).rejects.toBeInstanceOf(
        ExchangeAccountRefusedError,
      );
      await expect(
        exchange.placeOrder(ACCOUNT, intent('refused-1'), openFence(), signal),
      ).rejects.toBeInstanceOf(ExchangeAccountRefusedError);
    }
  });

  test('a key that is refused because of the address is the box, not the account', async () => {
    await using venue = await startVenue();
    const seen: string[] = [];
    await using exchange = startClient({
      restUrl: venue.urls.rest,
      apiKey: 'nobody',
      egressAddress: '203.0.113.13',
      identity: { accuse: (address) => seen.push(address) },
    });
    const asked = exchange.readBalance(ACCOUNT, signal);
    await expect(asked).rejects.toMatchObject({ reason: 'EgressIdentityMismatch' });
    await expect(asked).rejects.toBeInstanceOf(ExchangeThrottledError);
    expect(seen).toEqual(['127.0.3.1']);
  });

  test('an order that reaches the venue after its window is refused there and not placed', async () => {
    await using venue = await startVenue();
    await using exchange = startClient({ restUrl: venue.urls.rest });
    await exchange.ensureHedgeMode(ACCOUNT, signal);
    venue.runtime.faults.setLatencyMs(1_600);
    const thrown = await exchange
      .placeOrder(ACCOUNT, intent('late-1'), openFence(), signal)
      .catch((error: unknown) => error);
    venue.runtime.faults.setLatencyMs(0);
    expect(thrown).toMatchObject({ code: 'EXCHANGE_THROTTLED', reason: 'VenueClockRefused' });
    const reference = {
      symbol: SYMBOL,
      clientOrderId: intent('late-1').clientOrderId,
      isConditional: false,
    };
    expect(await exchange.findOrder(ACCOUNT, reference, signal)).toBeUndefined();
  });

  test('a busy venue is a wait; an outage without an answer is unknown for orders, unreachable for reads', async () => {
    await using venue = await startVenue();
    await using exchange = startClient({ restUrl: venue.urls.rest });
    const { faults } = venue.runtime;
    faults.answerWith({ ...PLACEMENT, answer: 'busy', executed: false });
    await expect(
      exchange.placeOrder(ACCOUNT, intent('busy-1'), openFence(), signal),
    ).rejects.toMatchObject({ reason: 'VenueBusy' });
    faults.answerWith({ ...PLACEMENT, answer: 'refused503', executed: false });
    await expect(
      exchange.placeOrder(ACCOUNT, intent('busy-2'), openFence(), signal),
    ).rejects.toMatchObject({ reason: 'VenueBusy' });
    faults.answerWith({ ...PLACEMENT, answer: 'timeout', executed: false });
    expect(await exchange.placeOrder(ACCOUNT, intent('busy-3'), openFence(), signal)).toMatchObject(
      { kind: 'unknown' },
    );
    faults.answerWith({
      endpoint: 'GET /fapi/v3/balance',
      count: 1,
      answer: 'unknown503',
      executed: false,
    });
    await expect(exchange.readBalance(ACCOUNT, signal)).rejects.toBeInstanceOf(
      ExchangeUnreachableError,
    );
  });

  test('a proxy that answers with a page is a protocol error, and an order behind it is unknown', async () => {
    await using proxy = await startProxy((request, response) => {
      if (request.url?.startsWith('/fapi/v1/time') === true) {
        response.end(JSON.stringify({ serverTime: createSystemClock().nowMs() }));
        return;
      }
      response.setHeader('content-type', 'text/html');
      response.end('<html><body>Sign in to the hotel network</body></html>');
    });
    await using exchange = startClient({ restUrl: proxy.url });
    await expect(exchange.readSymbols(signal)).rejects.toBeInstanceOf(ExchangeProtocolError);
    expect(await exchange.placeOrder(ACCOUNT, intent('page-1'), openFence(), signal)).toMatchObject(
      { kind: 'unknown' },
    );
  });

  test('an answer that lacks a field names it', async () => {
    await using proxy = await startProxy((request, response) => {
      const body =
        request.url?.startsWith('/fapi/v1/time') === true
          ? { serverTime: createSystemClock().nowMs() }
          : [{ asset: 'USDT', balance: '1' }];
      response.end(JSON.stringify(body));
    });
    await using exchange = startClient({ restUrl: proxy.url });
    await expect(exchange.readBalance(ACCOUNT, signal)).rejects.toThrow(/availableBalance/u);
  });

  test('a refused connection sent nothing: orders are not-sent, reads unreachable', async () => {
    const proxy = await startProxy((_request, response) => response.end());
    const { url } = proxy;
    await proxy[Symbol.asyncDispose]();
    await using exchange = startClient({ restUrl: url });
    expect(await exchange.placeOrder(ACCOUNT, intent('down-1'), openFence(), signal)).toEqual({
      kind: 'not-sent',
      why: 'NotConnected',
    });
    await expect(exchange.readSymbols(signal)).rejects.toBeInstanceOf(ExchangeUnreachableError);
  });
});
