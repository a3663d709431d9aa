import { FleetError, toError } from '#pkg/base';
import type { FaultPlan, FaultRequest } from '../faults/fault-request.ts';
import type { DrawnFault } from '../faults/request-faults.ts';
import type { VenueAccount } from '../venue/venue.ts';
import type { ClockAnswer, MarketAnswer, SummaryAnswer } from './admin.ts';
import type { StateDifference, StateDump } from './state-dump.ts';

/** The admin port does not answer, or refuses; the message says what and why. */
export class VenueAdminError extends FleetError<'VENUE_ADMIN'> {
  constructor(message: string, cause?: unknown) {
    super('VENUE_ADMIN', message, { cause });
  }
}

/** What still waits to happen. */
export interface WaitingFaults {
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly waiting: readonly { readonly endpoint: string; readonly count: number }[];
  readonly plan?: FaultPlan;
  readonly drawn: readonly DrawnFault[];
  readonly frames: readonly unknown[];
  readonly scripted: number;
}

/** The admin port of a running simulated exchange. Every call throws {@link VenueAdminError}. */
export interface VenueAdmin {
  summary(): Promise<SummaryAnswer>;
  /** Every table, secrets left out. */
  state(): Promise<StateDump>;
  /** The same for the same state. */
  digest(): Promise<string>;
  /** Rows in which the venue is not as it was in `before`. */
  differences(before: StateDump): Promise<readonly StateDifference[]>;
  clock(): Promise<ClockAnswer>;
  /** Moves venue time on. */
  advance(byMs: number): Promise<ClockAnswer>;
  market(symbol?: string): Promise<MarketAnswer>;
  /** Registers a key with its first deposit, or changes what a known key may. */
  register(account: VenueAccount): Promise<void>;
  faults(): Promise<WaitingFaults>;
  order(request: FaultRequest): Promise<WaitingFaults>;
}

const ANSWER_MS_MAX = 30_000;

/** Returns the client of the admin port at `url`, such as `http://127.0.0.1:9092`. */
export function createVenueAdmin(
  url: string,
  { timeoutMs = ANSWER_MS_MAX }: { readonly timeoutMs?: number } = {},
): VenueAdmin {
  async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
    let status: number;
    let text: string;
    try {
      const response = await fetch(new URL(path, url), {
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      status = response.status;
      text = await response.text();
    } catch (thrown) {
      const words = toError(thrown).message;
      throw new VenueAdminError(`the exchange does not answer at ${url}${path}: ${words}`, thrown);
    }
    if (status !== 200) throw new VenueAdminError(`the exchange refused ${path}: ${wordsOf(text)}`);
    return JSON.parse(text) as Answer;
  }

  return {
    summary: () => ask('/admin/summary'),
    state: () => ask('/admin/state'),
    digest: async () => (await ask<{ readonly digest: string }>('/admin/state/digest')).digest,
    differences: (before) => ask('/admin/state/differences', before),
    clock: () => ask('/admin/clock'),
    advance: (byMs) => ask('/admin/clock', { advanceMs: byMs }),
    market: (symbol) =>
      ask(`/admin/market${symbol === undefined ? '' : `?symbol=${encodeURIComponent(symbol)}`}`),
    register: async (account) => {
      await ask('/admin/accounts', account);
    },
    faults: () => ask('/admin/faults'),
    order: (request) => ask('/admin/faults', request),
  };
}

function wordsOf(text: string): string {
  try {
    const answer = JSON.parse(text) as { readonly error?: unknown };
    return typeof answer.error === 'string' ? answer.error : text;
  } catch {
    return text;
  }
}
