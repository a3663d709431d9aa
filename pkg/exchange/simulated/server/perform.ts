/**
 * One request to the venue, however it arrived: limits first, then faults, who asks, the account's orders, the endpoint, the journal.
 *
 * REST and the WebSocket API both come through here, so both have the same rules and spend the same budgets.
 */
import { toError } from '#pkg/base';
import { answerBody, faultBody } from '../faults/fault-answers.ts';
import type { RequestFault } from '../faults/request-faults.ts';
import type { OrderCost } from '../limits/order-limits.ts';
import { ENDPOINT_POOLS } from '../limits/window-pool.ts';
import { WEIGHT_PER_MINUTE } from '../venue/endpoints/market.ts';
import type { Endpoint } from '../venue/endpoints/endpoint.ts';
import type { Parameters } from '../venue/parameters.ts';
import { VenueRejection } from '../venue/rejection.ts';
import type { AccountRow } from '../venue/rows.ts';
import type { VenueRuntime } from './venue-runtime.ts';

export interface Call {
  /** `POST /fapi/v1/order` or `order.place`: what it is counted as, and what a fault names. */
  readonly name: string;
  /** Undefined where nothing of that name exists. */
  readonly endpoint: Endpoint | undefined;
  readonly address: string;
  readonly parameters: Parameters;
  /** Weight where it is not the endpoint's own. */
  readonly weight?: number;
  /** Returns who asks, or throws the venue's refusal. Not called for public endpoints. */
  identify(nowMs: number): AccountRow;
}

export interface Outcome {
  readonly status: number;
  /** JSON, or a page where it is a string. */
  readonly body: unknown;
  readonly retryAfterSeconds: number | undefined;
  readonly usedWeight: number;
  readonly usedOrders: OrderCost | undefined;
}

interface Result {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterSeconds?: number;
  readonly usedOrders?: OrderCost;
}

/** A name that does not exist costs as much as the cheapest one. */
const UNKNOWN_WEIGHT = 1;
/** What is done to one order, and may come too late for it. */
const CHANGES_AN_ORDER = new Set(['DELETE /fapi/v1/order', 'PUT /fapi/v1/order']);

/**
 * Carries a request out under the faults that were taken for it.
 *
 * Returns undefined where the connection shall be cut instead of an answer.
 */
export async function performUnderFaults(
  runtime: VenueRuntime,
  call: Call,
): Promise<Outcome | undefined> {
  const { clock } = runtime;
  const fault = runtime.faults.take(call.name);
  if (fault.delayMs > 0) await clock.sleep(fault.delayMs);
  if (fault.losesRequest) return undefined;
  if (fault.holdMs !== undefined) {
    clock.schedule(fault.holdMs, () => perform(runtime, call, fault.answer));
    return undefined;
  }
  const outcome = perform(runtime, call, fault.answer);
  if (fault.losesReply) return undefined;
  if (fault.replyDelayMs > 0) await clock.sleep(fault.replyDelayMs);
  return outcome;
}

/** Carries a request out. Never throws. */
export function perform(
  runtime: VenueRuntime,
  call: Call,
  answer?: RequestFault['answer'],
): Outcome {
  const { name, endpoint, address } = call;
  const weight = call.weight ?? endpoint?.weight(call.parameters) ?? UNKNOWN_WEIGHT;
  const verdict = runtime.addressLimits.take(address, weight, runtime.clock.nowMs());
  const result =
    refusalOf(verdict, address) ??
    closedRefusal(runtime) ??
    poolRefusal(runtime, endpoint, address) ??
    (endpoint === undefined ? notFound(name) : undefined) ??
    (answer?.executed === false ? answerBody(answer) : undefined) ??
    carryOut(runtime, call);
  const isDone = result.status === 200 || result.status === 400;
  const final = answer?.executed === true && isDone ? answerBody(answer) : result;
  runtime.counts.note({
    address,
    endpoint: endpoint === undefined ? 'unknown' : name,
    status: final.status,
  });
  const { retryAfterSeconds, usedOrders }: Partial<Result> = { ...result, ...final };
  const { status, body } = final;
  return { status, body, retryAfterSeconds, usedWeight: verdict.usedWeight, usedOrders };
}

