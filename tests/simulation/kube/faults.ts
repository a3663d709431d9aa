import type { Random } from '#pkg/base';

/** What a request is, to the one who decides whether it fails. */
export interface RequestFacts {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'discover';
  readonly plural: string;
  readonly isContinued: boolean;
  /** Who asks (see `connect`). */
  readonly client: string;
}

export type Fault =
  | { readonly kind: 'refuse'; readonly status: number; readonly retryAfterSeconds?: number }
  /** The connection breaks; `isDone` says whether the request was carried out before. */
  | { readonly kind: 'loseReply'; readonly isDone: boolean }
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** For watches. */
  | { readonly kind: 'dropWatch'; readonly afterMs: number }
  | { readonly kind: 'expireWatch'; readonly afterMs: number };

/** Decides for each request whether it fails, and how. */
export type FaultPlan = (request: RequestFacts) => Fault | undefined;

export interface FaultRates {
  readonly tooMany: number;
  readonly unavailable: number;
  readonly conflict: number;
  readonly lostUndone: number;
  readonly lostDone: number;
  readonly slow: number;
  readonly slowMsMax: number;
  readonly watchDrop: number;
  readonly watchGone: number;
  readonly listGone: number;
}

/** Returns faults drawn from `random`, each with its chance (0 to 1) per request. */
export function createSeededFaults(random: Random, rates: FaultRates): FaultPlan {
  return (request) => {
    const isWrite = ['create', 'update', 'patch', 'delete'].includes(request.verb);
    const choices: readonly [number, () => Fault][] = [
      [
        rates.tooMany,
        () => ({ kind: 'refuse', status: 429, retryAfterSeconds: 1 + random.integer(2) }),
      ],
      [
        rates.unavailable,
        () => ({ kind: 'refuse', status: [500, 502, 503, 504][random.integer(4)] ?? 503 }),
      ],
      [isWrite ? rates.conflict : 0, () => ({ kind: 'refuse', status: 409 })],
      [rates.lostUndone, () => ({ kind: 'loseReply', isDone: false })],
      [isWrite ? rates.lostDone : 0, () => ({ kind: 'loseReply', isDone: true })],
      [rates.slow, () => ({ kind: 'delay', delayMs: random.integer(rates.slowMsMax) })],
      [
        request.verb === 'watch' ? rates.watchDrop : 0,
        () => ({ kind: 'dropWatch', afterMs: random.integer(20_000) }),
      ],
      [
        request.verb === 'watch' ? rates.watchGone : 0,
        () => ({ kind: 'expireWatch', afterMs: random.integer(20_000) }),
      ],
      [
        request.verb === 'list' && request.isContinued ? rates.listGone : 0,
        () => ({ kind: 'refuse', status: 410 }),
      ],
    ];
    for (const [rate, make] of choices) if (rate > 0 && random.next() < rate) return make();
    return undefined;
  };
}
