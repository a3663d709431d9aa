/** A key as the venue sees it from several addresses: the cells of the table account × address. */
import { expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import { id, type AccountId } from '#pkg/domain';
import { createBinanceExchange, type Exchange, type KeyReport } from '#pkg/exchange';
import { createVenueAdmin, startSimulatedVenue } from '#pkg/exchange/simulated';
import { createSilentLogger } from '#pkg/observability';

const ACCOUNT = id<AccountId>('main');
const { signal } = new AbortController();

function startClient(
  address: string,
  restUrl: string,
  credentials: { readonly apiKey: string; readonly apiSecret: string },
): Exchange {
  return createBinanceExchange(
    {
      egress: { box: 'eos', egressAddress: address, bindAddress: address },
      credentialsOf: async () => credentials,
      budget: createMemoryWindowBudget(),
      clock: createSystemClock(),
      logger: createSilentLogger(),
    },
    { restUrl, walletUrl: restUrl },
  );
}

const startVenue = () =>
  startSimulatedVenue({
    seed: 'key checks',
    symbolCount: 2,
    accounts: [],
  });

async function read(exchange: Exchange): Promise<KeyReport> {
  await using asked = exchange;
  const report = await asked.readKey(ACCOUNT, signal);
  return report;
}

test('a key works from the addresses that it lists and is refused from another', async () => {
  await using venue = await startVenue();
  const admin = createVenueAdmin(venue.urls.admin);
  await admin.register({
    key: 'listed',
    secret: 'secret',
    balance: '100',
    addresses: ['127.0.3.2'],
  });
  const credentials = { apiKey: 'listed', apiSecret: 'secret' };
  const { rest } = venue.urls;

  expect(await read(startClient('127.0.3.2', rest, credentials))).toEqual({
    kind: 'usable',
    isBoundToAddresses: true,
    pairs: [],
  });
  expect(await read(startClient('127.0.3.3', rest, credentials))).toMatchObject({
    kind: 'refused',
    reason: 'ApiKeyOrAddressRefused',
  });

  await admin.register({ key: 'listed', secret: 'secret', balance: '100', addresses: [] });
  expect(await read(startClient('127.0.3.3', rest, credentials))).toEqual({
    kind: 'usable',
    isBoundToAddresses: false,
    pairs: [],
  });
});

test.for<[string, object, string, string]>([
  ['that may withdraw', { withdrawals: true }, 'secret', 'KeyMayWithdraw'],
  ['without futures', { futures: false }, 'secret', 'KeyLacksFutures'],
  ['that was revoked', { isRevoked: true }, 'secret', 'ApiKeyOrAddressRefused'],
  ['with another secret', {}, 'another', 'ApiSecretWrong'],
])('a key %s is refused for that', async ([, permissions, apiSecret, reason]) => {
  await using venue = await startVenue();
  const admin = createVenueAdmin(venue.urls.admin);
  await admin.register({ key: 'key', secret: 'secret', balance: '100', permissions });
  const client = startClient('127.0.3.2', venue.urls.rest, { apiKey: 'key', apiSecret });
  expect(await read(client)).toMatchObject({ kind: 'refused', reason });
});

test('the admin port takes no account without a secret, and never repeats one', async () => {
  await using venue = await startVenue();
  const admin = createVenueAdmin(venue.urls.admin);
  const wrong = { key: 'key', secret: 'very secret', balance: 'much' };
  await expect(admin.register(wrong)).rejects.toThrow(/balance/u);
  await expect(admin.register(wrong)).rejects.not.toThrow(/very secret/u);
});
