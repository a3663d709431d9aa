import type { Random } from '#pkg/base';

import type {
  Transport,
  TransportRequest,
  TransportResult,
} from '../../../pkg/exchange/binance/transport.ts';
import { faultBody } from '../../../pkg/exchange/simulated/faults/fault-answers.ts';
import { perform } from '../../../pkg/exchange/simulated/server/perform.ts';
import { decodeRequest } from '../../../pkg/exchange/simulated/server/rest.ts';
import type { Life } from '../engine/life.ts';
import type { Fate } from './faults.ts';
import type { FleetWorld } from './fleet-world.ts';

/** What the client waits for an answer that has no time-out of its own. */
const ANSWER_TIMEOUT_MS = 5_000;
const HELD_BACK_MS_MAX = 6_000;
const LATENCY_MS = { min: 4, spread: 20 };
const SLOW_SHARE = 0.02;
const SLOW_MS_MAX = 600;

/** Returns the way of one process to the venue, and everything that may befall a request on it. */
export function createVenueWire(world: FleetWorld, life: Life, address: string): Transport {
  const { clock, random, venue } = world;

  const carryOut = (request: TransportRequest): TransportResult => {
    const call = decodeRequest(venue.runtime, {
      method: request.method,
      target: request.path,
      key: request.headers['X-MBX-APIKEY'],
      body: '',
      address,
    });
    const outcome = perform(venue.runtime, call);
    const { usedOrders, retryAfterSeconds } = outcome;
    const headers = {
      'x-mbx-used-weight-1m': String(outcome.usedWeight),
      ...(usedOrders === undefined
        ? {}
        : {
            'x-mbx-order-count-10s': String(usedOrders['10S']),
            'x-mbx-order-count-1m': String(usedOrders['1M']),
          }),
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    };
    return answered(outcome.status, outcome.body, headers);
  };

  const travel = async (request: TransportRequest): Promise<TransportResult> => {
    const fate = drawFate(world, request);
    const thereMs = latencyMs(random);
    const backMs = latencyMs(random);
    const arriveIn = (afterMs: number): void => {
      clock.schedule(afterMs, () => void carryOut(request));
    };
    const lostIn = async (afterMs: number): Promise<TransportResult> => {
      await clock.sleep(afterMs);
      return { kind: 'lost', cause: new Error(fate) };
    };
    const silenceMs =
      random.integer(2) === 0 ? (request.answerTimeoutMs ?? ANSWER_TIMEOUT_MS) : thereMs + backMs;
    switch (fate) {
      case 'not-connected':
        return { kind: 'not-connected', cause: new Error(fate) };
      case 'request-lost':
        return lostIn(silenceMs);
      case 'reply-lost':
        arriveIn(thereMs);
        return lostIn(silenceMs);
      case 'held-back':
        arriveIn(thereMs + random.integer(HELD_BACK_MS_MAX));
        return lostIn(thereMs + backMs);
      case 'delivered-twice':
        arriveIn(thereMs + random.integer(backMs));
        break;
      case 'fine':
      case 'unknown-executed':
      case 'unknown-not-executed':
      case 'busy':
      case 'throttled':
      case 'banned':
      case 'rejected':
      case 'out-of-time':
    }
    await clock.sleep(thereMs);
    const instead = insteadOf(fate, random);
    const carried = instead?.isExecuted === false ? undefined : carryOut(request);
    await clock.sleep(backMs);
    return instead?.result ?? carried ?? answered(500, {});
  };

  return {
    send: async (request) => {
      world.inFlight += 1;
      const result = await travel(request);
      world.inFlight -= 1;
      note(world, request, result);
      return new Promise((resolve) => life.enter(() => resolve(result)));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function note(
  { reach, losses, clock }: FleetWorld,
  request: TransportRequest,
  result: TransportResult,
): void {
  const key = request.headers['X-MBX-APIKEY'];
  if (key === undefined) return;
  const isTold = result.kind === 'answered' && (result.status === 200 || result.status === 400);
  const symbol = isOrder(request) ? /[?&]symbol=([^&]+)/u.exec(request.path)?.[1] : undefined;
  reach.note({ key, symbol }, isTold, clock.nowMs());
  if (
    result.kind === 'answered' &&
    /openAlgoOrders\b/u.test(request.path) &&
    result.status === 200
  ) {
    losses.read(key, result.text, clock.nowMs());
  }
}

function isOrder({ method, path }: TransportRequest): boolean {
  return method !== 'GET' && /^\/fapi\/v1\/(?:algoO|o)rder\b/u.test(path);
}

function drawFate({ faults, random }: FleetWorld, request: TransportRequest): Fate | 'fine' {
  let draw = random.next();
  for (const [name, share] of Object.entries(faults.requests) as [Fate, number][]) {
    if (draw < share) return fateOf(name, request);
    draw -= share;
  }
  return 'fine';
}

/** A market order is never delivered twice: TLS allows it no more than any other, and no client could tell. */
function fateOf(drawn: Fate, request: TransportRequest): Fate | 'fine' {
  if (drawn === 'delivered-twice' && request.path.includes('type=MARKET')) return 'reply-lost';
  if (drawn === 'rejected' && !(request.method === 'POST' && isOrder(request))) return 'fine';
  return drawn;
}

interface Instead {
  readonly isExecuted: boolean;
  readonly result: TransportResult;
}

function insteadOf(fate: Fate | 'fine', random: Random): Instead | undefined {
  const either = random.integer(2) === 0;
  const fault = (kind: Parameters<typeof faultBody>[0]): TransportResult => {
    const { status, body } = faultBody(kind);
    return answered(status, body);
  };
  switch (fate) {
    case 'unknown-executed':
      return { isExecuted: true, result: fault(either ? 'timeout' : 'unknown503') };
    case 'unknown-not-executed':
      return { isExecuted: false, result: fault(either ? 'timeout' : 'unknown503') };
    case 'busy':
      return { isExecuted: false, result: fault(either ? 'busy' : 'refused503') };
    case 'out-of-time':
      return { isExecuted: false, result: fault('timestamp') };
    case 'throttled':
    case 'banned': {
      const status = fate === 'banned' ? 418 : 429;
      const body = { code: -1003, msg: 'Too many requests.' };
      const seconds = String(1 + random.integer(fate === 'banned' ? 20 : 3));
      return { isExecuted: false, result: answered(status, body, { 'retry-after': seconds }) };
    }
    case 'rejected':
      return {
        isExecuted: false,
        result: answered(
          400,
          either
            ? { code: -2019, msg: 'Margin is insufficient.' }
            : {
                code: -4131,
                msg: 'The counterparty best price does not meet the PERCENT_PRICE filter limit.',
              },
        ),
      };
    default:
      return undefined;
  }
}

function latencyMs(random: Random): number {
  if (random.next() < SLOW_SHARE) return random.integer(SLOW_MS_MAX);
  return LATENCY_MS.min + random.integer(LATENCY_MS.spread);
}

function answered(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): TransportResult {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answered', status, text, headers };
}
