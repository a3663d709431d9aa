/** What the venue itself granted and refused, window by window: the bench believes no count of ours. */
import type { SimulatedVenue } from '../../pkg/exchange/simulated/index.ts';

export interface WindowUse {
  granted: number;
  refused: number;
}

export class VenueLedger {
  readonly #uses = new Map<string, Map<number, WindowUse>>();
  readonly #windowMs: number;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  note(owner: string, atMs: number, weight: number, isGranted: boolean): void {
    const ofOwner = this.#uses.get(owner) ?? new Map<number, WindowUse>();
    this.#uses.set(owner, ofOwner);
    const window = Math.floor(atMs / this.#windowMs);
    const use = ofOwner.get(window) ?? { granted: 0, refused: 0 };
    ofOwner.set(window, use);
    if (isGranted) use.granted += weight;
    else use.refused += 1;
  }

  /** Granted in the windows that begin in the span, one figure for each window. */
  granted(owner: string, sinceMs: number, untilMs: number): readonly number[] {
    const first = Math.ceil(sinceMs / this.#windowMs);
    const end = Math.floor(untilMs / this.#windowMs);
    const ofOwner = this.#uses.get(owner);
    return Array.from(
      { length: Math.max(0, end - first) },
      (_, index) => ofOwner?.get(first + index)?.granted ?? 0,
    );
  }

  /** Every refusal there was, in a span or out of it. */
  refused(owner: string): number {
    return [...(this.#uses.get(owner)?.values() ?? [])].reduce((sum, use) => sum + use.refused, 0);
  }
}

/** Puts a ledger before the venue's count of weight. A ban (418) is what was ordered, not a refusal. */
export function watchWeight({ runtime }: SimulatedVenue): VenueLedger {
  const ledger = new VenueLedger(60_000);
  const limits = runtime.addressLimits;
  const take = limits.take.bind(limits);
  limits.take = (address, weight, nowMs) => {
    const verdict = take(address, weight, nowMs);
    if (verdict.kind !== 'banned') {
      ledger.note(address, nowMs, weight, verdict.kind === 'granted');
    }
    return verdict;
  };
  return ledger;
}

/** Puts a ledger before the venue's count of orders. */
export function watchOrders({ runtime }: SimulatedVenue): VenueLedger {
  const ledger = new VenueLedger(10_000);
  const limits = runtime.orderLimits;
  const take = limits.take.bind(limits);
  limits.take = (account, nowMs, cost) => {
    const counts = take(account, nowMs, cost);
    ledger.note(account, nowMs, cost?.['10S'] ?? 1, counts.refusal === undefined);
    return counts;
  };
  return ledger;
}
