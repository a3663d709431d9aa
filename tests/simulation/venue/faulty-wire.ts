/**
 * The way to a simulated venue in virtual time, and everything that may befall a request on it.
 *
 * The venue is the pure state machine of the simulated exchange with its own check of keys, signatures and receive
 * windows; nothing is sent. What is delivered twice arrives again before its first answer does, and a market order
 * never: TLS allows neither, and no client could tell.
 */
import type { ManualClock, Random } from '#pkg/base';

import { faultBody } from '../../../pkg/exchange/simulated/faults/fault-answers.ts';
import {
  checkKey,
  checkSignature,
  restPayload,
} from '../../../pkg/exchange/simulated/server/signing.ts';
import type { Endpoint } from '../../../pkg/exchange/simulated/venue/endpoints/endpoint.ts';
import { VenueRejection } from '../../../pkg/exchange/simulated/venue/rejection.ts';
import { VenueState } from '../../../pkg/exchange/simulated/venue/state.ts';
import {
  createVenue,
  ENDPOINTS,
  type VenueAccount,
} from '../../../pkg/exchange/simulated/venue/venue.ts';
import { createVenueView, type VenueView } from './venue-view.ts';
import type {
  Transport,
  TransportRequest,
  TransportResult,
} from '../../../pkg/exchange/binance/transport.ts';

/** Chances in a thousand; what is left over goes well. */
const FATES = {
  'request-lost': 50,
  'reply-lost': 70,
  'held-back': 70,
  'unknown-executed': 50,
  'unknown-not-executed': 30,
  refused: 30,
  'not-connected': 30,
  'delivered-twice': 20,
  'process-dies-before': 15,
  'process-dies-after': 15,
  /** Another run takes the step over while this one goes on. */
  'lease-lost': 15,
} as const;
const OF_RUNS: readonly string[] = ['process-dies-before', 'process-dies-after', 'lease-lost'];
type Fate = keyof typeof FATES | 'fine';

const TIMED_OUT_MS = 5_000;
const HELD_BACK_MS_MAX = 6_000;
const LATENCY_MS_MAX = 60;
const SLOW_MS_MAX = 900;
const ADDRESS = '203.0.113.13';
const ROUTES = new Map(ENDPOINTS.map((each) => [`${each.method} ${each.path}`, each]));

export interface FaultyWire extends Transport {
  /** Ends while nothing goes wrong. */
  calm(isCalm: boolean): void;
  /** What befalls the next placement of an order, calm or not. */
  befall(fate: Fate): void;
  readonly fates: ReadonlyMap<Fate, number>;
  readonly view: VenueView;
}

/** Called when the run that sends for a key has died, or has lost its step to another one. */
export type OnDeath = (apiKey: string) => void;

