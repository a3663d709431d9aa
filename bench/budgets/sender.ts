/**
 * One process of a fleet, as far as limits are concerned: our client or our indicator adapter, always with more to do
 * than it may.
 *
 * Its orders come as one message; it ends when its parent lets go of it.
 */
import { createSystemClock, createSystemRandom, type Clock } from '#pkg/base';
import {
  createRedisLeasedBudget,
  createRedisWindowBudget,
  type LeasedBudget,
  type WindowBudget,
} from '#pkg/budgets';
import { createEgressGate } from '#pkg/egress';
import { id, type AccountId } from '#pkg/domain';
import { createBinanceExchange, ExchangeThrottledError, type Exchange } from '#pkg/exchange';
import { createSilentLogger } from '#pkg/observability';
import { connectRedis } from '#pkg/redis';

import { askIndicators } from './indicator-load.ts';
import { placeOrders } from './order-load.ts';
import { readAccounts } from './read-load.ts';

export interface SenderOrders {
  readonly load: 'reads' | 'orders' | 'indicators';
  readonly redisUrl: string;
  /** Senders with one prefix share their counts. */
  readonly prefix: string;
  readonly url: string;
  readonly addresses: readonly string[];
  readonly accounts: readonly { readonly key: string; readonly secret: string }[];
  /** How far this host's clock is off. */
  readonly skewMs: number;
  /** Share of answers whose headers get lost. */
  readonly headerLoss: number;
}

/** What a load works with. */
export interface LoadTools {
  readonly clock: Clock;
  readonly exchange: Exchange;
  readonly accounts: readonly AccountId[];
  /** Runs one job; a throttled one is left to others, and its slot takes the next a little later. */
  readonly attempt: (job: () => Promise<unknown>) => Promise<void>;
  readonly gate: ReturnType<typeof createEgressGate>;
}

/** A slot does not sleep out a whole minute over one job: it takes another one. */
const THROTTLED_REST_MS = 200;
const logger = createSilentLogger();
const random = createSystemRandom();

process.once('message', (orders: SenderOrders) => {
  start(orders);
  process.send?.('started');
});
process.once('disconnect', () => process.exit(0));

function start(orders: SenderOrders): void {
  const clock = skewed(createSystemClock(), orders.skewMs);
  const redis = connectRedis({ url: orders.redisUrl, name: 'bench', logger, mode: 'command' });
  if (orders.load === 'indicators') {
    const budget: LeasedBudget = createRedisLeasedBudget(
      { redis, clock, random, logger },
      { prefix: orders.prefix },
    );
    askIndicators({ budget, clock, url: orders.url });
    return;
  }
  const budget = losing(
    createRedisWindowBudget({ redis, clock, logger }, { prefix: orders.prefix }),
    orders.headerLoss,
  );
  for (const address of orders.addresses) {
    const tools = createTools(orders, { clock, budget, address });
    if (orders.load === 'reads') readAccounts(tools, random);
    else placeOrders(tools);
  }
}

function createTools(
  { accounts, url }: SenderOrders,
  parts: { readonly clock: Clock; readonly budget: WindowBudget; readonly address: string },
): LoadTools {
  const { clock, budget, address } = parts;
  const egress = { box: address, egressAddress: address, bindAddress: address };
  const secrets = new Map(accounts.map(({ key, secret }) => [key, secret]));
  const exchange = createBinanceExchange(
    {
      egress,
      budget,
      clock,
      logger,
      credentialsOf: async (accountId) => ({
        apiKey: accountId,
        apiSecret: secrets.get(accountId) ?? '',
      }),
    },
    { restUrl: url },
  );
  const attempt = async (job: () => Promise<unknown>): Promise<void> => {
    try {
      await job();
    } catch (error) {
      const waitMs =
        error instanceof ExchangeThrottledError ? error.retryAtMs - clock.nowMs() : 1_000;
      await clock.sleep(Math.min(Math.max(1, waitMs), THROTTLED_REST_MS + random.integer(50)));
    }
  };
  return {
    clock,
    exchange,
    attempt,
    accounts: accounts.map(({ key }) => id<AccountId>(key)),
    gate: createEgressGate({
      egress,
      budget,
      clock,
      logger,
      venueOffsetMs: () => exchange.clockOffsetMs(),
    }),
  };
}

function skewed(clock: Clock, byMs: number): Clock {
  return { ...clock, nowMs: () => clock.nowMs() + byMs };
}

/** Settles some answers as if they had carried no headers. */
function losing(budget: WindowBudget, share: number): WindowBudget {
  if (share === 0) return budget;
  return {
    ...budget,
    settle: (key, settlement) =>
      budget.settle(key, random.next() < share ? { ...settlement, usages: [] } : settlement),
  };
}
