/**
 * Whatever arrives at the venue is answered: no crash, no 500, no answer that is not one.
 *
 * A seeded share of mutations of well-formed requests, paths and messages runs here; KRAITE_FUZZ_COUNT sets how many.
 */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createManualClock, createSeededRandom, type Random } from '#pkg/base';
import { checkFaultRequest } from '../faults/fault-request.ts';
import { startSimulatedVenue, type SimulatedVenue } from '../start.ts';
import { findMarketStream } from '../streams/market-streams.ts';
import { decodeCommand } from '../streams/stream-commands.ts';
import { parseStreamTarget } from '../streams/stream-target.ts';
import { createLiquidations } from '../streams/trade-frames.ts';
import { ENDPOINTS } from '../venue/venue.ts';
import { createApiSession } from '../ws-api/api-session.ts';
import { perform } from './perform.ts';
import { decodeRequest } from './rest.ts';

const COUNT = Number(process.env['KRAITE_FUZZ_COUNT'] ?? 6_000);
const ACCOUNT = { key: 'fuzz-key', secret: 'fuzz-secret' };
const START_MS = Date.UTC(2026, 4, 3, 10);
let venue: SimulatedVenue;
beforeAll(async () => {
  venue = await startSimulatedVenue({
    accounts: [{ ...ACCOUNT, balance: '1000000' }],
    clock: createManualClock(START_MS),
    symbolCount: 3,
  });
});
afterAll(async () => {
  await venue[Symbol.asyncDispose]();
});

const VALUES: readonly string[] = [
  ...[
    'BTCUSDT',
    'SOLUSDT',
    'btcusdt',
    'BUY',
    'SELL',
    'LONG',
    'BOTH',
    'LIMIT',
    'MARKET',
    'GTC',
    'FOK',
  ],
  ...[
    'GTX',
    'GTD',
    'STOP_MARKET',
    'TRAILING_STOP_MARKET',
    'CONDITIONAL',
    'true',
    'false',
    '1m',
    '1M',
  ],
  ...['0', '1', '-1', '0.001', '1e9', '1e400', '00', '99999999999999999999', 'NaN', 'Infinity', ''],
  ...[
    '[]',
    '{}',
    '[{}]',
    '[null]',
    '[1,2]',
    '["a"]',
    '[[[[',
    '"',
    '%',
    '%00',
    '\u0000',
    '\ud800',
    'é€😀',
  ],
  ...['__proto__', 'constructor', 'toString', 'a'.repeat(40), '1'.repeat(400), '💥'.repeat(50)],
  ...['90.00', '146.2', '0.01', '5', '500', '1500', String(START_MS), String(START_MS - 3_600_000)],
  ...[
    '[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}]',
    'PERPETUAL',
    'MARK_PRICE',
  ],
];
const NAMES: readonly string[] = [
  ...['symbol', 'side', 'positionSide', 'type', 'timeInForce', 'quantity', 'price', 'reduceOnly'],
  ...[
    'newClientOrderId',
    'origClientOrderId',
    'orderId',
    'recvWindow',
    'newOrderRespType',
    'priceMatch',
  ],
  ...[
    'selfTradePreventionMode',
    'goodTillDate',
    'algoType',
    'triggerPrice',
    'closePosition',
    'callbackRate',
  ],
  ...[
    'activatePrice',
    'workingType',
    'priceProtect',
    'clientAlgoId',
    'algoId',
    'batchOrders',
    'limit',
  ],
  ...[
    'orderIdList',
    'origClientOrderIdList',
    'startTime',
    'endTime',
    'fromId',
    'interval',
    'pair',
    'page',
  ],
  ...[
    'contractType',
    'leverage',
    'marginType',
    'dualSidePosition',
    'multiAssetsMargin',
    'amount',
    'modifyId',
  ],
  ...[
    'countdownTime',
    'incomeType',
    'autoCloseType',
    'period',
    'feeBurn',
    '__proto__',
    'hasOwnProperty',
  ],
];

const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[random.integer(items.length)] as Item;

/** Changes some characters of a text, or cuts or doubles a part of it. */
function mutate(random: Random, text: string): string {
  const at = random.integer(text.length + 1);
  switch (random.integer(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + String.fromCharCode(random.integer(0x300)) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + random.integer(4));
    case 3:
      return text.slice(0, at) + text.slice(random.integer(text.length + 1));
    case 4:
      return text.slice(0, at) + pick(random, VALUES) + text.slice(at);
    default:
      return text;
  }
}

function parametersOf(random: Random): Record<string, string> {
  const parameters: [string, string][] = [];
  for (let count = random.integer(9); count > 0; count -= 1) {
    parameters.push([pick(random, NAMES), pick(random, VALUES)]);
  }
  if (random.integer(3) > 0) {
    parameters.push(['symbol', 'BTCUSDT'], ['side', 'BUY'], ['type', 'LIMIT']);
    parameters.push(['quantity', '0.01'], ['price', pick(random, VALUES)], ['timeInForce', 'GTC']);
  }
  return Object.fromEntries(parameters);
}

