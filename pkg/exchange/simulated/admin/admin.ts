/**
 * The admin API: what the venue counted, what it holds, and faults on order. On a port of its own, loopback only.
 *
 *   GET  /admin/summary                 figures of the summary
 *   GET  /admin/state                   every table, secrets left out
 *   GET  /admin/market?symbol=SOLUSDT   price now, market time, sessions
 *   GET  /admin/clock                   venue time, market time
 *   GET  /admin/faults                  what still waits to happen
 *   POST /admin/faults                  see FaultRequest
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toError } from '#pkg/base';
import { marketTimeAt } from '../market/market-clock.ts';
import type { FaultAnswer, Faults } from '../server/faults.ts';
import { readBody } from '../server/read-body.ts';
import type { Streams } from '../server/streams.ts';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import { TABLE_NAMES } from '../venue/state.ts';
import { delistSymbol } from '../venue/settlement.ts';
import { meta } from '../venue/world.ts';
import { summarize } from './summary.ts';

/** Body of POST /admin/faults; every field is optional. */
export interface FaultRequest {
  readonly clear?: boolean;
  /** Delay of every request from now on. */
  readonly latencyMs?: number;
  /** Carry out the next N requests of an endpoint (`POST /fapi/v1/order`, `*`) and cut the connection. */
  readonly loseReplies?: { readonly endpoint: string; readonly count: number };
  /** Cut the connection of the next N requests before they are read. */
  readonly loseRequests?: { readonly endpoint: string; readonly count: number };
  /** Answer the next N requests with an error, carried out or not. */
  readonly answer?: {
    readonly endpoint: string;
    readonly count: number;
    readonly kind: FaultAnswer;
    readonly executed?: boolean;
  };
  readonly closeUserStreams?: boolean;
  /** How much the market offers: 1 is normal, 0.001 makes fills partial, 0 empties the book. */
  readonly depth?: { readonly symbol: string; readonly scale: number };
  /** Moves the price to `ratio` of its path: a gap, or with times a crash and its recovery. */
  readonly movePrice?: {
    readonly symbol: string;
    readonly ratio: number;
    readonly rampMs?: number;
    readonly holdMs?: number;
    readonly recoverMs?: number;
    readonly on?: 'all' | 'last';
  };
  /** Ends a symbol: orders end, positions are settled at the mark price. */
  readonly delist?: { readonly symbol: string };
  readonly banAddress?: { readonly address: string; readonly seconds: number };
}

const KINDS: readonly FaultAnswer[] = ['timeout', 'unknown503', 'refused503', 'busy'];

/** Returns the handler of the admin port. */
export function createAdminHandler(
  runtime: VenueRuntime,
  streams: Streams,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answerAdmin(runtime, streams, request)
      .then(({ status, body }) => send(response, status, body))
      .catch((thrown: unknown) => send(response, 400, { error: toError(thrown).message }));
  };
}

interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

async function answerAdmin(
  runtime: VenueRuntime,
  streams: Streams,
  request: IncomingMessage,
): Promise<AdminAnswer> {
  const url = new URL(request.url ?? '/', 'http://admin');
  const nowMs = runtime.clock.nowMs();
  const marketMs = marketTimeAt(runtime.venue.market.sessions, nowMs);
  switch (`${request.method ?? 'GET'} ${url.pathname}`) {
    case 'GET /admin/summary':
      runtime.counts.flush(runtime.venue.state);
      return ok({
        ...summarize(runtime.venue, nowMs, marketMs),
        sockets: streams.openSockets(),
      });
    case 'GET /admin/state':
      return ok(dumpState(runtime));
    case 'GET /admin/clock':
      return ok({ nowMs, marketMs, sessions: runtime.venue.market.sessions });
    case 'GET /admin/market':
      return marketAnswer(runtime, url.searchParams.get('symbol'), { nowMs, marketMs });
    case 'GET /admin/faults':
      return ok(runtime.faults.describe());
    case 'POST /admin/faults': {
      const order = JSON.parse(await readBody(request)) as FaultRequest;
      const mistake = applyFaults(runtime, streams, order);
      if (mistake !== undefined) return { status: 400, body: { error: mistake } };
      return ok(runtime.faults.describe());
    }
    default:
      return { status: 404, body: { error: `no ${request.method} ${url.pathname} here` } };
  }
}

function ok(body: unknown): AdminAnswer {
  return { status: 200, body };
}

