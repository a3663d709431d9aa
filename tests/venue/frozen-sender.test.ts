/**
 * A process that is stopped (SIGSTOP) while it sends an order, and goes on after another run did its work.
 *
 * The other run acts as `sendOrder` does: it looks the order up, takes "not found" for final only when nothing that was
 * signed can arrive any more, and sends then. Market orders: the venue forgets a filled id, and would fill it twice.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import { id, quantity, type AccountId, type ClientOrderId, type SymbolName } from '#pkg/domain';
import {
  createBinanceExchange,
  ORDER_RECV_WINDOW_MS,
  VENUE_CLOCK_BOUND_MS,
  type Exchange,
} from '#pkg/exchange';
import {
  createVenueAdmin,
  startSimulatedVenue,
  type SimulatedVenue,
} from '#pkg/exchange/simulated';
import { createSilentLogger } from '#pkg/observability';
import { openFence } from '../conformance/exchange.ts';
import type { SenderOrders } from './frozen-sender-process.ts';

const SENDER = new URL('frozen-sender-process.ts', import.meta.url).pathname;
const ACCOUNT = id<AccountId>('main');
const SYMBOL = id<SymbolName>('DOGEUSDT');
const CREDENTIALS = { apiKey: 'key-of-main', apiSecret: 'secret-of-main' };
const SIGNABLE_MS = 1_000;
const REPLY_DELAY_MS = 1_500;
const clock = createSystemClock();
const { signal } = new AbortController();
let venue: SimulatedVenue;
let exchange: Exchange;

beforeAll(async () => {
  const { apiKey: key, apiSecret: secret } = CREDENTIALS;
  venue = await startSimulatedVenue({
    accounts: [{ key, secret, balance: '10000' }],
    seed: 'frozen',
  });
  exchange = createBinanceExchange(
    {
      egress: { box: 'iris', egressAddress: '127.0.3.2', bindAddress: '127.0.3.2' },
      credentialsOf: async () => CREDENTIALS,
      budget: createMemoryWindowBudget(),
      clock,
      logger: createSilentLogger(),
    },
    { restUrl: venue.urls.rest },
  );
  await exchange.ensureHedgeMode(ACCOUNT, signal);
});
afterAll(async () => {
  await exchange[Symbol.asyncDispose]();
  await venue[Symbol.asyncDispose]();
});

async function heldQuantity(): Promise<string> {
  const positions = await exchange.readPositions(ACCOUNT, { symbol: SYMBOL }, signal);
  return positions.find(({ direction }) => direction === 'long')?.quantity.toFixed() ?? '0';
}

test.each([
  ['between its check and the signature', 'checked'],
  ['between the signature and the sending', 'signed'],
  ['between the sending and the reply', 'sent'],
] as const)(
  'stopped %s, the order is filled once',
  async (_name, at) => {
    const before = Number(await heldQuantity());
    if (at === 'sent') {
      await createVenueAdmin(venue.urls.admin).order({
        delayReplies: { endpoint: 'POST /fapi/v1/order', count: 1, ms: REPLY_DELAY_MS },
      });
    }
    const clientOrderId = id<ClientOrderId>(`frozen-${at}`);
    const intent = {
      kind: 'market' as const,
      clientOrderId,
      symbol: SYMBOL,
      side: 'BUY' as const,
      direction: 'long' as const,
      isClosing: false,
    };
    const orders: SenderOrders = {
      restUrl: venue.urls.rest,
      accountId: ACCOUNT,
      credentials: CREDENTIALS,
      intent,
      quantity: '200',
      signableForMs: SIGNABLE_MS,
      at,
    };
    const child = spawn(process.execPath, [SENDER, JSON.stringify(orders)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe(at);
      child.kill('SIGSTOP');
      // Signed before now, if at all: what is signed later the fence holds back.
      await clock.sleep(SIGNABLE_MS + ORDER_RECV_WINDOW_MS + VENUE_CLOCK_BOUND_MS);
      const reference = { symbol: SYMBOL, clientOrderId, isConditional: false };
      const found = await exchange.findOrder(ACCOUNT, reference, signal);
      expect(found === undefined).toBe(at !== 'sent');
      if (found === undefined) {
        const placed = await exchange.placeOrder(
          ACCOUNT,
          { ...intent, quantity: quantity('200') },
          openFence(),
          signal,
        );
        expect(placed.kind).toBe('accepted');
      }
      child.kill('SIGCONT');
      expect((await lines.next()).value).toMatch(/^ended /);
      await exited;
      expect(Number(await heldQuantity()) - before).toBe(200);
    } finally {
      child.kill('SIGKILL');
    }
  },
  30_000,
);
