import type { BudgetLimit, ProviderUsage } from '../budget.ts';

/** What one process knows of one window of a key. */
interface ViewedWindow {
  readonly startMs: number;
  readonly counted: number;
}

interface ViewedKey {
  /** Names the life of the shared count that this view was taken from; empty once that may have ended. */
  birth: string;
  blockedUntilMs: number;
  readonly windows: Map<number, ViewedWindow>;
}

/** A window of a key as the shared count says it, or said it. */
export interface WindowReading extends ViewedWindow {
  readonly windowMs: number;
}

/**
 * What this process last knew of the shared counts.
 *
 * It is what a wiped Redis is told, so that nobody begins again at nothing in the middle of a window, and what protective
 * requests are held to while Redis is away.
 */
export interface LocalView {
  birthOf(name: string): string;
  windowsOf(name: string): readonly WindowReading[];
  blockedUntilMs(name: string): number;
  /** The provider refuses the key until then; the longer block wins. */
  block(name: string, untilMs: number): void;
  /** The shared count said so just now. */
  see(name: string, birth: string, windows: readonly WindowReading[]): void;
  /** The provider's headers said so, or we sent without the shared count: whichever is more counts. */
  raise(name: string, usages: readonly ProviderUsage[], atMs: number): void;
  add(name: string, weight: number, limits: readonly BudgetLimit[], atMs: number): void;
  /** The shared count misses something: it is told what we know when it is back. */
  doubt(): void;
  /** Returns when `weight` fits again by what we know, or undefined when it fits now. */
  fullUntilMs(
    name: string,
    weight: number,
    limits: readonly BudgetLimit[],
    atMs: number,
  ): number | undefined;
}

export function createLocalView(): LocalView {
  const keys = new Map<string, ViewedKey>();
  const keyOf = (name: string): ViewedKey => {
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key: ViewedKey = { birth: '', blockedUntilMs: 0, windows: new Map() };
    keys.set(name, key);
    return key;
  };
  const countedAt = (key: ViewedKey, windowMs: number, startMs: number): number => {
    const known = key.windows.get(windowMs);
    return known?.startMs === startMs ? known.counted : 0;
  };
  return {
    birthOf: (name) => keyOf(name).birth,
    windowsOf: (name) =>
      [...keyOf(name).windows].map(([windowMs, known]) => ({ windowMs, ...known })),
    blockedUntilMs: (name) => keyOf(name).blockedUntilMs,
    block: (name, untilMs) => {
      const key = keyOf(name);
      key.blockedUntilMs = Math.max(key.blockedUntilMs, untilMs);
    },
    see: (name, birth, windows) => {
      const key = keyOf(name);
      key.birth = birth;
      for (const { windowMs, startMs, counted } of windows) {
        key.windows.set(windowMs, { startMs, counted });
      }
    },
    raise: (name, usages, atMs) => {
      const key = keyOf(name);
      for (const { windowMs, weightUsed } of usages) {
        const startMs = startOf(windowMs, atMs);
        const counted = Math.max(weightUsed, countedAt(key, windowMs, startMs));
        key.windows.set(windowMs, { startMs, counted });
      }
    },
    add: (name, weight, limits, atMs) => {
      const key = keyOf(name);
      for (const { windowMs } of limits) {
        const startMs = startOf(windowMs, atMs);
        key.windows.set(windowMs, {
          startMs,
          counted: countedAt(key, windowMs, startMs) + weight,
        });
      }
    },
    doubt: () => {
      for (const key of keys.values()) key.birth = '';
    },
    fullUntilMs: (name, weight, limits, atMs) => {
      const key = keyOf(name);
      let untilMs: number | undefined;
      for (const { windowMs, weightMax } of limits) {
        const startMs = startOf(windowMs, atMs);
        if (countedAt(key, windowMs, startMs) + weight <= weightMax) continue;
        untilMs = Math.max(untilMs ?? 0, startMs + windowMs);
      }
      return untilMs;
    },
  };
}

function startOf(windowMs: number, atMs: number): number {
  return Math.floor(atMs / windowMs) * windowMs;
}