export function createFaultyWire(
  parts: { readonly clock: ManualClock; readonly random: Random; readonly onDeath: OnDeath },
  accounts: readonly VenueAccount[],
  symbolCount = 6,
): FaultyWire {
  const { clock, random, onDeath } = parts;
  const state = new VenueState();
  const venue = createVenue(
    state,
    { seed: 'mutations', accounts, resumeMarketMs: 0, symbolCount },
    clock.nowMs(),
  );
  const fates = new Map<Fate, number>();
  const ordered: Fate[] = [];
  let isCalm = false;

  const carryOut = (request: TransportRequest): Answer => {
    const nowMs = Math.floor(clock.nowMs());
    const [path = '', query = ''] = request.path.split('?');
    const parameters = Object.fromEntries(new URLSearchParams(query));
    try {
      const endpoint = requireEndpoint(`${request.method} ${path}`);
      const account =
        endpoint.security === 'public'
          ? undefined
          : checkKey((key) => state.get('accounts', key), request.headers['X-MBX-APIKEY'], {
              address: ADDRESS,
              path,
            });
      if (endpoint.security === 'signed' && account !== undefined) {
        checkSignature(account, { parameters, payloads: [restPayload(query, '')] }, nowMs);
      }
      const body = venue.call(endpoint, parameters, account, nowMs);
      return { status: 200, body };
    } catch (thrown) {
      if (!(thrown instanceof VenueRejection)) throw thrown;
      const body = { code: thrown.venueCode, msg: thrown.message };
      return { status: thrown.httpStatus, body };
    } finally {
      venue.takeChanges();
      venue.takeFrames();
    }
  };

  const send = async (request: TransportRequest): Promise<TransportResult> => {
    const foretold = isPlacement(request) ? ordered.shift() : undefined;
    const fate = foretold ?? (isCalm ? 'fine' : drawFate(random, request));
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
    const thereMs = latencyMs(random);
    const backMs = latencyMs(random);
    const later = (afterMs: number): void => {
      clock.schedule(afterMs, () => void carryOut(request));
    };
    const lostAfter = async (afterMs: number): Promise<TransportResult> => {
      await clock.sleep(afterMs);
      return { kind: 'lost', cause: new Error(fate) };
    };
    const silenceMs = random.integer(2) === 0 ? TIMED_OUT_MS : thereMs + backMs;
    switch (fate) {
      case 'not-connected':
        return { kind: 'not-connected', cause: new Error(fate) };
      case 'request-lost':
        return lostAfter(silenceMs);
      case 'reply-lost':
        later(thereMs);
        return lostAfter(silenceMs);
      case 'held-back':
        later(thereMs + random.integer(HELD_BACK_MS_MAX));
        return lostAfter(thereMs + backMs);
      case 'process-dies-before':
      case 'process-dies-after':
        if (fate === 'process-dies-after') later(thereMs + random.integer(HELD_BACK_MS_MAX));
        onDeath(request.headers['X-MBX-APIKEY'] ?? '');
        return new Promise(() => undefined);
      case 'delivered-twice':
        later(thereMs + random.integer(backMs));
        break;
      case 'lease-lost':
        onDeath(request.headers['X-MBX-APIKEY'] ?? '');
        break;
      case 'refused':
      case 'unknown-executed':
      case 'unknown-not-executed':
      case 'fine':
    }
    await clock.sleep(thereMs);
    const isExecuted = fate !== 'refused' && fate !== 'unknown-not-executed';
    const answer = isExecuted ? carryOut(request) : undefined;
    await clock.sleep(backMs);
    return toResult(answerOf(fate, random) ?? answer ?? { status: 500, body: {} });
  };

  return {
    send,
    fates,
    calm: (wanted) => {
      isCalm = wanted;
    },
    befall: (fate) => ordered.push(fate),
    view: createVenueView(state),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function requireEndpoint(name: string): Endpoint {
  const endpoint = ROUTES.get(name);
  if (endpoint === undefined) throw new Error(`the venue has no ${name}`);
  return endpoint;
}

function isPlacement({ method, path }: TransportRequest): boolean {
  return method === 'POST' && /^\/fapi\/v1\/(?:algoO|o)rder\b/.test(path);
}

function drawFate(random: Random, request: TransportRequest): Fate {
  let draw = random.integer(1_000);
  for (const [name, chance] of Object.entries(FATES) as [keyof typeof FATES, number][]) {
    if (draw < chance) {
      // The time is asked for by the client itself, and no run dies of that.
      const isOfRun = request.headers['X-MBX-APIKEY'] !== undefined;
      const isMarketOrder = request.path.includes('type=MARKET');
      if (name === 'delivered-twice' && isMarketOrder) return 'reply-lost';
      return OF_RUNS.includes(name) && !isOfRun ? 'reply-lost' : name;
    }
    draw -= chance;
  }
  return 'fine';
}

function latencyMs(random: Random): number {
  return 1 + random.integer(random.integer(20) === 0 ? SLOW_MS_MAX : LATENCY_MS_MAX);
}

function answerOf(fate: Fate, random: Random): Answer | undefined {
  const kind =
    fate === 'refused'
      ? (['refused503', 'busy'] as const)[random.integer(2)]
      : fate === 'unknown-executed' || fate === 'unknown-not-executed'
        ? (['timeout', 'unknown503'] as const)[random.integer(2)]
        : undefined;
  if (kind === undefined) return undefined;
  return faultBody(kind);
}

function toResult({ status, body }: Answer): TransportResult {
  return { kind: 'answered', status, text: JSON.stringify(body), headers: {} };
}
