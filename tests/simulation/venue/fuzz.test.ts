/**
 * Whatever an answer or a frame says, the client returns a value or one of its own errors.
 *
 * `KRAITE_FUZZ=1000000 npx vitest run --project simulation tests/simulation/venue/fuzz.test.ts` mutates as often as one
 * likes; `KRAITE_SEED` takes another sequence.
 */
import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { createManualClock, createSeededRandom, toError, type Random } from '#pkg/base';
import { createMemoryWindowBudget, type WindowBudget } from '#pkg/budgets';
import {
  id,
  price,
  quantity,
  type AccountId,
  type ClientOrderId,
  type SymbolName,
} from '#pkg/domain';
import {
  decodeMarkTicks,
  decodeUserFrame,
  ExchangeAccountRefusedError,
  ExchangeProtocolError,
  ExchangeRejectedError,
  ExchangeThrottledError,
  ExchangeUnreachableError,
  type Exchange,
  type OrderIntent,
} from '#pkg/exchange';
import { createSilentLogger } from '#pkg/observability';

import { createExchangeOver } from '../../../pkg/exchange/binance/binance-exchange.ts';
import type { Transport, TransportResult } from '../../../pkg/exchange/binance/transport.ts';
import { passTime } from '../kube/virtual-time.ts';
import { createFaultyWire } from './faulty-wire.ts';
import { mutateText } from './mutate-text.ts';

const WANTED = Number(process.env['KRAITE_FUZZ'] ?? 10_000);
const SEED = process.env['KRAITE_SEED'] ?? 'fuzz';
const TIMEOUT_MS = 3_600_000;
const ACCOUNT = id<AccountId>('main');
const SYMBOL = id<SymbolName>('DOGEUSDT');
const FENCE = { signableUntilMs: Number.MAX_SAFE_INTEGER, isOwned: () => true };
const STATUSES = [
  200, 200, 200, 200, 400, 401, 403, 404, 408, 418, 429, 500, 502, 503, 504,
] as const;
const OURS = [
  ExchangeAccountRefusedError,
  ExchangeProtocolError,
  ExchangeRejectedError,
  ExchangeThrottledError,
  ExchangeUnreachableError,
];
const { signal } = new AbortController();
const orderId = (text: string): ClientOrderId => id<ClientOrderId>(text);

function intent(kind: 'market' | 'limit' | 'stop'): OrderIntent {
  const base = {
    clientOrderId: orderId(`fuzz-${kind}`),
    symbol: SYMBOL,
    side: kind === 'stop' ? 'SELL' : 'BUY',
    direction: 'long',
  } as const;
  if (kind === 'stop') return { ...base, kind, triggerPrice: price('0.1') };
  const common = { ...base, quantity: quantity(300), isClosing: false };
  return kind === 'limit' ? { ...common, kind, price: price('0.148') } : { ...common, kind };
}

const reference = (kind: 'limit' | 'stop') => ({
  symbol: SYMBOL,
  clientOrderId: orderId(`fuzz-${kind}`),
  isConditional: kind === 'stop',
});

/** Every method of the port, in an order in which each gets an answer with something in it. */
const CALLS: readonly ((exchange: Exchange) => Promise<unknown>)[] = [
  (exchange) => exchange.readSymbols(signal),
  (exchange) => exchange.verifyKey(ACCOUNT, signal),
  (exchange) => exchange.ensureHedgeMode(ACCOUNT, signal),
  (exchange) => exchange.ensureCrossMargin(ACCOUNT, SYMBOL, signal),
  (exchange) => exchange.setLeverage(ACCOUNT, SYMBOL, 10, signal),
  (exchange) => exchange.readLeverageBrackets(ACCOUNT, signal),
  (exchange) => exchange.readCandles(SYMBOL, '1h', 3, signal),
  (exchange) => exchange.readMarkPrice(SYMBOL, signal),
  (exchange) => exchange.placeOrder(ACCOUNT, intent('market'), FENCE, signal),
  (exchange) => exchange.placeOrder(ACCOUNT, intent('limit'), FENCE, signal),
  (exchange) => exchange.placeOrder(ACCOUNT, intent('stop'), FENCE, signal),
  (exchange) =>
    exchange.modifyOrder(
      ACCOUNT,
      {
        symbol: SYMBOL,
        side: 'BUY',
        clientOrderId: orderId('fuzz-limit'),
        price: price('0.147'),
        quantity: quantity(310),
      },
      FENCE,
      signal,
    ),
  (exchange) => exchange.readBalance(ACCOUNT, signal),
  (exchange) => exchange.readPositions(ACCOUNT, {}, signal),
  (exchange) => exchange.readOpenOrders(ACCOUNT, {}, signal),
  (exchange) =>
    exchange.readTrades(ACCOUNT, { symbol: SYMBOL, sinceMs: Date.UTC(2026, 6, 1) }, signal),
  (exchange) => exchange.readIncome(ACCOUNT, { sinceMs: Date.UTC(2026, 6, 1) }, signal),
  (exchange) => exchange.findOrder(ACCOUNT, reference('limit'), signal),
  (exchange) => exchange.findOrder(ACCOUNT, reference('stop'), signal),
  (exchange) => exchange.openUserStream(ACCOUNT, signal),
  (exchange) => exchange.extendUserStream(ACCOUNT, signal),
  (exchange) => exchange.cancelOrder(ACCOUNT, reference('stop'), signal),
];

