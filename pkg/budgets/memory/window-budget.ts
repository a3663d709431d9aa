import type {
  BudgetKey,
  BudgetLimit,
  BudgetRequest,
  ReserveOptions,
  WindowBudget,
} from '../budget.ts';
import {
  budgetKeyText,
  DEFAULT_WINDOW_BUDGET_OPTIONS,
  documentedLimits,
  type WindowBudgetOptions,
} from '../limits.ts';
import { allowedWeight, blockedReason, spentReason, tightestReading } from '../reading.ts';
import {
  countedWeight,
  refusedUntilMs,
  rollWindow,
  settleWindow,
  type WindowCount,
} from '../window-count.ts';

/** Returns a window budget that one process keeps to itself; for tests, simulations and single processes. */
export function createMemoryWindowBudget(options: Partial<WindowBudgetOptions> = {}): WindowBudget {
  const table = createCountTable();
  let ticket = 0;
  const { protectiveShare, clockGuardMs } = { ...DEFAULT_WINDOW_BUDGET_OPTIONS, ...options };

  /** Returns when the weight may be asked for again, or undefined when it fits now. */
  const findRefusal = (
    { key, weight }: BudgetRequest,
    nowMs: number,
    { priority, clockErrorMs = 0 }: ReserveOptions,
  ): number | undefined => {
    if (weight === 0) return undefined;
    let untilMs: number | undefined;
    for (const { windowMs, weightMax } of table.limitsOf(key)) {
      const allowed = allowedWeight(weightMax, priority, protectiveShare);
      const count = table.roll(key, windowMs, nowMs);
      const terms = { windowMs, guardMs: Math.max(clockGuardMs, clockErrorMs) };
      const ofWindow = refusedUntilMs(count, terms, { weight, allowed, nowMs });
      if (ofWindow !== undefined) untilMs = Math.max(untilMs ?? 0, ofWindow);
    }
    return untilMs;
  };

  return {
    reserve: async (requests, options) => {
      ticket += 1;
      const { providerNowMs: askedAtMs } = options;
      const providerNowMs = askedAtMs ?? table.newestMs();
      for (const { key } of requests) {
        const retryAtMs = table.blockedUntilMs(key);
        if (retryAtMs > providerNowMs) {
          return { kind: 'deferred', retryAtMs, reason: blockedReason(key) };
        }
      }
      for (const request of requests) {
        const retryAtMs = findRefusal(request, providerNowMs, options);
        if (retryAtMs !== undefined) {
          return { kind: 'deferred', retryAtMs, reason: spentReason(request.key) };
        }
      }
      for (const { key, weight } of requests) {
        table.update(key, providerNowMs, (count) =>
          askedAtMs === undefined
            ? { ...count, loose: count.loose + weight, looseTicket: ticket }
            : { ...count, out: count.out + weight },
        );
      }
      return { kind: 'granted', ticket };
    },
    settle: async (key, settlement) => {
      ticket += 1;
      const guardMs = Math.max(clockGuardMs, settlement.clockErrorMs ?? 0);
      table.update(key, settlement.answeredAtMs, (count, windowMs) =>
        settleWindow(count, { windowMs, guardMs }, settlement, ticket),
      );
    },
    block: async (key, untilMs) => table.block(key, untilMs),
    setLimits: async (provider, scope, limits) => table.setLimits(`${provider}:${scope}`, limits),
    read: async (key, providerNowMs) => {
      const readings = table.limitsOf(key).map(({ windowMs, weightMax }) => ({
        windowMs,
        weightMax,
        weightUsed: countedWeight(table.roll(key, windowMs, providerNowMs)),
      }));
      return tightestReading(readings, table.blockedUntilMs(key), providerNowMs);
    },
  };
}

interface CountedKey {
  /** `provider:scope`, under which limits are set. */
  readonly scope: string;
  readonly counts: Map<number, WindowCount>;
  blockedUntilMs: number;
}

/** Limits, counts and blocks by key. */
function createCountTable() {
  const limits = new Map<string, readonly BudgetLimit[]>();
  const keys = new Map<string, CountedKey>();

  const entryOf = (key: BudgetKey): CountedKey => {
    const name = budgetKeyText(key);
    const known = keys.get(name);
    if (known !== undefined) return known;
    const scope = `${key.provider}:${key.scope}`;
    const entry: CountedKey = { scope, counts: new Map(), blockedUntilMs: 0 };
    keys.set(name, entry);
    return entry;
  };
  const limitsOf = (key: BudgetKey): readonly BudgetLimit[] =>
    limits.get(entryOf(key).scope) ?? documentedLimits(key.scope);
  const roll = (key: BudgetKey, windowMs: number, nowMs: number): WindowCount => {
    const { counts } = entryOf(key);
    const count = rollWindow(counts.get(windowMs), windowMs, nowMs);
    counts.set(windowMs, count);
    return count;
  };
  return {
    limitsOf,
    roll,
    /** The start of the newest window that was counted in; 0 before any. */
    newestMs: (): number =>
      Math.max(
        0,
        ...[...keys.values()].flatMap(({ counts }) =>
          [...counts.values()].map(({ startMs }) => startMs),
        ),
      ),
    setLimits: (scope: string, published: readonly BudgetLimit[]): void => {
      limits.set(scope, published);
    },
    blockedUntilMs: (key: BudgetKey): number => entryOf(key).blockedUntilMs,
    block: (key: BudgetKey, untilMs: number): void => {
      const entry = entryOf(key);
      entry.blockedUntilMs = Math.max(entry.blockedUntilMs, untilMs);
    },
    update: (
      key: BudgetKey,
      nowMs: number,
      change: (count: WindowCount, windowMs: number) => WindowCount,
    ): void => {
      const { counts } = entryOf(key);
      for (const { windowMs } of limitsOf(key)) {
        counts.set(windowMs, change(roll(key, windowMs, nowMs), windowMs));
      }
    },
  };
}