function dumpState(runtime: VenueRuntime): unknown {
  const { state } = runtime.venue;
  return Object.fromEntries(
    TABLE_NAMES.map((table) => [
      table,
      [...state.entries(table)].map(([key, row]) => {
        const { secret: _secret, ...shown } = { secret: '', ...row };
        return { rowKey: key, ...shown };
      }),
    ]),
  );
}

function marketAnswer(
  runtime: VenueRuntime,
  symbol: string | null,
  at: { readonly nowMs: number; readonly marketMs: number },
): AdminAnswer {
  const { symbols } = runtime.venue;
  if (symbol !== null && !symbols.includes(symbol)) {
    return { status: 404, body: { error: `${symbol} is not listed` } };
  }
  const prices = Object.fromEntries(
    (symbol === null ? symbols : [symbol]).map((each) => {
      const { mark, bid, ask } = runtime.venue.quote(each, at.nowMs);
      return [each, { mark: mark.toFixed(), bid: bid.toFixed(), ask: ask.toFixed() }];
    }),
  );
  return ok({ ...at, prices });
}

/** Orders the faults of a request; returns what is wrong with it, and then nothing was ordered. */
function applyFaults(
  runtime: VenueRuntime,
  streams: Streams,
  order: FaultRequest,
): string | undefined {
  const mistake = mistakeIn(order) ?? marketMistakeIn(runtime, order);
  if (mistake !== undefined) return mistake;
  const faults: Faults = runtime.faults;
  if (order.clear === true) faults.clear();
  if (order.latencyMs !== undefined) faults.setLatencyMs(order.latencyMs);
  if (order.loseReplies !== undefined) faults.loseReplies(order.loseReplies);
  if (order.loseRequests !== undefined) faults.loseRequests(order.loseRequests);
  if (order.answer !== undefined) {
    const { endpoint, count, kind, executed } = order.answer;
    faults.answerWith({ endpoint, count, answer: kind, executed: executed ?? false });
  }
  orderMarket(runtime, order);
  if (order.closeUserStreams === true) streams.closeUserStreams();
  if (order.banAddress !== undefined) {
    const { address, seconds } = order.banAddress;
    runtime.addressLimits.ban(address, runtime.clock.nowMs() + seconds * 1000);
  }
  return undefined;
}

function orderMarket(runtime: VenueRuntime, order: FaultRequest): void {
  const { venue, clock } = runtime;
  if (order.depth !== undefined) venue.depth.setScale(order.depth.symbol, order.depth.scale);
  if (order.movePrice !== undefined) {
    const { symbol, ratio, rampMs = 0, holdMs = 0, recoverMs, on = 'all' } = order.movePrice;
    const move = { symbol, ratio, startMs: clock.nowMs(), rampMs, holdMs, recoverMs, on };
    const known = meta({ state: venue.state });
    venue.state.put('meta', 'all', { ...known, moves: [...known.moves, move] });
  }
  if (order.delist !== undefined) delistSymbol(venue.worldAt(clock.nowMs()), order.delist.symbol);
  runtime.commit();
}

function marketMistakeIn({ venue }: VenueRuntime, order: FaultRequest): string | undefined {
  const { depth, movePrice, delist } = order;
  for (const named of [depth, movePrice, delist]) {
    if (named === undefined || venue.symbols.includes(named.symbol)) continue;
    if (named.symbol !== '*' || named === delist) return `${named.symbol} is not listed`;
  }
  if (depth !== undefined && !(depth.scale >= 0)) return 'depth.scale must be ≥ 0';
  if (movePrice !== undefined && !(movePrice.ratio > 0)) return 'movePrice.ratio must be above 0';
  return undefined;
}

function mistakeIn(order: FaultRequest): string | undefined {
  if (typeof order !== 'object' || order === null) return 'the body must be a JSON object';
  if (order.latencyMs !== undefined && !(order.latencyMs >= 0)) return 'latencyMs must be ≥ 0';
  for (const name of ['loseReplies', 'loseRequests', 'answer'] as const) {
    const fault = order[name];
    if (fault === undefined) continue;
    if (typeof fault.endpoint !== 'string' || !(fault.count > 0)) {
      return `${name} needs an endpoint ("POST /fapi/v1/order" or "*") and a count above 0`;
    }
  }
  if (order.answer !== undefined && !KINDS.includes(order.answer.kind)) {
    return `answer.kind must be one of ${KINDS.join(', ')}`;
  }
  const ban = order.banAddress;
  if (ban !== undefined && (typeof ban.address !== 'string' || !(ban.seconds >= 0))) {
    return 'banAddress needs an address and seconds';
  }
  return undefined;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