function createExchange(transport: Transport, budget: WindowBudget): Exchange {
  return createExchangeOver(
    { venue: transport, wallet: transport },
    {
      egress: { box: 'eos', egressAddress: '203.0.113.13', bindAddress: undefined },
      credentialsOf: async () => ({ apiKey: 'main', apiSecret: 'secret' }),
      budget,
      clock: createManualClock(Date.UTC(2026, 6, 1)),
      logger: createSilentLogger(),
    },
  );
}

/** Asks the simulated venue everything once; returns its answers by the call that got them. */
async function recordAnswers(): Promise<readonly string[][]> {
  const clock = createManualClock(Date.UTC(2026, 6, 1));
  const wire = createFaultyWire(
    { clock, random: createSeededRandom('calm'), onDeath: () => undefined },
    [{ key: 'main', secret: 'secret', balance: '10000' }],
  );
  wire.calm(true);
  const answers: string[][] = CALLS.map(() => []);
  let current = 0;
  const recording: Transport = {
    send: async (request) => {
      const sent = wire.send(request);
      await passTime(clock, 5_000);
      const result = await sent;
      if (result.kind === 'answered' && !request.path.startsWith('/fapi/v1/time')) {
        answers[current]?.push(result.text);
      }
      return result;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const exchange = createExchangeOver(
    { venue: recording, wallet: recording },
    {
      egress: { box: 'eos', egressAddress: '203.0.113.13', bindAddress: undefined },
      credentialsOf: async () => ({ apiKey: 'main', apiSecret: 'secret' }),
      budget: createMemoryWindowBudget(),
      // Stands still while answers travel, so that no trip looks long.
      clock: { ...clock, monotonicMs: () => 0, nowMs: () => clock.nowMs() },
      logger: createSilentLogger(),
    },
  );
  for (; current < CALLS.length; current += 1) await CALLS[current]?.(exchange).catch(toError);
  return answers;
}

/** Answers with mutated texts, but for the time, which is mutated as seldom as any other answer. */
function createMutatingWire(random: Random) {
  const state = { answers: [] as readonly string[], mutatesTime: false };
  const wire: Transport = {
    send: async ({ path }): Promise<TransportResult> => {
      const isTime = path.startsWith('/fapi/v1/time');
      const time = JSON.stringify({ serverTime: Date.UTC(2026, 6, 1) });
      if (isTime && !state.mutatesTime) {
        return { kind: 'answered', status: 200, text: time, headers: {} };
      }
      const text = isTime ? time : (state.answers[random.integer(state.answers.length)] ?? '{}');
      const status = STATUSES[random.integer(STATUSES.length)] ?? 200;
      const isRefusal = status !== 200 && random.integer(2) === 0;
      const refusal = JSON.stringify({
        code: -random.integer(6_000),
        msg: 'IP banned until 1795460000123',
      });
      return {
        kind: 'answered',
        status,
        text: mutateText(isRefusal ? refusal : text, random),
        headers: {
          'retry-after': mutateText('7', random),
          'x-mbx-used-weight-1m': mutateText('12', random),
        },
      };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { wire, state };
}

const granting: WindowBudget = {
  reserve: async () => ({ kind: 'granted', ticket: 0 }),
  settle: async () => undefined,
  block: async () => undefined,
  setLimits: async () => undefined,
  read: async () => ({ weightUsed: 0, weightMax: 1, windowMs: 1, blockedUntilMs: undefined }),
};

function isOurs(error: unknown): boolean {
  return OURS.some((kind) => error instanceof kind);
}

test('a mutated answer is a value or an error of ours', { timeout: TIMEOUT_MS }, async () => {
  const answers = await recordAnswers();
  expect(answers.filter((texts) => texts.length === 0)).toEqual([]);
  const random = createSeededRandom(SEED);
  const { wire, state } = createMutatingWire(random);
  const exchange = createExchange(wire, granting);
  const foreign: string[] = [];
  let errors = 0;
  for (let count = 0; count < WANTED && foreign.length < 5; count += 1) {
    const index = random.integer(CALLS.length);
    state.answers = answers[index] ?? [];
    state.mutatesTime = random.integer(50) === 0;
    try {
      await CALLS[index]?.(exchange);
    } catch (error) {
      errors += 1;
      if (!isOurs(error)) foreign.push(`call ${index}: ${toError(error).stack ?? ''}`);
    }
  }
  expect(foreign, `KRAITE_SEED=${SEED}`).toEqual([]);
  // Mutations that nothing notices would prove nothing.
  expect(errors).toBeGreaterThan(WANTED / 4);
});

test('a mutated frame is an event or an error of ours', { timeout: TIMEOUT_MS }, async () => {
  const file = new URL('../../payloads/stream-frames.json', import.meta.url);
  const frames = Object.values(JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>);
  const random = createSeededRandom(SEED);
  const foreign: string[] = [];
  for (let count = 0; count < WANTED && foreign.length < 5; count += 1) {
    const frame = frames[random.integer(frames.length)] as { readonly frame?: unknown };
    const text = mutateText(JSON.stringify(frame.frame ?? frame), random);
    for (const decode of [decodeUserFrame, decodeMarkTicks]) {
      try {
        decode(text);
      } catch (error) {
        if (!isOurs(error)) foreign.push(`${text}: ${toError(error).stack ?? ''}`);
      }
    }
  }
  expect(foreign, `KRAITE_SEED=${SEED}`).toEqual([]);
});
