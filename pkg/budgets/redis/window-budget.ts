import { toError, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { RedisConnection } from '#pkg/redis';

import type {
  BudgetKey,
  BudgetLimit,
  BudgetReading,
  BudgetRequest,
  Reservation,
  Settlement,
  WindowBudget,
} from '../budget.ts';
import {
  budgetKeyText,
  DEFAULT_WINDOW_BUDGET_OPTIONS,
  documentedLimits,
  type WindowBudgetOptions,
} from '../limits.ts';
import { blockedReason, spentReason, tightestReading } from '../reading.ts';
import { createLocalView, type LocalView } from './local-view.ts';
import { createLocalAllowance } from './local-allowance.ts';
import { createRedisScript } from './script.ts';
import { BLOCK_SCRIPT, READ_SCRIPT, RESERVE_SCRIPT, SETTLE_SCRIPT } from './window-scripts.ts';

export interface RedisWindowBudgetOptions extends WindowBudgetOptions {
  /** While Redis is away, each process may send this many protective requests for each key in 10 s. */
  readonly allowanceWithoutRedis: number;
  /** First part of every Redis key. */
  readonly prefix: string;
}

const DEFAULT_OPTIONS: RedisWindowBudgetOptions = {
  ...DEFAULT_WINDOW_BUDGET_OPTIONS,
  allowanceWithoutRedis: 20,
  prefix: 'kraite:budget',
};

const REDIS_AWAY_RETRY_MS = 1_000;
const DOUBTFUL_WAIT_MS = 200;
const BLOCK_KEPT_MS_MIN = 600_000;
/** A reading that travelled for longer may be of a window that is over. */
const NEWS_MS = 5_000;

/**
 * Returns the window budget that every process with the same address or account shares.
 *
 * Without Redis it fails closed: normal requests are deferred, protective ones go on under a small local allowance,
 * and under what this process last knew of the count. A wiped Redis is told by each process what that knew, and
 * counts on from there and from the next headers.
 */
export function createRedisWindowBudget(
  dependencies: { readonly redis: RedisConnection; readonly clock: Clock; readonly logger: Logger },
  options: Partial<RedisWindowBudgetOptions> = {},
): WindowBudget {
  const { redis, clock, logger } = dependencies;
  const settings = { ...DEFAULT_OPTIONS, ...options };
  const { clockGuardMs, allowanceWithoutRedis, prefix } = settings;
  const scripts = createScripts(redis);
  const limitsKey = `${prefix}:limits`;
  const nameOf = (key: BudgetKey): string => `${prefix}:${budgetKeyText(key)}`;
  const limits = new Map<string, readonly BudgetLimit[]>();
  const limitsOf = ({ provider, scope }: BudgetKey): readonly BudgetLimit[] =>
    limits.get(`${provider}:${scope}`) ?? documentedLimits(scope);
  const view = createLocalView();
  const reserveWithoutRedis = createFallback({ clock, view, limitsOf }, allowanceWithoutRedis);

  const reserveShared = createDoubtingReserve(
    { clock, view, logger },
    createSharedReserve(scripts, { settings, limitsOf, view }),
  );

  return {
    reserve: async (requests, options) => {
      const atMs = options.providerNowMs ?? clock.nowMs();
      const blocked = findBlock(requests, view, atMs);
      if (blocked !== undefined) return blocked;
      const shared = await reserveShared(requests, options);
      return shared ?? reserveWithoutRedis(requests, atMs, options.priority === 'protective');
    },
    settle: async (key, settlement) => {
      const { reservedAtMs, answeredAtMs, usages } = settlement;
      // Before the shared count may fail to hear of it.
      if (reservedAtMs >= answeredAtMs - NEWS_MS) {
        view.raise(budgetKeyText(key), usages, reservedAtMs);
      }
      try {
        await scripts.settle(
          [limitsKey, nameOf(key)],
          [...scopeArguments(key, limitsOf(key)), ...settlementArguments(settlement, clockGuardMs)],
        );
      } catch (error) {
        view.doubt();
        throw error;
      }
    },
    block: async (key, untilMs) => {
      view.block(budgetKeyText(key), untilMs);
      const keptMs = Math.max(BLOCK_KEPT_MS_MIN, untilMs - clock.nowMs() + BLOCK_KEPT_MS_MIN);
      await scripts.block([nameOf(key)], [Math.ceil(untilMs), Math.ceil(keptMs)]);
    },
    setLimits: async (provider, scope, published) => {
      limits.set(`${provider}:${scope}`, published);
      await redis.hset(limitsKey, `${provider}:${scope}`, encodeLimits(published));
    },
    read: async (key, providerNowMs) => {
      const reply = await scripts.read(
        [limitsKey, nameOf(key)],
        [...scopeArguments(key, limitsOf(key)), providerNowMs],
      );
      return decodeReading(reply, providerNowMs);
    },
  };
}

/**
 * Returns `reserve` with undefined where Redis is away: asked again a second later, and until it answers nobody waits long
 * for it, because a fill may be without its stop.
 */
function createDoubtingReserve(
  dependencies: { readonly clock: Clock; readonly view: LocalView; readonly logger: Logger },
  reserve: WindowBudget['reserve'],
): (...args: Parameters<WindowBudget['reserve']>) => Promise<Reservation | undefined> {
  const { clock, view, logger } = dependencies;
  let awayUntilMs = Number.NEGATIVE_INFINITY;
  let isDoubtful = false;
  return async (requests, options) => {
    if (clock.monotonicMs() < awayUntilMs) return undefined;
    try {
      const asked = reserve(requests, options);
      const answer = await (isDoubtful ? withinMs(clock, asked, DOUBTFUL_WAIT_MS) : asked);
      isDoubtful = false;
      return answer;
    } catch (error) {
      awayUntilMs = clock.monotonicMs() + REDIS_AWAY_RETRY_MS;
      isDoubtful = true;
      view.doubt();
      logger.warn({ err: toError(error) }, 'budget not reserved: redis is away');
      return undefined;
    }
  };
}

/** Rejects when there is no answer in time; one that comes later only counts too much. */
function withinMs<T>(clock: Clock, answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(ms, () => {
      reject(new Error(`no answer within ${ms} ms`));
    });
    answer.finally(cancel).then(resolve, reject);
  });
}

