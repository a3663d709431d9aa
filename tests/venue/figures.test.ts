/** The profit of an account against the ledger of the simulated venue, over real sockets. */
import { expect, test } from 'vitest';

import { createSystemClock, Decimal } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import { id, quantity, type AccountId, type ClientOrderId, type SymbolName } from '#pkg/domain';
import { createBinanceExchange } from '#pkg/exchange';
import { createSilentLogger } from '#pkg/observability';
import { startSimulatedVenue } from '../../pkg/exchange/simulated/index.ts';
import { ledgerSinceMs, profitOf, updateLedger } from '../../pkg/figures/ledger.ts';
import { openFence } from '../conformance/exchange.ts';

const ACCOUNT = id<AccountId>('main');
const SYMBOL = id<SymbolName>('DOGEUSDT');
const CREDENTIALS = { apiKey: 'key-of-main', apiSecret: 'secret-of-main' };
const { signal } = new AbortController();

test('profit is the sum of the ledger to its last digit and the change of the wallet, and the deposit is none of it (incident 50)', async () => {
  const { apiKey: key, apiSecret: secret } = CREDENTIALS;
  const accounts = [{ key, secret, balance: '10000' }];
  await using venue = await startSimulatedVenue({ accounts, seed: 'figures' });
  const clock = createSystemClock();
  await using exchange = createBinanceExchange(
    {
      egress: { box: 'eos', egressAddress: '127.0.3.1', bindAddress: '127.0.3.1' },
      credentialsOf: async () => CREDENTIALS,
      budget: createMemoryWindowBudget(),
      clock,
      logger: createSilentLogger(),
      identity: undefined,
    },
    { restUrl: venue.urls.rest },
  );
  await exchange.ensureHedgeMode(ACCOUNT, signal);
  const trade = (round: number, side: 'BUY' | 'SELL') =>
    exchange.placeOrder(
      ACCOUNT,
      {
        kind: 'market',
        clientOrderId: id<ClientOrderId>(`figures-${round}-${side}`),
        symbol: SYMBOL,
        side,
        direction: 'long',
        quantity: quantity(200 + round),
        isClosing: side === 'SELL',
      },
      openFence(),
      signal,
    );
  for (let round = 0; round < 4; round += 1) {
    expect(await trade(round, 'BUY')).toMatchObject({ kind: 'accepted' });
    expect(await trade(round, 'SELL')).toMatchObject({ kind: 'accepted' });
  }
  const nowMs = clock.nowMs() + (await exchange.readClockOffsetMs(signal));
  const sinceMs = ledgerSinceMs(undefined, nowMs);
  const incomes = await exchange.readIncome(ACCOUNT, { sinceMs }, signal);
  const { walletUsdt } = await exchange.readBalance(ACCOUNT, signal);
  const { days } = updateLedger(undefined, incomes, {
    sinceMs,
    nowMs,
    walletUsdt: walletUsdt.toFixed(),
  });
  const profit = days.reduce((sum, day) => sum.plus(profitOf(day)), new Decimal(0));
  expect(profit.isZero()).toBe(false);
  const booked = incomes
    .filter(({ kind }) => kind !== 'TRANSFER')
    .reduce((sum, { amount }) => sum.plus(amount), new Decimal(0));
  expect(profit.toFixed()).toBe(booked.toFixed());
  // The venue shows each booking, and the wallet, with eight digits of its own rounding.
  const rounding = new Decimal('0.00000001').mul(incomes.length);
  expect(profit.minus(walletUsdt.minus(10_000)).abs().lte(rounding)).toBe(true);
  expect(days.at(-1)).toMatchObject({ transfers: '10000', walletUsdt: walletUsdt.toFixed() });
});
