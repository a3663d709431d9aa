/** Looks into a running fleet from outside: its rows, its processes, and what the simulated exchange holds and counts. */
import { expect } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { OPEN_POSITION_STATUSES, type Position, type WorkflowId } from '#pkg/domain';
import { createVenueAdmin, type VenueAdmin, type VenueSummary } from '#pkg/exchange/simulated';
import {
  callSupervisor,
  findRuntimeRecord,
  openFleetReader,
  statePaths,
  type FleetReader,
  type FleetStatus,
  type RuntimeRecord,
} from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';
import type { StepRow } from '#pkg/store';
import { eventually } from '../harness/eventually.ts';
import type { RunningFleet } from './harness.ts';

const clock = createSystemClock();
const ROWS_MAX = 10_000;

/** A position as the simulated exchange holds it; flat ones left out. */
export interface VenuePosition {
  readonly symbol: string;
  readonly side: string;
  readonly openedAtMs: number;
}

export type MarketSample = Awaited<ReturnType<VenueAdmin['market']>>;

export function runtimeOf(fleet: RunningFleet): RuntimeRecord {
  const runtime = findRuntimeRecord(statePaths(fleet.state));
  if (runtime === undefined) throw new Error(`no fleet runs on ${fleet.state}`);
  return runtime;
}

export function openReader(fleet: RunningFleet): Promise<FleetReader> {
  return openFleetReader(runtimeOf(fleet), { clock, logger: createSilentLogger() });
}

function adminOf(fleet: RunningFleet): VenueAdmin {
  return createVenueAdmin(runtimeOf(fleet).venueAdminUrl ?? '');
}

export function readVenueSummary(fleet: RunningFleet): Promise<VenueSummary> {
  return adminOf(fleet).summary();
}

/** Has the simulated exchange misbehave, as its admin port takes it. */
export async function orderFaults(
  fleet: RunningFleet,
  request: Parameters<VenueAdmin['order']>[0],
): Promise<void> {
  await adminOf(fleet).order(request);
}

export function readMarket(fleet: RunningFleet): Promise<MarketSample> {
  return adminOf(fleet).market();
}

export async function readVenuePositions(fleet: RunningFleet): Promise<readonly VenuePosition[]> {
  const { positions = [] } = await adminOf(fleet).state();
  return (positions as unknown as readonly (VenuePosition & { readonly amount: string })[]).filter(
    ({ amount }) => Number(amount) !== 0,
  );
}

/** Returns the pids of the processes whose names fit, as the supervisor knows them. */
export async function readPids(
  fleet: RunningFleet,
  fits: (process: string) => boolean = () => true,
): Promise<ReadonlyMap<string, number>> {
  const status = (await callSupervisor(runtimeOf(fleet), { verb: 'status' })) as FleetStatus;
  const pids = status.boxes
    .flatMap(({ processes }) => processes)
    .flatMap(({ name, pid }): [string, number][] => (pid === undefined ? [] : [[name, pid]]))
    .filter(([name]) => fits(name));
  return new Map(pids);
}

export const isEngineProcess = (name: string): boolean => /-(worker|dispatcher)$/.test(name);

export function signalAll(pids: Iterable<number>, signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}

export async function listOpen(reader: FleetReader): Promise<readonly Position[]> {
  const positions = await reader.store.positions.list({ limit: ROWS_MAX });
  return positions.filter(({ status }) => OPEN_POSITION_STATUSES.includes(status));
}

/** Returns ids of the workflows that have not ended. */
export async function listUnfinished(reader: FleetReader): Promise<readonly WorkflowId[]> {
  const { steps } = reader.store;
  const [submitted, running] = await Promise.all([
    steps.listWorkflows({ state: 'submitted', limit: ROWS_MAX }),
    steps.listWorkflows({ state: 'running', limit: ROWS_MAX }),
  ]);
  return [...submitted, ...running].map(({ id }) => id);
}

/** Returns the running steps of a box's worker that any other box may take over. */
export async function listRunningSteps(
  reader: FleetReader,
  worker: string,
): Promise<readonly StepRow[]> {
  const running = await reader.store.steps.listSteps({ state: 'running', limit: ROWS_MAX });
  return running.filter(
    ({ workerId, lane }) => lane !== 'own' && workerId?.startsWith(`${worker}-`) === true,
  );
}

const keyOf = ({ symbol, side }: { readonly symbol: string; readonly side: string }): string =>
  `${symbol} ${side.toLowerCase()}`;

/**
 * Holds when the exchange and the fleet's rows agree: one open row for each position of the exchange, none twice,
 * and each protected by a stop. Looks again for a moment, because both move.
 */
export async function expectNoDoubles(fleet: RunningFleet, reader: FleetReader): Promise<void> {
  await eventually(
    async () => {
      const held = (await readVenuePositions(fleet)).map(keyOf);
      const rows = (await listOpen(reader)).map(({ symbol, direction }) =>
        keyOf({ symbol, side: direction }),
      );
      expect(new Set(rows).size).toBe(rows.length);
      expect(held.filter((key) => !rows.includes(key))).toEqual([]);
      const counted = await readVenueSummary(fleet);
      expect(counted).toMatchObject({ openWithoutStop: 0, duplicateClientOrderIds: 0 });
    },
    { limitMs: 30_000, everyMs: 200 },
  );
}