/** Returns the reservation that Redis decides; it throws when Redis does not answer. */
function createSharedReserve(
  scripts: ReturnType<typeof createScripts>,
  dependencies: {
    readonly settings: RedisWindowBudgetOptions;
    readonly limitsOf: (key: BudgetKey) => readonly BudgetLimit[];
    readonly view: LocalView;
  },
): WindowBudget['reserve'] {
  const { settings, limitsOf, view } = dependencies;
  const { protectiveShare, clockGuardMs, prefix } = settings;
  return async (requests, { providerNowMs, clockErrorMs = 0, priority }) => {
    const share = priority === 'protective' ? 1 : 1 - protectiveShare;
    const reply = await scripts.reserve(
      [`${prefix}:limits`, ...requests.map(({ key }) => `${prefix}:${budgetKeyText(key)}`)],
      [
        providerNowMs ?? '',
        share,
        Math.max(clockGuardMs, clockErrorMs),
        ...requests.flatMap(({ key, weight }) => [
          ...scopeArguments(key, limitsOf(key)),
          weight,
          ...viewArguments(view, budgetKeyText(key)),
        ]),
      ],
    );
    return decodeReservation(reply, requests, view);
  };
}

/** A block outlives the Redis that it was written to, and holds while there is none. */
function findBlock(
  requests: readonly BudgetRequest[],
  view: LocalView,
  atMs: number,
): Reservation | undefined {
  for (const { key } of requests) {
    const retryAtMs = view.blockedUntilMs(budgetKeyText(key));
    if (retryAtMs > atMs) return { kind: 'deferred', retryAtMs, reason: blockedReason(key) };
  }
  return undefined;
}

