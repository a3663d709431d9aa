import { required, toError, type Clock } from '#pkg/base';
import type { BudgetPriority, WindowBudget } from '#pkg/budgets';
import type { AccountId } from '#pkg/domain';
import type { Egress, EgressIdentity } from '#pkg/egress';
import type { Logger, Metrics } from '#pkg/observability';

import { ExchangeProtocolError, ExchangeUnreachableError } from '../errors.ts';
import type { SendFence, SigningPurpose } from '../exchange.ts';
import { parseAnswer, type AnswerCheck } from './answers.ts';
import { ENDPOINTS, type Endpoint, type RequestParameters } from './endpoints.ts';
import { classifyFault, type Fault } from './errors.ts';
import { createFinalFaults } from './final-faults.ts';
import { connectionHint } from './hints.ts';
import { createMetering } from './metering.ts';
import { encodeParameters, signQuery } from './signing.ts';
import type { Transport, TransportResult } from './transport.ts';
import type { VenueClock } from './venue-clock.ts';

export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

export interface CallerDependencies {
  readonly transport: Transport;
  readonly egress: Egress;
  readonly credentialsOf: (accountId: AccountId, purpose: SigningPurpose) => Promise<Credentials>;
  readonly budget: WindowBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
  readonly identity: Pick<EgressIdentity, 'accuse'> | undefined;
  readonly onUnavailable: (() => void) | undefined;
}

export interface VenueCall<T> {
  readonly endpoint: Endpoint;
  readonly parameters?: RequestParameters;
  /** Needed unless the endpoint is public. */
  readonly accountId?: AccountId;
  readonly check: AnswerCheck<T>;
  readonly priority?: BudgetPriority;
  /** `protect` for what has that priority, else `look`, unless it is said. */
  readonly purpose?: SigningPurpose;
  readonly recvWindowMs?: number;
  readonly answerTimeoutMs?: number;
  readonly fence?: SendFence;
  readonly signal: AbortSignal;
}

/** What became of one request; throttling and refused accounts are thrown instead, for nothing was done. */
export type CallOutcome<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | NotSent
  /** It may have been done: the answer is missing or makes no sense. */
  | { readonly kind: 'lost'; readonly cause: Error };

interface NotSent {
  readonly kind: 'not-sent';
  readonly why: 'FencePassed' | 'LeaseLost' | 'NotConnected';
  readonly cause: Error;
}

export type VenueCaller = <T>(call: VenueCall<T>) => Promise<CallOutcome<T>>;

const READ_RECV_WINDOW_MS = 5_000;
/** By which the venue, or what stands in front of it, says that it cannot serve just now. */
const UNAVAILABLE: ReadonlySet<number> = new Set([503, 504]);

/**
 * Returns the one way in which requests reach the venue: reserve, check the fence, sign, send, settle, classify.
 *
 * A refused time stamp is the only refusal that is repeated here, once, with a fresh measurement and under
 * the same fence.
 */
