/**
 * One connection to the WebSocket API: requests in, answers out, and the key that it may have logged on with.
 *
 * A request is signed each on its own, or not at all after `session.logon`, which takes Ed25519 keys only. Weight
 * and orders are those of REST and stand in every answer. Source: the venue's page "WebSocket API General Info".
 */
import type { OrderCost } from '../limits/order-limits.ts';
import { perform, performUnderFaults, type Call, type Outcome } from '../server/perform.ts';
import { findEndpoint } from '../server/rest.ts';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import {
  ORDERS_PER_10_SECONDS,
  ORDERS_PER_MINUTE,
  WEIGHT_PER_MINUTE,
} from '../venue/endpoints/market.ts';
import type { Endpoint } from '../venue/endpoints/endpoint.ts';
import { VenueRejection } from '../venue/rejection.ts';
import { decodeApiMessage, type ApiMessage } from './api-message.ts';
import { findApiMethod } from './api-methods.ts';
import { createSessionKey } from './session-key.ts';

const SESSION_WEIGHT = 2;
const SESSION_METHODS = new Set(['session.logon', 'session.status', 'session.logout']);

export interface ApiSession {
  /** Returns what is answered to a message; undefined where the connection shall be cut. Never rejects. */
  answer(text: string): Promise<string | undefined>;
}

interface Peer {
  readonly address: string;
  /** Are the limits in answers unless a request says otherwise? */
  readonly showsLimits: boolean;
  readonly connectedAtMs: number;
}

export function createApiSession(runtime: VenueRuntime, peer: Peer): ApiSession {
  const session = createSessionKey(runtime, peer.address);

  function callOf(message: ApiMessage): Call {
    const { address } = peer;
    const { method: name, parameters } = message;
    if (SESSION_METHODS.has(name)) {
      const endpoint = sessionEndpoint(message);
      return { name, endpoint, address, parameters, identify: () => noAccount() };
    }
    const found = findApiMethod(name);
    const endpoint = found === undefined ? undefined : findEndpoint(found.endpoint);
    return {
      name,
      endpoint,
      address,
      parameters,
      ...(found?.weight === undefined ? {} : { weight: found.weight }),
      identify: (nowMs) => session.identify(parameters, endpoint?.security ?? 'signed', nowMs),
    };
  }

  /** A method of the session itself, as an endpoint, so that it is metered like the others. */
  function sessionEndpoint(message: ApiMessage): Endpoint {
    return {
      method: 'POST',
      path: message.method,
      security: 'public',
      weight: () => SESSION_WEIGHT,
      run: ({ world }) => {
        if (message.method === 'session.logon') session.logOn(message.parameters, world.nowMs);
        if (message.method === 'session.logout') session.logOut();
        const loggedOn = session.current();
        return {
          apiKey: loggedOn?.key ?? null,
          authorizedSince: loggedOn?.sinceMs ?? null,
          connectedSince: peer.connectedAtMs,
          returnRateLimits: peer.showsLimits,
          serverTime: world.nowMs,
        };
      },
    };
  }

  return {
    answer: async (text) => {
      const message = decodeApiMessage(text);
      if ('code' in message) {
        const { id, ...error } = message;
        const { usedWeight } = perform(runtime, {
          name: 'malformed',
          endpoint: undefined,
          address: peer.address,
          parameters: {},
          identify: () => noAccount(),
        });
        return envelope(id, { status: 400, error }, peer.showsLimits ? limitRows(usedWeight) : []);
      }
      const outcome = await performUnderFaults(runtime, callOf(message));
      if (outcome === undefined) return undefined;
      const showsLimits = message.showsLimits ?? peer.showsLimits;
      const rows = showsLimits ? limitRows(outcome.usedWeight, outcome.usedOrders) : [];
      return envelope(message.id, contentOf(outcome, message, runtime.clock.nowMs()), rows);
    },
  };
}

function noAccount(): never {
  throw new VenueRejection('-2014');
}

function contentOf(outcome: Outcome, message: ApiMessage, nowMs: number): object {
  const { status, body, retryAfterSeconds } = outcome;
  if (status === 200) return { status, result: body };
  if (status === 404) {
    const msg = `This operation is not supported: ${message.method}`;
    return { status: 400, error: { code: -1020, msg } };
  }
  const error =
    typeof body === 'object' && body !== null ? body : { code: -1000, msg: String(body) };
  if (retryAfterSeconds === undefined) return { status, error };
  const data = { serverTime: nowMs, retryAfter: nowMs + retryAfterSeconds * 1000 };
  return { status, error: { ...error, data } };
}

function envelope(id: unknown, content: object, rateLimits: readonly object[]): string {
  return JSON.stringify({ id, ...content, ...(rateLimits.length === 0 ? {} : { rateLimits }) });
}

function limitRows(usedWeight: number, usedOrders?: OrderCost): readonly object[] {
  const row = (
    [rateLimitType, interval, intervalNum, limit]: readonly [string, string, number, number],
    count: number,
  ): object => ({ rateLimitType, interval, intervalNum, limit, count });
  const rows = [row(['REQUEST_WEIGHT', 'MINUTE', 1, WEIGHT_PER_MINUTE], usedWeight)];
  if (usedOrders === undefined) return rows;
  return [
    ...rows,
    row(['ORDERS', 'SECOND', 10, ORDERS_PER_10_SECONDS], usedOrders['10S']),
    row(['ORDERS', 'MINUTE', 1, ORDERS_PER_MINUTE], usedOrders['1M']),
  ];
}
