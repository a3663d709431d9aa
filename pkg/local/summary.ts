import type { Order, Position } from '#pkg/domain';
import type { PlannedBox } from '#pkg/fleet-spec';
import type { StepRun } from '#pkg/store';
import { measureHops } from './hops.ts';

/** What the simulated exchange counted by itself (`GET /admin/summary`). */
export interface VenueCounts {
  readonly requestsByAddress: Readonly<Record<string, number>>;
  readonly status429: number;
  readonly status418: number;
  readonly duplicateClientOrderIds: number;
  readonly ordersAccepted: number;
  readonly openWithoutStop: number;
  readonly unprotectedMsMax: number;
}

/** The last line of `kraite up --for DURATION -o json`. */
export interface RunSummary {
  readonly kind: 'summary';
  readonly readyMs: number | null;
  readonly positions: {
    readonly opened: number;
    readonly closed: number;
    readonly closedInProfit: number;
    readonly rungsFilled: number;
    readonly reaveraged: number;
    /** Null without a simulated exchange: nobody but the venue may count it. */
    readonly openWithoutStop: number | null;
    readonly unprotectedMsMax: number | null;
  };
  readonly venue: {
    /** By box name; an address that belongs to no box stands as it is. */
    readonly requestsByAddress: Readonly<Record<string, number>>;
    readonly status429: number;
    readonly status418: number;
    readonly duplicateClientOrderIds: number;
    readonly ordersAccepted: number;
  } | null;
  readonly engine: {
    readonly stepsCompleted: number;
    readonly hopMsP50: number | null;
    readonly hopMsP99: number | null;
  };
}

export interface SummaryFacts {
  readonly readyMs: number | undefined;
  /** Start of the run: what happened before it belongs to an earlier run on the same state. */
  readonly sinceMs: number;
  readonly positions: readonly Position[];
  /** How often positions that were open before this run had been re-averaged by then. */
  readonly wapCountsBefore: ReadonlyMap<string, number>;
  readonly orders: readonly Order[];
  readonly runs: readonly StepRun[];
  readonly boxes: readonly PlannedBox[];
  readonly venue: VenueCounts | undefined;
}

/** Returns the summary of one run of the fleet. */
export function summarizeRun(facts: SummaryFacts): RunSummary {
  const { positions, orders, sinceMs, venue } = facts;
  const isOfThisRun = (atMs: number | undefined): boolean => atMs !== undefined && atMs >= sinceMs;
  const closed = positions.filter(
    ({ status, closedAtMs }) => status === 'closed' && isOfThisRun(closedAtMs),
  );
  const touched = positions.filter(({ updatedAtMs }) => isOfThisRun(updatedAtMs));
  return {
    kind: 'summary',
    readyMs: facts.readyMs ?? null,
    positions: {
      opened: positions.filter(({ openedAtMs }) => isOfThisRun(openedAtMs)).length,
      closed: closed.length,
      closedInProfit: closed.filter(isProfit).length,
      rungsFilled: orders.filter(
        ({ purpose, filledAtMs }) => purpose === 'rung' && isOfThisRun(filledAtMs),
      ).length,
      reaveraged: touched.reduce(
        (total, { id, wapCount }) => total + wapCount - (facts.wapCountsBefore.get(id) ?? 0),
        0,
      ),
      openWithoutStop: venue?.openWithoutStop ?? null,
      unprotectedMsMax: venue?.unprotectedMsMax ?? null,
    },
    venue:
      venue === undefined
        ? null
        : {
            requestsByAddress: nameAddresses(venue.requestsByAddress, facts.boxes),
            status429: venue.status429,
            status418: venue.status418,
            duplicateClientOrderIds: venue.duplicateClientOrderIds,
            ordersAccepted: venue.ordersAccepted,
          },
    engine: measureHops(facts.runs),
  };
}

function isProfit(position: Position): boolean {
  return position.realizedPnl?.isPositive() === true && !position.realizedPnl.isZero();
}

function nameAddresses(
  counts: Readonly<Record<string, number>>,
  boxes: readonly PlannedBox[],
): Readonly<Record<string, number>> {
  const names = new Map(boxes.map((box) => [box.bindAddress, box.name]));
  const named: Record<string, number> = {};
  for (const [address, count] of Object.entries(counts)) {
    const name: string = names.get(address) ?? address;
    named[name] = (named[name] ?? 0) + count;
  }
  return named;
}
