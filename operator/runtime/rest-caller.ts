import { backoffDelayMs, type Clock, type Random } from '#pkg/base';
import type { ControllerMetrics } from '#pkg/observability';
import { KubeApiError, KubeUnreachableError, type StatusBody } from './errors.ts';
import { createTokenBucket, type TokenBucketOptions } from './token-bucket.ts';
import {
  TransportError,
  type KubeTransport,
  type TransportRequest,
  type TransportResponse,
  type TransportStream,
} from './transport.ts';

export interface RestCall {
  readonly method: TransportRequest['method'];
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
  /** Doing it twice leaves the world as doing it once, so it may be repeated when the outcome is unknown. */
  readonly isIdempotent: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called before another try when the one before may have been carried out. */
  readonly onRepeat?: () => void;
}

export interface RestCallerOptions {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: ControllerMetrics | undefined;
  /** Of one try (default 30 s). */
  readonly deadlineMs?: number;
  /** All calls of this process together (default 300/s, 600 at once). */
  readonly rate?: TokenBucketOptions;
}

/** Calls the API with a deadline, within the rate, and again where that is safe. */
export interface RestCaller {
  /** Returns the body. Throws KubeApiError or KubeUnreachableError; when `signal` aborts, its reason. */
  call(call: RestCall): Promise<string>;
  /** Opens a watch; it is not repeated. The deadline covers its headers only. */
  open(path: string, signal: AbortSignal): Promise<TransportStream>;
}

const TRIES_MAX = 5;
const DEADLINE_MS = 30_000;
const RETRY_AFTER_MS_MAX = 30_000;
const BACKOFF = { baseMs: 100, capMs: 5_000 };
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

type Outcome =
  | { readonly kind: 'answered'; readonly response: TransportResponse }
  | { readonly kind: 'lost'; readonly error: unknown; readonly isSent: boolean };

export function createRestCaller(options: RestCallerOptions): RestCaller {
  const { clock, random, metrics, transport } = options;
  const { host } = transport;
  const bucket = createTokenBucket(clock, options.rate ?? { perSecond: 300, burst: 600 });
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;

  async function waitForToken(signal: AbortSignal | undefined): Promise<void> {
    const delayMs = bucket.reserve();
    if (delayMs > 0) await clock.sleep(delayMs, signal);
    signal?.throwIfAborted();
  }

  const attempt = createAttempt(options);

  return {
    call: async (call) => {
      for (let tried = 1; ; tried += 1) {
        await waitForToken(call.signal);
        const outcome = await attempt(call);
        if (outcome.kind === 'answered' && outcome.response.status < 400) {
          return outcome.response.body;
        }
        if (tried >= TRIES_MAX || !mayRepeat(call, outcome)) throw toFailure(call, outcome);
        if (isOutcomeUnknown(outcome)) call.onRepeat?.();
        const code = outcome.kind === 'answered' ? String(outcome.response.status) : '<error>';
        metrics?.increment('rest_client_request_retries_total', { code, verb: call.method, host });
        await clock.sleep(
          retryAfterMs(outcome) ?? backoffDelayMs(tried, BACKOFF, random),
          call.signal,
        );
        call.signal?.throwIfAborted();
      }
    },
    open: async (path, signal) => {
      await waitForToken(signal);
      const deadline = startDeadline(clock, deadlineMs, signal);
      let code = '<error>';
      try {
        const stream = await transport.stream({ method: 'GET', path, signal: deadline.signal });
        code = String(stream.status);
        return stream;
      } catch (error) {
        signal.throwIfAborted();
        throw new KubeUnreachableError(`GET ${path}`, error, { isOutcomeUnknown: false });
      } finally {
        deadline.keep();
        metrics?.increment('rest_client_requests_total', { code, method: 'GET', host });
      }
    },
  };
}

/** Returns a function that asks once, counts it, and says what came of it. */
function createAttempt(options: RestCallerOptions): (call: RestCall) => Promise<Outcome> {
  const { clock, metrics, transport } = options;
  const { host } = transport;
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  return async (call) => {
    const { method, path, contentType, body } = call;
    const startedMs = clock.monotonicMs();
    const deadline = startDeadline(clock, deadlineMs, call.signal);
    let code = '<error>';
    try {
      const response = await transport.request({
        method,
        path,
        ...(contentType === undefined ? {} : { contentType }),
        ...(body === undefined ? {} : { body }),
        signal: deadline.signal,
      });
      code = String(response.status);
      return { kind: 'answered', response };
    } catch (error) {
      call.signal?.throwIfAborted();
      return { kind: 'lost', error, isSent: !(error instanceof TransportError) || error.isSent };
    } finally {
      deadline.end();
      const verb = method;
      metrics?.increment('rest_client_requests_total', { code, method, host });
      metrics?.observe(
        'rest_client_request_duration_seconds',
        { verb, host },
        (clock.monotonicMs() - startedMs) / 1_000,
      );
    }
  };
}

/** Only a refusal before any work, or a request that never left, says for sure that nothing was done. */
function mayRepeat(call: RestCall, outcome: Outcome): boolean {
  if (outcome.kind === 'lost') return call.isIdempotent || !outcome.isSent;
  const { status } = outcome.response;
  return status === 429 || (call.isIdempotent && PASSING_STATUSES.has(status));
}

function isOutcomeUnknown(outcome: Outcome): boolean {
  return outcome.kind === 'lost' ? outcome.isSent : outcome.response.status >= 500;
}

function toFailure(call: RestCall, outcome: Outcome): Error {
  const name = `${call.method} ${call.path}`;
  if (outcome.kind === 'lost') {
    return new KubeUnreachableError(name, outcome.error, { isOutcomeUnknown: outcome.isSent });
  }
  return toApiError(name, outcome.response);
}

/** Returns the refusal that an answer with a status of 400 or more stands for. */
export function toApiError(call: string, response: TransportResponse): KubeApiError {
  return new KubeApiError(response.status, parseStatus(response.body), {
    call,
    retryAfterMs: retryAfterMs({ kind: 'answered', response }),
  });
}

function parseStatus(body: string): StatusBody {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Proxies answer in plain text.
  }
  return body === '' ? {} : { message: body.slice(0, 1_000) };
}

function retryAfterMs(outcome: Outcome): number | undefined {
  if (outcome.kind === 'lost') return undefined;
  const text = outcome.response.headers['retry-after'];
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  return Math.min(RETRY_AFTER_MS_MAX, Number(text) * 1_000);
}

interface Deadline {
  readonly signal: AbortSignal;
  /** Forgets the time and the outer signal. */
  end(): void;
  /** Forgets the time; the outer signal still aborts. */
  keep(): void;
}

function startDeadline(clock: Clock, deadlineMs: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const onOuter = (): void => controller.abort(outer?.reason);
  if (outer?.aborted === true) onOuter();
  outer?.addEventListener('abort', onOuter, { once: true });
  const cancel = clock.schedule(deadlineMs, () =>
    controller.abort(new Error(`no answer within ${deadlineMs} ms`)),
  );
  return {
    signal: controller.signal,
    keep: cancel,
    end: () => {
      cancel();
      outer?.removeEventListener('abort', onOuter);
    },
  };
}