type Verdict = ReturnType<VenueRuntime['addressLimits']['take']>;

/** The refusal of an address that asks too much. Source: the venue's "General Info", section "Limits". */
export function refusalOf(verdict: Verdict, address: string): Result | undefined {
  if (verdict.kind === 'granted') return undefined;
  const msg =
    verdict.kind === 'banned'
      ? `Way too many requests; IP(${address}) banned until ${verdict.untilMs}. Please use the websocket for live updates to avoid bans.`
      : `Too many requests; current limit of IP(${address}) is ${WEIGHT_PER_MINUTE} requests per minute. Please use the websocket for live updates to avoid polling the API.`;
  return {
    status: verdict.kind === 'banned' ? 418 : 429,
    body: { code: -1003, msg },
    retryAfterSeconds: verdict.retryAfterSeconds,
  };
}

/** During maintenance nothing is carried out. */
function closedRefusal({ maintenance, clock }: VenueRuntime): Result | undefined {
  return maintenance.untilMs > clock.nowMs() ? faultBody('refused503') : undefined;
}

function poolRefusal(
  runtime: VenueRuntime,
  endpoint: Endpoint | undefined,
  address: string,
): Result | undefined {
  if (endpoint?.pool === undefined) return undefined;
  const waitSeconds = runtime.pools[endpoint.pool].take(address, runtime.clock.nowMs());
  if (waitSeconds === undefined) return undefined;
  const msg = `Too many requests; current limit of IP(${address}) is ${ENDPOINT_POOLS[endpoint.pool]} requests per 5 minutes.`;
  return { status: 429, body: { code: -1003, msg }, retryAfterSeconds: waitSeconds };
}

function notFound(name: string): Result {
  return { status: 404, body: { code: -5000, msg: `Path ${name} is invalid` } };
}

/** Runs the endpoint and writes the journal; the answer may leave afterwards. */
function carryOut(runtime: VenueRuntime, call: Call): Result {
  const { endpoint } = call;
  if (endpoint === undefined) return notFound(call.name);
  const nowMs = runtime.clock.nowMs();
  let usedOrders: OrderCost | undefined;
  try {
    const account = endpoint.security === 'public' ? undefined : call.identify(nowMs);
    if (endpoint.orders !== undefined && account !== undefined) {
      const counts = runtime.orderLimits.take(account.key, nowMs, endpoint.orders);
      usedOrders = counts.used;
      if (counts.refusal !== undefined) {
        const body = { code: -1015, msg: counts.refusal };
        const { retryAfterSeconds } = counts;
        return { status: 429, body, retryAfterSeconds, usedOrders };
      }
    }
    if (account !== undefined && CHANGES_AN_ORDER.has(`${endpoint.method} ${endpoint.path}`)) {
      runtime.lateCancels.race(runtime.venue.worldAt(nowMs), account, call.parameters);
    }
    const body = runtime.venue.call(endpoint, call.parameters, account, nowMs);
    return { status: 200, body, ...ordersOf(usedOrders) };
  } catch (thrown) {
    if (thrown instanceof VenueRejection) {
      const body = { code: thrown.venueCode, msg: thrown.message };
      return { status: thrown.httpStatus, body, ...ordersOf(usedOrders) };
    }
    process.emitWarning(`the simulated venue failed at ${call.name}: ${toError(thrown).stack}`);
    const words = 'Internal error; unable to process your request. Please try again.';
    return { status: 500, body: { code: -1000, msg: words }, ...ordersOf(usedOrders) };
  } finally {
    runtime.commit();
  }
}

function ordersOf(usedOrders: OrderCost | undefined): { readonly usedOrders?: OrderCost } {
  return usedOrders === undefined ? {} : { usedOrders };
}
