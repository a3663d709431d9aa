/** What a person gets wrong about a venue, and the sentence that says what to change. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import { id, type AccountId } from '#pkg/domain';
import {
  createBinanceExchange,
  ExchangeAccountRefusedError,
  ExchangeProtocolError,
  ExchangeUnreachableError,
  type Exchange,
} from '#pkg/exchange';
import { makeSelfSigned, startSimulatedVenue } from '#pkg/exchange/simulated';
import { findFreePort } from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';

const ACCOUNT = id<AccountId>('main');
const EGRESS = '127.0.3.2';
const { signal } = new AbortController();

function startClient(restUrl: string, key: string, secret = `secret of ${key}`): Exchange {
  return createBinanceExchange(
    {
      egress: { box: 'eos', egressAddress: EGRESS, bindAddress: EGRESS },
      credentialsOf: async () => ({ apiKey: key, apiSecret: secret }),
      budget: createMemoryWindowBudget(),
      clock: createSystemClock(),
      logger: createSilentLogger(),
    },
    { restUrl, walletUrl: restUrl },
  );
}

describe('a key', () => {
  const startVenue = () =>
    startSimulatedVenue({
      seed: 'bad input',
      symbolCount: 2,
      accounts: [
        { key: 'fine', permissions: {} },
        { key: 'revoked', permissions: { isRevoked: true } },
        { key: 'spot-only', permissions: { futures: false } },
        { key: 'withdrawer', permissions: { withdrawals: true } },
        { key: 'elsewhere', permissions: {}, addresses: ['203.0.113.99'] },
      ].map((account) => ({ ...account, secret: `secret of ${account.key}`, balance: '1000' })),
    });

  test.for<[string, string, (exchange: Exchange) => Promise<unknown>, RegExp]>([
    [
      'unknown',
      'nobody',
      (exchange) => exchange.readBalance(ACCOUNT, signal),
      /unknown or revoked/u,
    ],
    ['revoked', 'revoked', (exchange) => exchange.readBalance(ACCOUNT, signal), /revoked/u],
    [
      'without the permission for futures',
      'spot-only',
      (exchange) => exchange.verifyKey(ACCOUNT, signal),
      /lacks the permission for futures; enable it/u,
    ],
    [
      'that may withdraw',
      'withdrawer',
      (exchange) => exchange.verifyKey(ACCOUNT, signal),
      /may withdraw; use one without that permission/u,
    ],
    [
      'that does not list the address',
      'elsewhere',
      (exchange) => exchange.readBalance(ACCOUNT, signal),
      /does not list the address 127\.0\.3\.2/u,
    ],
  ])('%s is refused with what to change', async ([, key, ask, words]) => {
    await using venue = await startVenue();
    await using exchange = startClient(venue.urls.rest, key);
    const asked = ask(exchange);
    await expect(asked).rejects.toBeInstanceOf(ExchangeAccountRefusedError);
    await expect(asked).rejects.toThrow(words);
  });

  test('with another key’s secret is refused as that', async () => {
    await using venue = await startVenue();
    await using exchange = startClient(venue.urls.rest, 'fine', 'something else');
    await expect(exchange.readBalance(ACCOUNT, signal)).rejects.toThrow(
      /secret is not the one of this API key/u,
    );
  });

  test('that may trade and may not withdraw passes, and is not asked about again at once', async () => {
    await using venue = await startVenue();
    await using exchange = startClient(venue.urls.rest, 'fine');
    await exchange.verifyKey(ACCOUNT, signal);
    await venue[Symbol.asyncDispose]();
    await expect(exchange.verifyKey(ACCOUNT, signal)).resolves.toBeUndefined();
  });
});

describe('a base URL', () => {
  test('with a path that the venue does not have is told from an answer of the venue', async () => {
    await using venue = await startSimulatedVenue({ accounts: [], seed: 'url', symbolCount: 2 });
    await using exchange = startClient(`${venue.urls.rest}/api/v9`, 'fine');
    const asked = exchange.readSymbols(signal);
    await expect(asked).rejects.toBeInstanceOf(ExchangeProtocolError);
    await expect(asked).rejects.toThrow(/check the URL of the venue/u);
  });

  test('whose name nobody knows is unreachable, and says that it is the name', async () => {
    await using exchange = startClient('https://venue.invalid', 'fine');
    const asked = exchange.readSymbols(signal);
    await expect(asked).rejects.toBeInstanceOf(ExchangeUnreachableError);
    await expect(asked).rejects.toThrow(/name is not known here/u);
  });

  test('where nothing listens says so', async () => {
    await using exchange = startClient(
      `http://127.0.0.1:${await findFreePort('127.0.0.1')}`,
      'fine',
    );
    await expect(exchange.readSymbols(signal)).rejects.toThrow(/nothing listens at its address/u);
  });

  test('whose certificate nobody vouches for is unreachable, and nothing was sent', async () => {
    const requests: string[] = [];
    const { chain, privateKey } = makeSelfSigned(['127.0.0.1'], {
      days: 2,
      nowMs: createSystemClock().nowMs(),
    });
    const server = createServer({ key: privateKey, cert: chain }, (request, response) => {
      requests.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    await using exchange = startClient(`https://127.0.0.1:${port}`, 'fine');
    const asked = exchange.readSymbols(signal);
    await expect(asked).rejects.toBeInstanceOf(ExchangeUnreachableError);
    await expect(asked).rejects.toThrow(/certificate is not trusted/u);
    expect(requests).toEqual([]);
    server.closeAllConnections();
    server.close();
  });

  test('of TLS where plain HTTP answers says so', async () => {
    await using venue = await startSimulatedVenue({ accounts: [], seed: 'url', symbolCount: 2 });
    await using exchange = startClient(venue.urls.rest.replace('http:', 'https:'), 'fine');
    await expect(exchange.readSymbols(signal)).rejects.toThrow(/does not speak TLS/u);
  });
});
