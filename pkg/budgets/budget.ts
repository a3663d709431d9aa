/**
 * Shared limits that answer at once.
 *
 * `reserve` never waits: waiting is the step engine's work, because a step that sleeps holds a slot.
 * Reserve immediately before the request crosses the wire; settle with what the answer's headers say.
 */
import type { Reason } from '#pkg/base';

export interface BudgetKey {
  readonly provider: 'binance' | 'taapi';
  /** `address` counts request weight, `orders` counts an account's orders, `apiKey` an indicator plan. */
  readonly scope: 'address' | 'orders' | 'apiKey';
  /** The egress address (identity, from the object), the account id, or the key's hash. */
  readonly id: string;
}

/** One limit of a key, as the provider publishes it. */
export interface BudgetLimit {
  readonly windowMs: number;
  readonly weightMax: number;
}

export interface BudgetRequest {
  readonly key: BudgetKey;
  readonly weight: number;
}

/**
 * `retryAtMs` is provider time. `ticket` orders what happens to a key: a reservation with a higher one than a settlement
 * was made after it.
 */
export type Reservation =
  | { readonly kind: 'granted'; readonly ticket: number }
  | { readonly kind: 'deferred'; readonly retryAtMs: number; readonly reason: Reason };

/** What the provider said is used of one window, in the answer to a request. */
export interface ProviderUsage {
  readonly windowMs: number;
  readonly weightUsed: number;
}

/** Closes one granted reservation once its answer is in. Without an answer there is no settlement: it stays counted. */
export interface Settlement {
  readonly weight: number;
  /** Provider time at which the weight was reserved. */
  readonly reservedAtMs: number;
  /** Of its reservation; without it the readings are not known to include anybody else's request. */
  readonly ticket?: number;
  /** Provider time of the answer: readings expire with their clock-aligned window. */
  readonly answeredAtMs: number;
  /** How far both times may be off, ms. */
  readonly clockErrorMs?: number | undefined;
  /** Readings of the answer's headers; a window without one keeps what was reserved. */
  readonly usages: readonly ProviderUsage[];
}

/** `protective` may use the last part of a window, which `normal` may not. */
export type BudgetPriority = 'normal' | 'protective';

export interface ReserveOptions {
  readonly providerNowMs: number | undefined;
  /** How far `providerNowMs` may be off, ms; what is under way so close to a window's turn counts in both. */
  readonly clockErrorMs?: number | undefined;
  readonly priority: BudgetPriority;
}

/** Clock-aligned windows (Binance): reserve on send, settle to the header, expire with the window. */
export interface WindowBudget {
  /**
   * Reserves all of `requests` or none of them, atomically, by provider time `providerNowMs`.
   *
   * Undefined is for the request that asks the provider for its time: it counts as answered in the newest window that
   * anybody knows of, and is not settled. A guess by the host's clock could begin a window that nobody is in yet.
   */
  reserve(requests: readonly BudgetRequest[], options: ReserveOptions): Promise<Reservation>;
  /** Corrects the count to what the provider said; never below what is reserved and still in flight. */
  settle(key: BudgetKey, settlement: Settlement): Promise<void>;
  /** The provider refuses this key until `untilMs`, provider time (429 or 418). */
  block(key: BudgetKey, untilMs: number): Promise<void>;
  /** Sets the limits of a (provider, scope), as read from the provider. */
  setLimits(
    provider: BudgetKey['provider'],
    scope: BudgetKey['scope'],
    limits: readonly BudgetLimit[],
  ): Promise<void>;
  /** What is used and allowed in the current window, for gates and pages. */
  read(key: BudgetKey, providerNowMs: number): Promise<BudgetReading>;
}

export interface BudgetReading {
  readonly weightUsed: number;
  readonly weightMax: number;
  readonly windowMs: number;
  readonly blockedUntilMs: number | undefined;
}

/**
 * A provider whose window is unknown (TAAPI): a slot returns one window after the *response*.
 *
 * A completion-leased sliding log; the only limiter that measured no 429 at full use (performance.md 6.1).
 */
export interface LeasedBudget {
  acquire(key: BudgetKey, limit: BudgetLimit): Promise<LeasedSlot>;
  /** Starts the slot's window now: call it when the response (or its failure) is in. */
  complete(key: BudgetKey, slotId: string, limit: BudgetLimit): Promise<void>;
}

export type LeasedSlot =
  | { readonly kind: 'granted'; readonly slotId: string }
  | { readonly kind: 'deferred'; readonly retryAfterMs: number; readonly reason: Reason };
