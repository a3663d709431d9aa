/** Places one market order as a process of its own, and tells how far it is: `node frozen-sender-process.ts '<JSON>'`. */
import { writeSync } from 'node:fs';

import { createSystemClock } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import { quantity, type AccountId } from '#pkg/domain';
import type { OrderIntent } from '#pkg/exchange';
import { createSilentLogger } from '#pkg/observability';
import { createExchangeOver } from '../../pkg/exchange/binance/binance-exchange.ts';
import { createTransport, type Transport } from '../../pkg/exchange/binance/transport.ts';

export interface SenderOrders {
  readonly restUrl: string;
  readonly accountId: AccountId;
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string };
  readonly intent: Omit<OrderIntent, 'quantity'>;
  readonly quantity: string;
  readonly signableForMs: number;
  /** Where it tells and lingers, so that it can be stopped there. */
  readonly at: 'checked' | 'signed' | 'sent';
}

const LINGER_MS = 400;
const orders = JSON.parse(process.argv[2] ?? '{}') as SenderOrders;
const clock = createSystemClock();
let isTold = false;

/** Holds the thread as a stop between two lines would. */
function linger(at: SenderOrders['at']): void {
  if (orders.at !== at || isTold) return;
  isTold = true;
  writeSync(1, `${at}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LINGER_MS);
}

const inner = createTransport({
  url: orders.restUrl,
  bindAddress: '127.0.3.1',
  connectionsMax: 4,
  connectTimeoutMs: 3_000,
  answerTimeoutMs: 5_000,
});
const venue: Transport = {
  ...inner,
  send: async (request) => {
    if (!request.path.startsWith('/fapi/v1/order') || request.method !== 'POST') {
      return inner.send(request);
    }
    linger('signed');
    const answer = inner.send(request);
    // The venue delays its reply, so that the request is there and the reply is not.
    await clock.sleep(200);
    linger('sent');
    return answer;
  },
};
const exchange = createExchangeOver(
  { venue, wallet: undefined },
  {
    egress: { box: 'eos', egressAddress: '127.0.3.1', bindAddress: '127.0.3.1' },
    credentialsOf: async () => orders.credentials,
    budget: createMemoryWindowBudget(),
    clock,
    logger: createSilentLogger(),
  },
);
const { signal } = new AbortController();
const offsetMs = await exchange.readClockOffsetMs(signal);
const fence = {
  signableUntilMs: clock.nowMs() + offsetMs + orders.signableForMs,
  // What a worker believes by its own clock stays true here: time alone has to hold the order back.
  isOwned: () => {
    linger('checked');
    return true;
  },
};
const intent = { ...orders.intent, quantity: quantity(orders.quantity) } as OrderIntent;
try {
  const placement = await exchange.placeOrder(orders.accountId, intent, fence, signal);
  writeSync(1, `ended ${placement.kind}\n`);
} catch (error) {
  writeSync(1, `ended ${String(error)}\n`);
}
process.exit(0);
