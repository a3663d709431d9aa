/** The REST API at /fapi: limits first, then faults, key, signature, the endpoint, the journal, the answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toError } from '#pkg/base';
import { ENDPOINTS } from '../venue/venue.ts';
import type { Endpoint } from '../venue/endpoints/endpoint.ts';
import type { Parameters } from '../venue/parameters.ts';
import { VenueRejection } from '../venue/rejection.ts';
import type { AccountRow } from '../venue/rows.ts';
import { FAULT_BODIES } from './faults.ts';
import { BodyTooLargeError, readBody } from './read-body.ts';
import { checkKey, checkSignature } from './signing.ts';
import type { VenueRuntime } from './venue-runtime.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Asked {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly address: string;
  readonly key: string | undefined;
  readonly query: string;
  readonly body: string;
  readonly parameters: Parameters;
}

const ROUTES = new Map(ENDPOINTS.map((each) => [`${each.method} ${each.path}`, each]));
/** A path that does not exist costs as much as the cheapest one. */
const UNKNOWN_WEIGHT = 1;

/** Returns the address that a socket came from, IPv4 in its plain form. */
export function sourceAddress(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

/** Answers one request below /fapi. Never throws. */
export async function handleRest(
  runtime: VenueRuntime,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://venue');
  const name = `${request.method ?? 'GET'} ${url.pathname}`;
  const endpoint = ROUTES.get(name);
  const fault = runtime.faults.take(name);
  if (fault.delayMs > 0) await runtime.clock.sleep(fault.delayMs);
  if (fault.losesRequest) {
    request.socket.destroy();
    return;
  }
  const address = sourceAddress(request);
  let body: string;
  try {
    body = await readBody(request);
  } catch (thrown) {
    if (!(thrown instanceof BodyTooLargeError)) return;
    send(response, { status: 413, headers: {}, body: { code: -1130, msg: thrown.message } });
    return;
  }
  const query = url.search.slice(1);
  const parameters = parseParameters(query, body);
  const weight = endpoint?.weight(parameters) ?? UNKNOWN_WEIGHT;
  const limited = takeWeight(runtime, address, weight);
  const headers = limited.headers;
  let answer = limited.refusal ?? takePool(runtime, endpoint, address);
  if (answer === undefined && endpoint === undefined) answer = notFound(name);
  if (answer === undefined && fault.answer !== undefined && !fault.answer.executed) {
    answer = faultAnswer(fault.answer.answer);
  }
  if (answer === undefined && endpoint !== undefined) {
    const key = request.headers['x-mbx-apikey'];
    const asked: Asked = {
      name,
      endpoint,
      address,
      key: typeof key === 'string' ? key : undefined,
      query,
      body,
      parameters,
    };
    answer = carryOut(runtime, asked);
    if (fault.answer !== undefined) answer = faultAnswer(fault.answer.answer);
  }
  const final = answer ?? notFound(name);
  runtime.counts.note({
    address,
    endpoint: endpoint === undefined ? 'unknown' : name,
    status: final.status,
  });
  if (fault.losesReply) {
    request.socket.destroy();
    return;
  }
  send(response, { ...final, headers: { ...headers, ...final.headers } });
}

/** Runs the endpoint and writes the journal; the answer may leave afterwards. */
function carryOut(runtime: VenueRuntime, asked: Asked): Answer {
  const { venue, clock } = runtime;
  const { endpoint, parameters } = asked;
  const nowMs = clock.nowMs();
  let headers: Readonly<Record<string, string>> = {};
  try {
    const account = authenticate(runtime, asked, nowMs);
    if (endpoint.orders !== undefined && account !== undefined) {
      const counts = runtime.orderLimits.take(account.key, nowMs, endpoint.orders);
      headers = counts.headers;
      if (counts.refusal !== undefined) {
        return {
          status: 429,
          headers: { ...headers, 'Retry-After': String(counts.retryAfterSeconds) },
          body: { code: -1015, msg: counts.refusal },
        };
      }
    }
    const body = venue.call(endpoint, parameters, account, nowMs);
    return { status: 200, headers, body };
  } catch (thrown) {
    if (thrown instanceof VenueRejection) {
      const body = { code: thrown.venueCode, msg: thrown.message };
      return { status: thrown.httpStatus, headers, body };
    }
    process.emitWarning(`the simulated venue failed at ${asked.name}: ${toError(thrown).stack}`);
    const words = 'Internal error; unable to process your request. Please try again.';
    return { status: 500, headers, body: { code: -1000, msg: words } };
  } finally {
    runtime.commit();
  }
}

function authenticate(runtime: VenueRuntime, asked: Asked, nowMs: number): AccountRow | undefined {
  if (asked.endpoint.security === 'public') return undefined;
  const find = (key: string): AccountRow | undefined => runtime.venue.state.get('accounts', key);
  const account = checkKey(find, asked.key, asked);
  if (asked.endpoint.security === 'signed') {
    checkSignature(account, asked.parameters, asked, nowMs);
  }
  return account;
}

function takeWeight(
  runtime: VenueRuntime,
  address: string,
  weight: number,
): { readonly headers: Readonly<Record<string, string>>; readonly refusal: Answer | undefined } {
  const verdict = runtime.addressLimits.take(address, weight, runtime.clock.nowMs());
  const headers = { 'X-MBX-USED-WEIGHT-1M': String(verdict.usedWeight) };
  if (verdict.kind === 'granted') return { headers, refusal: undefined };
  const retry = { 'Retry-After': String(verdict.retryAfterSeconds) };
  const msg =
    verdict.kind === 'banned'
      ? `Way too many requests; IP(${address}) banned until ${verdict.untilMs}. Please use the websocket for live updates to avoid bans.`
      : `Too many requests; current limit of IP(${address}) is 2400 requests per minute. Please use the websocket for live updates to avoid polling the API.`;
  const status = verdict.kind === 'banned' ? 418 : 429;
  return { headers, refusal: { status, headers: retry, body: { code: -1003, msg } } };
}

function takePool(
  runtime: VenueRuntime,
  endpoint: Endpoint | undefined,
  address: string,
): Answer | undefined {
  if (endpoint?.pool === undefined) return undefined;
  const waitSeconds = runtime.fundingPool(address, runtime.clock.nowMs());
  if (waitSeconds === undefined) return undefined;
  const msg = `Too many requests; current limit of IP(${address}) is 500 requests per 5 minutes.`;
  return {
    status: 429,
    headers: { 'Retry-After': String(waitSeconds) },
    body: { code: -1003, msg },
  };
}

function faultAnswer(kind: keyof typeof FAULT_BODIES): Answer {
  const { status, code, msg } = FAULT_BODIES[kind];
  return { status, headers: {}, body: { code, msg } };
}

function notFound(name: string): Answer {
  return { status: 404, headers: {}, body: { code: -5000, msg: `Path ${name} is invalid` } };
}

function parseParameters(query: string, body: string): Parameters {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(body)) parameters[name] = value;
  for (const [name, value] of new URLSearchParams(query)) parameters[name] = value;
  return parameters;
}

function send(response: ServerResponse, answer: Answer): void {
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'Content-Type': 'application/json;charset=UTF-8',
    'Content-Length': Buffer.byteLength(text),
    ...answer.headers,
  });
  response.end(text);
}
