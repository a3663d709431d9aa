import type { PlannedBox } from '#pkg/fleet-spec';
import type { FleetReader } from './reader.ts';
import { summarizeRun, type RunSummary, type VenueCounts } from './summary.ts';

export interface SummarySources {
  readonly reader: FleetReader;
  readonly boxes: readonly PlannedBox[];
  readonly sinceMs: number;
  readonly readyMs: number | undefined;
  readonly wapCountsBefore: ReadonlyMap<string, number>;
  /** Admin URL of the simulated exchange; undefined when another venue was traded on. */
  readonly venueAdminUrl: string | undefined;
}

const ROWS_MAX = 100_000;
const ANSWER_MS_MAX = 5_000;

/** Returns the summary of a run: rows from the database, and what the simulated exchange itself counted. */
export async function readSummary(sources: SummarySources): Promise<RunSummary> {
  const { store } = sources.reader;
  const [positions, orders, runs, venue] = await Promise.all([
    store.positions.list({ limit: ROWS_MAX }),
    store.orders.list({ limit: ROWS_MAX }),
    store.steps.listRuns(sources.sinceMs),
    sources.venueAdminUrl === undefined ? undefined : readVenueCounts(sources.venueAdminUrl),
  ]);
  return summarizeRun({ ...sources, positions, orders, runs, venue });
}

/** Asks the simulated exchange what it counted. Throws VenueAdminError when it does not answer. */
export async function readVenueCounts(venueAdminUrl: string): Promise<VenueCounts> {
  // Loaded when it is needed: most verbs never ask a venue.
  const { createVenueAdmin } = await import('#pkg/exchange/simulated');
  return createVenueAdmin(venueAdminUrl, { timeoutMs: ANSWER_MS_MAX }).summary();
}