function answerRest(random: Random): unknown {
  const { runtime } = venue;
  const endpoint = pick(random, ENDPOINTS);
  const fields = new URLSearchParams(parametersOf(random));
  fields.set('timestamp', String(runtime.clock.nowMs()));
  const text = random.integer(4) === 0 ? mutate(random, fields.toString()) : fields.toString();
  const signature = createHmac('sha256', ACCOUNT.secret).update(text).digest('hex');
  const whole = `${text}&signature=${signature}`;
  const inBody = endpoint.method !== 'GET' && random.integer(2) === 0;
  const target = `${endpoint.path}${inBody ? '' : `?${whole}`}`;
  const call = decodeRequest(runtime, {
    method: random.integer(50) === 0 ? pick(random, VALUES) : endpoint.method,
    target: random.integer(20) === 0 ? mutate(random, target) : target,
    key: random.integer(30) === 0 ? pick(random, VALUES) : ACCOUNT.key,
    body: inBody ? whole : '',
    address: `192.0.2.${random.integer(250)}`,
  });
  // Not slowed down by its own limits.
  return perform(runtime, { ...call, weight: 0 });
}

const METHODS = ['order.place', 'order.modify', 'order.cancel', 'order.status', 'algoOrder.place'];

async function answerApi(random: Random): Promise<unknown> {
  const { runtime } = venue;
  const nowMs = runtime.clock.nowMs();
  const session = createApiSession(runtime, {
    address: `198.51.100.${random.integer(250)}`,
    showsLimits: true,
    connectedAtMs: nowMs,
  });
  const params: Record<string, unknown> = {
    ...parametersOf(random),
    apiKey: ACCOUNT.key,
    timestamp: nowMs,
  };
  const payload = Object.keys(params)
    .toSorted()
    .map((name) => `${name}=${String(params[name])}`)
    .join('&');
  params['signature'] = createHmac('sha256', ACCOUNT.secret).update(payload).digest('hex');
  const method = pick(random, [...METHODS, 'session.logon', 'depth', ...VALUES]);
  const text = JSON.stringify({ id: random.integer(9), method, params });
  const answer = await session.answer(random.integer(3) === 0 ? mutate(random, text) : text);
  return JSON.parse(answer ?? 'null');
}

function isAnswer(answer: unknown): boolean {
  const { status } = answer as { readonly status: number };
  return Number.isInteger(status) && status >= 200 && status !== 500;
}

test(`${COUNT} mutated requests are each answered, and never with a 500`, async () => {
  const random = createSeededRandom('wire');
  const statuses = new Map<number, number>();
  for (let count = 0; count < COUNT; count += 1) {
    const answer = count % 2 === 0 ? answerRest(random) : await answerApi(random);
    expect(isAnswer(answer), JSON.stringify(answer)).toBe(true);
    const { status } = answer as { readonly status: number };
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  // Some are carried out and some refused: the mutations reach into the venue.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(COUNT / 100);
  expect(statuses.get(400) ?? 0).toBeGreaterThan(COUNT / 10);
}, 3_600_000);

const PATHS = [
  '/market/ws/btcusdt@markPrice@1s',
  '/public/stream?streams=btcusdt@depth5@100ms/!bookTicker',
  '/private/stream?listenKey=a&events=ORDER_TRADE_UPDATE/TRADE_LITE&listenKey=b',
  '/market/ws/btcusdt_perpetual@continuousKline_1m/!ticker@arr',
];
const COMMANDS = [
  '{"method":"SUBSCRIBE","params":["btcusdt@kline_1m","!markPrice@arr@1s"],"id":1}',
  '{"method":"SET_PROPERTY","params":["combined",true],"id":2}',
  '{"method":"LIST_SUBSCRIPTIONS","id":3}',
];
const FAULTS = ['{"latencyMs":5,"plan":{"seed":"1","frames":{"drop":0.1}},"script":[]}'];

test(`${COUNT} mutated paths, stream messages and fault orders are each understood or refused`, () => {
  const random = createSeededRandom('streams');
  const liquidations = createLiquidations();
  for (let count = 0; count < COUNT; count += 1) {
    const target = parseStreamTarget(mutate(random, mutate(random, pick(random, PATHS))));
    const decoded = decodeCommand(mutate(random, mutate(random, pick(random, COMMANDS))));
    expect('refusal' in decoded || 'command' in decoded).toBe(true);
    for (const name of target?.names ?? []) {
      const stream = findMarketStream(venue.runtime, name, liquidations);
      if (stream === undefined || count % 50 !== 0) continue;
      expect(Array.isArray(stream.source(venue.runtime.clock.nowMs()))).toBe(true);
    }
    const checked = checkFaultRequest(jsonOf(mutate(random, pick(random, FAULTS))));
    if ('mistake' in checked) expect(checked.mistake.length).toBeGreaterThan(5);
  }
}, 3_600_000);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
