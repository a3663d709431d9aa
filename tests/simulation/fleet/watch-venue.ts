/**
 * What must hold after each change at the venue: no doubled order, no exposure without a stop for long.
 *
 * Pure: rows of the venue in, problems and times out. The books are compared at rest, in `compare-books.ts`.
 */
import type { AlgoRow, OrderRow, PositionRow } from '../../../pkg/exchange/simulated/venue/rows.ts';
import type { Change } from '../../../pkg/exchange/simulated/venue/state.ts';
import type { KnownLoss } from './known-loss.ts';
import type { Reach } from './reach.ts';

/** A time in which something was held and no working stop would close it. */
export interface Exposure {
  readonly account: string;
  readonly symbol: string;
  readonly side: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of it, the venue refused or could not be reached on every attempt. */
  readonly outOfReachMs: number;
}

export interface VenueWatch {
  take(changes: readonly Change[], nowMs: number): void;
  /** Looks at exposure that lasts. */
  look(nowMs: number): void;
  readonly problems: string[];
  /** Exposures that have ended; one that the user made counts from when the fleet knew of it. */
  readonly exposures: readonly Exposure[];
  /** Orders of ours that the venue took, plain and conditional. */
  orders(): number;
}

/** Longest exposure without a stop, when the venue can be reached. */
export const UNPROTECTED_MS_MAX = 5_000;

export interface VenueWatchParts {
  readonly reach: Reach;
  readonly losses: KnownLoss;
  readonly isOurs: (clientId: string) => boolean;
}

export function createVenueWatch({ reach, losses, isOurs }: VenueWatchParts): VenueWatch {
  const problems: string[] = [];
  const exposures: Exposure[] = [];
  const open = new Map<string, Pick<Exposure, 'account' | 'symbol' | 'side' | 'fromMs'>>();
  const told = new Set<string>();
  const acceptedAs = new Map<string, number>();

  const noteAccepted = (account: string, clientId: string, venueId: number): void => {
    if (!isOurs(clientId)) return;
    const name = `${account} ${clientId}`;
    const known = acceptedAs.get(name);
    if (known === undefined) acceptedAs.set(name, venueId);
    else if (known !== venueId) {
      problems.push(`doubled order: ${name} was accepted as ${known} and as ${venueId}`);
    }
  };
  const measure = (
    exposure: Pick<Exposure, 'account' | 'symbol' | 'side' | 'fromMs'>,
    untilMs: number,
  ): Exposure => {
    const { account, symbol } = exposure;
    const fromMs = Math.min(untilMs, losses.knownAtMs(exposure, exposure.fromMs));
    const outOfReachMs = reach.outOfReachMs(
      { key: account, symbol, isAnew: losses.isByHand(exposure, exposure.fromMs) },
      fromMs,
      untilMs,
    );
    return { ...exposure, fromMs, untilMs, outOfReachMs };
  };
  const judge = (exposure: Exposure): void => {
    const { account, symbol, side, fromMs, untilMs, outOfReachMs } = exposure;
    const ownMs = untilMs - fromMs - outOfReachMs;
    const name = `${account} ${symbol} ${side} ${fromMs}`;
    if (ownMs <= UNPROTECTED_MS_MAX || told.has(name)) return;
    told.add(name);
    problems.push(
      `no stop for ${ownMs} ms (and ${outOfReachMs} ms out of reach): ${symbol} ${side} of ${account} since ${new Date(fromMs).toISOString()}`,
    );
  };
  const takePosition = (key: string, row: PositionRow | undefined, nowMs: number): void => {
    const since =
      row === undefined || Number(row.amount) === 0 ? undefined : row.unprotectedSinceMs;
    const standing = open.get(key);
    if (standing !== undefined && since !== standing.fromMs) {
      open.delete(key);
      const ended = measure(standing, nowMs);
      exposures.push(ended);
      judge(ended);
    }
    if (row === undefined || since === undefined || open.has(key)) return;
    const { account, symbol, side } = row;
    open.set(key, { account, symbol, side, fromMs: since });
  };

  return {
    problems,
    exposures,
    orders: () => acceptedAs.size,
    take: (changes, nowMs) => {
      for (const [table, key, row] of changes) {
        if (table === 'positions') takePosition(key, row as PositionRow | undefined, nowMs);
        if (row === undefined) continue;
        if (table === 'orders') {
          const order = row as OrderRow;
          // A conditional order that triggers makes an order under the same id.
          if (order.algoId !== undefined) continue;
          noteAccepted(order.account, order.clientOrderId, order.orderId);
        }
        if (table === 'algos') {
          const algo = row as AlgoRow;
          noteAccepted(algo.account, algo.clientAlgoId, algo.algoId);
        }
      }
    },
    look: (nowMs) => {
      for (const exposure of open.values()) judge(measure(exposure, nowMs));
      problems.push(...losses.overdue(nowMs));
    },
  };
}
