/** The REST API: a HTTP request becomes a call, and its outcome an answer with the headers of every answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint } from '../venue/endpoints/endpoint.ts';
import type { Parameters } from '../venue/parameters.ts';
import { ENDPOINTS } from '../venue/venue.ts';
import { performUnderFaults, type Call, type Outcome } from './perform.ts';
import { BodyTooLargeError, readBody } from './read-body.ts';
import { checkKey, checkSignature, restPayload } from './signing.ts';
import type { VenueRuntime } from './venue-runtime.ts';

/** A request as it was read off the wire. */
export interface RawRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  readonly key: string | undefined;
  readonly body: string;
  readonly address: string;
}

const ROUTES = new Map(ENDPOINTS.map((each) => [`${each.method} ${each.path}`, each]));

/** Returns the endpoint of `POST /fapi/v1/order` and the like. */
export function findEndpoint(name: string): Endpoint | undefined {
  return ROUTES.get(name);
}

/** Returns the address that a socket came from, IPv4 in its plain form. */
export function sourceAddress(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

/** Returns what a request asks of the venue; any text at all makes a call. */
export function decodeRequest(runtime: VenueRuntime, raw: RawRequest): Call {
  const mark = raw.target.indexOf('?');
  const path = mark === -1 ? raw.target : raw.target.slice(0, mark);
  const query = mark === -1 ? '' : (raw.target.slice(mark + 1).split('#', 1)[0] ?? '');
  const name = `${raw.method} ${path}`;
  const endpoint = findEndpoint(name);
  const parameters = decodeParameters(query, raw.body);
  const { address } = raw;
  return {
    name,
    endpoint,
    address,
    parameters,
    identify: (nowMs) => {
      const find = (key: string) => runtime.venue.state.get('accounts', key);
      const account = checkKey(find, raw.key, { address, path });
      if (endpoint?.security === 'signed') {
        checkSignature(account, { parameters, payloads: [restPayload(query, raw.body)] }, nowMs);
      }
      return account;
    },
  };
}

/** Query and form body as one; a name in both is the query's. */
export function decodeParameters(query: string, body: string): Parameters {
  const parameters = new Map<string, string>();
  for (const text of [body, query]) {
    for (const [name, value] of new URLSearchParams(text)) parameters.set(name, value);
  }
  return Object.fromEntries(parameters);
}

/** Answers one request. Never throws. */
export async function handleRest(
  runtime: VenueRuntime,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body: string;
  try {
    body = await readBody(request);
  } catch (thrown) {
    if (!(thrown instanceof BodyTooLargeError)) return;
    const refusal = { code: -1130, msg: thrown.message };
    send(response, { status: 413, body: refusal, headers: {} });
    return;
  }
  const key = request.headers['x-mbx-apikey'];
  const call = decodeRequest(runtime, {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    key: typeof key === 'string' ? key : undefined,
    body,
    address: sourceAddress(request),
  });
  const outcome = await performUnderFaults(runtime, call);
  if (outcome === undefined) request.socket.destroy();
  else send(response, { ...outcome, headers: headersOf(call, outcome) });
}

/** The funding pool's answers carry no weight: they spend none. */
function headersOf(call: Call, outcome: Outcome): Readonly<Record<string, string>> {
  const { usedWeight, usedOrders, retryAfterSeconds } = outcome;
  return {
    ...(call.endpoint?.pool === undefined ? { 'X-MBX-USED-WEIGHT-1M': String(usedWeight) } : {}),
    ...(usedOrders === undefined
      ? {}
      : {
          'X-MBX-ORDER-COUNT-10S': String(usedOrders['10S']),
          'X-MBX-ORDER-COUNT-1M': String(usedOrders['1M']),
        }),
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
  };
}

function send(
  response: ServerResponse,
  answer: Pick<Outcome, 'status' | 'body'> & { readonly headers: Readonly<Record<string, string>> },
): void {
  const isPage = typeof answer.body === 'string';
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'Content-Type': isPage ? 'text/html' : 'application/json;charset=UTF-8',
    'Content-Length': Buffer.byteLength(text),
    ...answer.headers,
  });
  response.end(text);
}