/** Returns what to answer while nobody counts for the fleet. */
function createFallback(
  dependencies: {
    readonly clock: Clock;
    readonly view: LocalView;
    readonly limitsOf: (key: BudgetKey) => readonly BudgetLimit[];
  },
  countMax: number,
) {
  const { clock, view, limitsOf } = dependencies;
  const allowance = createLocalAllowance(clock, countMax);
  return (
    requests: readonly BudgetRequest[],
    nowMs: number,
    isProtective: boolean,
  ): Reservation => {
    const refused = (untilMs: number): Reservation => ({
      kind: 'deferred',
      retryAtMs: untilMs,
      reason: 'BudgetUnreadable',
    });
    if (!isProtective) return refused(nowMs + REDIS_AWAY_RETRY_MS);
    for (const { key, weight } of requests) {
      const untilMs = view.fullUntilMs(budgetKeyText(key), weight, limitsOf(key), nowMs);
      if (untilMs !== undefined) return refused(untilMs);
    }
    if (!allowance.take(requests.map(({ key }) => budgetKeyText(key)))) {
      return refused(nowMs + REDIS_AWAY_RETRY_MS);
    }
    for (const { key, weight } of requests) {
      view.add(budgetKeyText(key), weight, limitsOf(key), nowMs);
    }
    return { kind: 'granted', ticket: 0 };
  };
}

function createScripts(redis: RedisConnection) {
  return {
    reserve: createRedisScript(redis, RESERVE_SCRIPT),
    settle: createRedisScript(redis, SETTLE_SCRIPT),
    block: createRedisScript(redis, BLOCK_SCRIPT),
    read: createRedisScript(redis, READ_SCRIPT),
  };
}

/** The scope, and the limits that hold for it where Redis knows none. */
function scopeArguments(
  { provider, scope }: BudgetKey,
  limits: readonly BudgetLimit[],
): readonly [string, string] {
  return [`${provider}:${scope}`, encodeLimits(limits)];
}

function encodeLimits(limits: readonly BudgetLimit[]): string {
  return JSON.stringify(limits.map(({ windowMs, weightMax }) => [windowMs, weightMax]));
}

function decodeReading(reply: unknown, nowMs: number): BudgetReading {
  const [blockedUntilMs = 0, ...numbers] = (reply as readonly string[]).map(Number);
  const readings = numbers.flatMap((windowMs, index) =>
    index % 3 === 0
      ? [{ windowMs, weightMax: numbers[index + 1] ?? 0, weightUsed: numbers[index + 2] ?? 0 }]
      : [],
  );
  return tightestReading(readings, blockedUntilMs, nowMs);
}

function settlementArguments(
  { weight, reservedAtMs, answeredAtMs, clockErrorMs = 0, ticket = 0, usages }: Settlement,
  clockGuardMs: number,
): readonly (string | number)[] {
  return [
    weight,
    reservedAtMs,
    answeredAtMs,
    Math.max(clockGuardMs, clockErrorMs),
    ticket,
    ...usages.flatMap(({ windowMs, weightUsed }) => [windowMs, weightUsed]),
  ];
}

/** The birth that we know of, and what we counted in that life; the script reads it only in another life. */
function viewArguments(view: LocalView, name: string): readonly [string, string] {
  const windows = view.windowsOf(name);
  return [
    view.birthOf(name),
    windows.length === 0
      ? ''
      : JSON.stringify(
          windows.map(({ windowMs, startMs, counted }) => [windowMs, startMs, counted]),
        ),
  ];
}

function decodeReservation(
  reply: unknown,
  requests: readonly BudgetRequest[],
  view: LocalView,
): Reservation {
  const [kind, index, untilMs, ...views] = reply as readonly [
    string,
    number,
    string,
    ...(readonly (readonly string[])[]),
  ];
  requests.forEach(({ key }, position) => {
    const [birth = '', ...figures] = views[position] ?? [];
    const numbers = figures.map(Number);
    const windows = numbers.flatMap((windowMs, at) =>
      at % 3 === 0
        ? [{ windowMs, startMs: numbers[at + 1] ?? 0, counted: numbers[at + 2] ?? 0 }]
        : [],
    );
    view.see(budgetKeyText(key), birth, windows);
  });
  const key = requests[index - 1]?.key;
  if (kind === 'granted' || key === undefined) return { kind: 'granted', ticket: Number(untilMs) };
  if (kind === 'blocked') view.block(budgetKeyText(key), Number(untilMs));
  return {
    kind: 'deferred',
    retryAtMs: Number(untilMs),
    reason: kind === 'blocked' ? blockedReason(key) : spentReason(key),
  };
}