export function createVenueCaller(
  dependencies: CallerDependencies,
  venueClock: VenueClock,
): VenueCaller {
  const { transport, egress, credentialsOf, clock, metrics } = dependencies;
  const { egressAddress } = egress;
  const metering = createMetering({ ...dependencies, egressAddress, venueClock });
  const throwFinal = createFinalFaults({
    clock,
    venueClock,
    metering,
    egressAddress,
    identity: dependencies.identity,
  });

  const attempt = async <T>(call: VenueCall<T>): Promise<CallOutcome<T>> => {
    const { endpoint, parameters = {}, accountId, priority = 'normal', signal } = call;
    const { name } = endpoint;
    const credentials = await findCredentials(call, credentialsOf);
    // Public requests as well: by the host's own clock their weight could fall into another minute than the venue's.
    if (endpoint !== ENDPOINTS.time) {
      const failure = await ensureClock(venueClock);
      if (failure !== undefined) return notSent('NotConnected', name, failure);
    }
    const barred = findBar(call, name, venueClock);
    if (barred !== undefined) return barred;
    const reserved = await metering.reserve({ endpoint, parameters, accountId, priority });
    const barredMeanwhile = findBar(call, name, venueClock);
    if (barredMeanwhile !== undefined) return barredMeanwhile;

    const query = buildQuery(call, credentials, venueClock.nowMs());
    const startedAtMs = clock.monotonicMs();
    const result = await transport.send({
      method: endpoint.method,
      path: query === '' ? endpoint.path : `${endpoint.path}?${query}`,
      headers: credentials === undefined ? {} : { 'X-MBX-APIKEY': credentials.apiKey },
      signal,
      ...(call.answerTimeoutMs === undefined ? {} : { answerTimeoutMs: call.answerTimeoutMs }),
    });
    const status = result.kind === 'answered' ? String(result.status) : '0';
    const durationMs = clock.monotonicMs() - startedAtMs;
    metrics?.increment('kraite_venue_requests_total', {
      address: egressAddress,
      endpoint: name,
      status,
    });
    metrics?.observe(
      'kraite_venue_request_duration_seconds',
      { endpoint: name },
      durationMs / 1_000,
    );
    if (result.kind === 'not-connected') return notSent('NotConnected', name, result.cause);
    if (result.kind === 'lost') return { kind: 'lost', cause: unreachable(name, result.cause) };
    reserved.settle(result.headers);
    if (UNAVAILABLE.has(result.status)) dependencies.onUnavailable?.();
    const outcome = concludeAnswer(call, name, result);
    if (outcome.kind === 'fault') await throwFinal(outcome.fault, accountId);
    return outcome;
  };

  return async (call) => {
    const first = await attempt(call);
    if (first.kind !== 'fault' || first.fault.action !== 'resync-clock') return first;
    venueClock.distrust();
    const second = await attempt(call);
    if (second.kind === 'fault' && second.fault.action === 'resync-clock') {
      return throwFinal.clockRefused(second.fault);
    }
    return second;
  };
}

async function findCredentials(
  { endpoint, accountId, priority, purpose }: VenueCall<unknown>,
  credentialsOf: CallerDependencies['credentialsOf'],
): Promise<Credentials | undefined> {
  if (endpoint.security === 'public') return undefined;
  return credentialsOf(
    required(accountId, `${endpoint.path} needs an account.`),
    purpose ?? (priority === 'protective' ? 'protect' : 'look'),
  );
}

async function ensureClock(venueClock: VenueClock): Promise<Error | undefined> {
  try {
    await venueClock.ensure();
    return undefined;
  } catch (error) {
    if (error instanceof ExchangeUnreachableError) return error;
    throw error;
  }
}

/** Returns why a request may not leave just now, or undefined. Asked right before signing. */
function findBar(
  { fence, signal }: VenueCall<unknown>,
  name: string,
  venueClock: VenueClock,
): NotSent | undefined {
  if (signal.aborted) return notSent('LeaseLost', name, toError(signal.reason));
  if (fence === undefined) return undefined;
  if (!fence.isOwned()) return notSent('LeaseLost', name, new Error('the step is no longer ours'));
  if (venueClock.nowMs() > fence.signableUntilMs) {
    return notSent('FencePassed', name, new Error('the time to sign this request has passed'));
  }
  return undefined;
}

function buildQuery(
  { endpoint, parameters = {}, recvWindowMs = READ_RECV_WINDOW_MS }: VenueCall<unknown>,
  credentials: Credentials | undefined,
  venueNowMs: number,
): string {
  if (endpoint.security !== 'signed' || credentials === undefined) {
    return encodeParameters(parameters);
  }
  const stamped = { ...parameters, recvWindow: recvWindowMs, timestamp: Math.floor(venueNowMs) };
  return signQuery(encodeParameters(stamped), credentials.apiSecret);
}

function concludeAnswer<T>(
  { check }: VenueCall<T>,
  name: string,
  answer: Extract<TransportResult, { kind: 'answered' }>,
): CallOutcome<T> {
  const { status, text, headers } = answer;
  if (status < 200 || status > 299) {
    const retryAfter = headers['retry-after'];
    const fault = classifyFault({
      status,
      text,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    });
    return { kind: 'fault', fault };
  }
  try {
    return { kind: 'answered', value: check(parseAnswer(text, name), name) };
  } catch (error) {
    if (error instanceof ExchangeProtocolError) return { kind: 'lost', cause: error };
    throw error;
  }
}

function notSent(why: NotSent['why'], endpoint: string, cause: Error): NotSent {
  return { kind: 'not-sent', why, cause: unreachable(endpoint, cause) };
}

function unreachable(endpoint: string, cause: Error): ExchangeUnreachableError {
  if (cause instanceof ExchangeUnreachableError) return cause;
  return new ExchangeUnreachableError({
    cause,
    hint: connectionHint(cause),
    fields: { endpoint },
  });
}
