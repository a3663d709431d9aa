/**
 * The admin API: what the venue counted, what it holds, its time, and faults on order. On a port of its own, loopback only.
 *
 *   GET  /admin/summary                 figures of the summary
 *   GET  /admin/state                   every table, secrets left out
 *   GET  /admin/state/digest            one SHA-256 over all of it
 *   POST /admin/state/differences       rows in which the venue is not as in the dump that was sent
 *   GET  /admin/market?symbol=SOLUSDT   prices now, market time
 *   POST /admin/accounts                registers a key, or changes what a known one may: see VenueAccount
 *   GET  /admin/clock                   venue time, market time, sessions
 *   POST /admin/clock                   {"advanceMs": 3600000} moves venue time on
 *   GET  /admin/faults                  what still waits to happen, and what a plan drew
 *   POST /admin/faults                  see FaultRequest
 *
 * `createVenueAdmin` is its client. A mistake is answered with 400 and `{"error": "a sentence"}`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toError } from '#pkg/base';
import { checkAccount } from './account-order.ts';
import { checkFaultRequest } from '../faults/fault-request.ts';
import type { FaultDesk } from '../faults/order-faults.ts';
import { marketTimeAt } from '../market/market-clock.ts';
import { readBody } from '../server/read-body.ts';
import type { Streams } from '../streams/streams.ts';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import { meta } from '../venue/world.ts';
import { compareStates, digestState, dumpState, type StateDump } from './state-dump.ts';
import { summarize, type VenueSummary } from './summary.ts';

/** Answer of GET /admin/summary. */
export interface SummaryAnswer extends VenueSummary {
  readonly sockets: ReturnType<Streams['openSockets']>;
}

/** Answer of GET /admin/clock. */
export interface ClockAnswer {
  readonly nowMs: number;
  readonly marketMs: number;
  readonly sessions: readonly unknown[];
}

/** Answer of GET /admin/market; prices as decimal text. */
export interface MarketAnswer {
  readonly nowMs: number;
  readonly marketMs: number;
  readonly prices: Readonly<
    Record<string, { readonly mark: string; readonly bid: string; readonly ask: string }>
  >;
}

interface AdminParts {
  readonly runtime: VenueRuntime;
  readonly streams: Streams;
  readonly desk: FaultDesk;
}

const DUMP_BYTES_MAX = 256 * 1024 * 1024;
const ADVANCE_MS_MAX = 366 * 86_400_000;

/** Returns the handler of the admin port. */
export function createAdminHandler(
  parts: AdminParts,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answerAdmin(parts, request)
      .then(({ status, body }) => send(response, status, body))
      .catch((thrown: unknown) => send(response, 400, { error: toError(thrown).message }));
  };
}

interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

async function answerAdmin(parts: AdminParts, request: IncomingMessage): Promise<AdminAnswer> {
  const { runtime, desk } = parts;
  const { path, symbol } = parseTarget(request.url ?? '/');
  switch (`${request.method ?? 'GET'} ${path}`) {
    case 'GET /admin/summary':
      return ok(summaryAnswer(parts));
    case 'GET /admin/state':
      return ok(dumpState(runtime.venue.state));
    case 'GET /admin/state/digest':
      return ok({ digest: digestState(dumpState(runtime.venue.state)) });
    case 'POST /admin/state/differences': {
      const before = await readJson(request);
      if (!isDump(before)) return refused('the body must be what GET /admin/state answered');
      return ok(compareStates(before, plainJson(dumpState(runtime.venue.state))));
    }
    case 'POST /admin/accounts': {
      const checked = checkAccount(await readJson(request));
      if ('mistake' in checked) return refused(checked.mistake);
      runtime.venue.register(checked.account, runtime.clock.nowMs());
      runtime.commit();
      return ok({});
    }
    case 'GET /admin/clock':
      return ok(clockAnswer(runtime));
    case 'POST /admin/clock':
      return advance(runtime, await readJson(request));
    case 'GET /admin/market':
      return marketAnswer(runtime, symbol);
    case 'GET /admin/faults':
      return ok(desk.describe());
    case 'POST /admin/faults': {
      const checked = checkFaultRequest(await readJson(request));
      const mistake = 'mistake' in checked ? checked.mistake : desk.order(checked.request);
      return mistake === undefined ? ok(desk.describe()) : refused(mistake);
    }
    default:
      return { status: 404, body: { error: `no ${request.method} ${path} here` } };
  }
}

function parseTarget(target: string): { readonly path: string; readonly symbol: string | null } {
  const [path = '/', query = ''] = target.split('?', 2);
  return { path, symbol: new URLSearchParams(query).get('symbol') };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(await readBody(request, DUMP_BYTES_MAX)) as unknown;
}

function ok(body: unknown): AdminAnswer {
  return { status: 200, body };
}

function refused(error: string): AdminAnswer {
  return { status: 400, body: { error } };
}

function isDump(value: unknown): value is StateDump {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((rows) => Array.isArray(rows))
  );
}

/** As it looks once it went over the wire: without what is undefined. */
function plainJson(dump: StateDump): StateDump {
  return JSON.parse(JSON.stringify(dump)) as StateDump;
}

function summaryAnswer({ runtime, streams }: AdminParts): SummaryAnswer {
  runtime.counts.flush(runtime.venue.state);
  const nowMs = runtime.clock.nowMs();
  const marketMs = marketTimeAt(runtime.venue.market.sessions, nowMs);
  return { ...summarize(runtime.venue, nowMs, marketMs), sockets: streams.openSockets() };
}

function clockAnswer({ venue, clock }: VenueRuntime): ClockAnswer {
  const nowMs = clock.nowMs();
  const { sessions } = venue.market;
  return { nowMs, marketMs: marketTimeAt(sessions, nowMs), sessions };
}

/** Moves venue time on, and lets everything happen that was due until then. */
function advance(runtime: VenueRuntime, order: unknown): AdminAnswer {
  const advanceMs =
    typeof order === 'object' && order !== null && 'advanceMs' in order
      ? order.advanceMs
      : undefined;
  if (typeof advanceMs !== 'number' || !(advanceMs >= 0 && advanceMs <= ADVANCE_MS_MAX)) {
    return refused('advanceMs must be a number of milliseconds from 0 to a year');
  }
  const { state } = runtime.venue;
  const known = meta({ state });
  state.put('meta', 'all', { ...known, aheadMs: (known.aheadMs ?? 0) + advanceMs });
  runtime.clock.move(advanceMs);
  runtime.tick();
  return ok(clockAnswer(runtime));
}

function marketAnswer({ venue, clock }: VenueRuntime, symbol: string | null): AdminAnswer {
  if (symbol !== null && !venue.symbols.includes(symbol)) {
    return { status: 404, body: { error: `${symbol} is not listed` } };
  }
  const nowMs = clock.nowMs();
  const prices = Object.fromEntries(
    (symbol === null ? venue.symbols : [symbol]).map((each) => {
      const { mark, bid, ask } = venue.quote(each, nowMs);
      return [each, { mark: mark.toFixed(), bid: bid.toFixed(), ask: ask.toFixed() }];
    }),
  );
  const answer: MarketAnswer = {
    nowMs,
    marketMs: marketTimeAt(venue.market.sessions, nowMs),
    prices,
  };
  return ok(answer);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
