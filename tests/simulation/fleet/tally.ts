import { UNPROTECTED_MS_MAX, type Exposure } from './watch-venue.ts';
import type { FleetReport } from './simulate-fleet.ts';

/** What many seeds came to. */
export interface Tally {
  add(report: FleetReport): void;
  sentence(): string;
  /** How long exposure stood without a stop, and what came of the rest. */
  table(): readonly string[];
}

export function createTally(): Tally {
  const startedAtMs = performance.now();
  const ownMs: number[] = [];
  const outOfReachMs: number[] = [];
  const sums = {
    seeds: 0,
    hours: 0,
    opened: 0,
    closed: 0,
    rungsFilled: 0,
    orders: 0,
    requests: 0,
    deaths: 0,
  };
  return {
    add: (report) => {
      sums.seeds += 1;
      for (const name of [
        'hours',
        'opened',
        'closed',
        'rungsFilled',
        'orders',
        'requests',
        'deaths',
      ] as const) {
        sums[name] += report[name];
      }
      for (const exposure of report.exposures) {
        ownMs.push(ownTimeOf(exposure));
        if (exposure.outOfReachMs > 0) outOfReachMs.push(exposure.outOfReachMs);
      }
    },
    sentence: () => {
      const seconds = (performance.now() - startedAtMs) / 1_000;
      return (
        `${sums.seeds} seeds held in ${seconds.toFixed(1)} s: ${(sums.hours / 24).toFixed(1)} days, ` +
        `${sums.opened} positions opened, ${sums.closed} closed, ${sums.rungsFilled} rungs filled, ` +
        `${sums.orders} orders, ${sums.requests} requests, ${sums.deaths} processes died`
      );
    },
    table: () => [
      `without a stop, the venue within reach: p50 ${at(ownMs, 0.5)} ms, p99 ${at(ownMs, 0.99)} ms, longest ${at(ownMs, 1)} ms of ${UNPROTECTED_MS_MAX} (${ownMs.length} times)`,
      outOfReachMs.length === 0
        ? 'the venue was never out of reach meanwhile'
        : `the venue out of reach meanwhile: ${outOfReachMs.length} times, p50 ${at(outOfReachMs, 0.5)} ms, longest ${at(outOfReachMs, 1)} ms`,
    ],
  };
}

function ownTimeOf({ fromMs, untilMs, outOfReachMs }: Exposure): number {
  return untilMs - fromMs - outOfReachMs;
}

function at(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0);
}
