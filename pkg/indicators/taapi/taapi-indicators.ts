import { createHash } from 'node:crypto';
import { Pool } from 'undici';

import { assert, toError, type Clock } from '#pkg/base';
import type { BudgetKey, BudgetLimit, LeasedBudget } from '#pkg/budgets';
import type { Logger, Metrics } from '#pkg/observability';

import type { IndicatorAnswer, IndicatorQuery, Indicators } from '../indicators.ts';
import { planConstructs } from './calculations.ts';
import { decodeBulk, unavailableAll } from './decode.ts';

export interface TaapiDependencies {
  readonly budget: LeasedBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

export interface TaapiOptions {
  readonly url: string;
  readonly secret: string;
  /** Local address that sockets bind; undefined leaves it to the system. */
  readonly bindAddress: string | undefined;
  /** What the key's plan allows. Plans: Free 1, Basic 5, Pro 30, Expert 75 in 15 s (taapi.io, "Rate limits"). */
  readonly plan?: BudgetLimit;
  /** Name of the market at the provider. */
  readonly exchange?: string;
  readonly answerTimeoutMs?: number;
}

/** "A maximum of 20 calculations is allowed for every plan" (taapi.io, "POST REST (Bulk)"). */
const CALCULATIONS_MAX = 20;
const EXPERT_PLAN: BudgetLimit = { windowMs: 15_000, weightMax: 75 };
const ANSWER_TIMEOUT_MS = 15_000;
const CONNECTIONS_MAX = 16;
/** The provider names no time after a 429. */
const LIMITED_RETRY_MS = 3_200;
const AWAY_RETRY_MS = 5_000;

/** The provider's own base URL (taapi.io/documentation, "Integration"). */
export const TAAPI_URL = 'https://api.taapi.io';

/**
 * Returns the adapter for TAAPI.io: one bulk request for each `read`, under a completion-leased budget.
 *
 * Nothing is thrown for what the provider does: a spent budget, a 429 or an outage defers, an unusable answer
 * makes its readings unavailable with a message.
 */
export function createTaapiIndicators(
  dependencies: TaapiDependencies,
  options: TaapiOptions,
): Indicators {
  const { budget, logger } = dependencies;
  const { secret, plan = EXPERT_PLAN, exchange = 'binancefutures' } = options;
  const key = apiKeyOf(secret);
  const post = createPost(dependencies, options);

  const read = async (
    queries: readonly IndicatorQuery[],
    signal: AbortSignal,
  ): Promise<IndicatorAnswer> => {
    assert(queries.length <= CALCULATIONS_MAX, 'One request carries at most 20 calculations.');
    if (queries.length === 0) return { kind: 'answered', readings: [] };
    const slot = await budget.acquire(key, plan);
    if (slot.kind === 'deferred') return slot;
    const constructs = planConstructs(queries, exchange);
    const construct = constructs.length === 1 ? constructs[0] : constructs;
    try {
      return concludeAnswer(
        await post.send(JSON.stringify({ secret, construct }), signal),
        queries,
      );
    } catch (error) {
      logger.warn({ err: toError(error) }, 'indicator provider did not answer');
      return { kind: 'deferred', retryAfterMs: AWAY_RETRY_MS, reason: 'ProviderUnreachable' };
    } finally {
      await budget.complete(key, slot.slotId, plan);
    }
  };
  return {
    calculationsMax: CALCULATIONS_MAX,
    read,
    [Symbol.asyncDispose]: () => post.close(),
  };
}

interface PostAnswer {
  readonly status: number;
  readonly text: string;
}

function createPost({ metrics }: TaapiDependencies, options: TaapiOptions) {
  const { origin, pathname } = new URL(options.url);
  const timeoutMs = options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
  const pool = new Pool(origin, {
    connections: CONNECTIONS_MAX,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    ...(options.bindAddress === undefined ? {} : { localAddress: options.bindAddress }),
  });
  const path = `${pathname.replace(/\/+$/u, '')}/bulk`;
  return {
    send: async (body: string, signal: AbortSignal): Promise<PostAnswer> => {
      let status = 0;
      try {
        const answer = await pool.request({
          method: 'POST',
          path,
          headers: { 'content-type': 'application/json' },
          body,
          signal,
        });
        const text = await answer.body.text();
        status = answer.statusCode;
        return { status, text };
      } finally {
        metrics?.increment('kraite_indicator_requests_total', { status: String(status) });
      }
    },
    close: () => pool.destroy(),
  };
}

function concludeAnswer(
  { status, text }: PostAnswer,
  queries: readonly IndicatorQuery[],
): IndicatorAnswer {
  if (status >= 200 && status < 300) {
    return { kind: 'answered', readings: decodeBulk(text, queries) };
  }
  if (status === 429) {
    return { kind: 'deferred', retryAfterMs: LIMITED_RETRY_MS, reason: 'ProviderBudgetSpent' };
  }
  if (status >= 500 || status === 408) {
    return { kind: 'deferred', retryAfterMs: AWAY_RETRY_MS, reason: 'ProviderUnreachable' };
  }
  const isKeyRefused = status === 401 || status === 402 || status === 403;
  const message = isKeyRefused
    ? `the provider refuses the key (HTTP ${status}): check its plan and the secret`
    : `the provider refuses the request (HTTP ${status}): ${text.slice(0, 200)}`;
  return { kind: 'answered', readings: unavailableAll(queries, message) };
}

/** The key's hash stands in Redis, never the key. */
function apiKeyOf(secret: string): BudgetKey {
  const hash = createHash('sha256').update(secret).digest('hex').slice(0, 16);
  return { provider: 'taapi', scope: 'apiKey', id: hash };
}
