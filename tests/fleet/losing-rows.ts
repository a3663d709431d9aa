/** What a fleet does while boxes are away: by its rows where they can be read, and by the exchange's own counts. */
import { expect } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { id, type BoxName, type Lane } from '#pkg/domain';
import { foreseeLoss, type LaneForecast, type LossForecast } from '#pkg/fleet-spec';
import { callSupervisor, type FleetReader } from '#pkg/local';
import type { StepRow, WorkflowRow } from '#pkg/store';
import { eventually } from '../harness/eventually.ts';
import { fleetOf, SAMPLE } from '../harness/sample-fleet.ts';
import type { RunningFleet } from './harness.ts';
import { openReader, readVenueSummary, runtimeOf } from './look.ts';

export interface Loss {
  readonly boxes: readonly string[];
  readonly only?: 'mysql' | 'redis';
}

const clock = createSystemClock();
const { spec } = fleetOf(SAMPLE);
/** Of a worker that holds a step the heartbeat lives for 1.5 s, and the dispatcher's lease for 3. */
const NOTICED_MS = 4_000;
const ROWS_MAX = 5_000;
/** A worker that holds nothing beats each 3 s. */
const BEAT_AGE_MS_MAX = 5_000;
const SLOTS_MS_MAX = 5_000;

export const describeLoss = ({ boxes, only }: Loss): string =>
  only === undefined ? boxes.join(', ') : `${only} of ${boxes.join(', ')}`;

export function foresee({ boxes }: Loss): LossForecast {
  return foreseeLoss(spec, { lost: boxes.map((name) => id<BoxName>(name)) });
}

export async function lose(fleet: RunningFleet, { boxes, only }: Loss): Promise<number> {
  await callSupervisor(runtimeOf(fleet), { verb: 'kill-box', argument: { boxes, only } });
  return clock.nowMs();
}

/** Brings the boxes back; returns when they were told ready. */
export async function bringBack(fleet: RunningFleet, { boxes, only }: Loss): Promise<number> {
  await callSupervisor(runtimeOf(fleet), { verb: 'start-box', argument: { boxes, only } });
  return clock.nowMs();
}

/** Compares the forecast with what happens from `lostAtMs` on. The core must be there. */
export async function expectAsForeseen(
  reader: FleetReader,
  forecast: LossForecast,
  lostAtMs: number,
): Promise<void> {
  await clock.sleep(Math.max(0, lostAtMs + NOTICED_MS - clock.nowMs()));
  await eventually(
    async () => {
      for (const { lane, slotsLeft } of forecast.lanes) {
        expect([lane, await liveSlots(reader, lane)]).toEqual([lane, slotsLeft]);
      }
    },
    { limitMs: SLOTS_MS_MAX, everyMs: 250 },
  );
  const watched = forecast.lanes.filter(({ lane }) => lane === 'positions' || lane === 'orders');
  if (watched.every(({ outcome }) => outcome === 'runs' || outcome === 'slower')) {
    await expectStarts(reader, watched, lostAtMs + NOTICED_MS);
  }
  const untilMs = clock.nowMs();
  for (const { lane, outcome } of forecast.lanes) {
    if (outcome !== 'waits') continue;
    const started = await listStarted(reader, lane, { sinceMs: lostAtMs + NOTICED_MS, untilMs });
    expect([lane, started.map(({ name }) => name)]).toEqual([lane, []]);
  }
  if (isHeld(forecast, 'admission')) await expectNothingAdmitted(reader, forecast, lostAtMs);
}

function isHeld({ effects }: LossForecast, what: string): boolean {
  return effects.some((effect) => effect.what === what && effect.isHeld);
}

async function liveSlots(reader: FleetReader, wanted: Lane): Promise<number> {
  const workers = await reader.store.workers.list();
  return workers
    .filter(({ beatAgeMs }) => beatAgeMs <= BEAT_AGE_MS_MAX)
    .flatMap(({ lanes }) => lanes)
    .filter(({ lane }) => lane === wanted)
    .reduce((sum, { slots }) => sum + slots, 0);
}

async function expectStarts(
  reader: FleetReader,
  lanes: readonly LaneForecast[],
  sinceMs: number,
): Promise<void> {
  await eventually(
    async () => {
      for (const { lane } of lanes) {
        const started = await listStarted(reader, lane, { sinceMs });
        expect(started.length, `steps of ${lane} that started`).toBeGreaterThan(0);
      }
    },
    { limitMs: 60_000, everyMs: 250 },
  );
}

async function listStarted(
  reader: FleetReader,
  lane: Lane,
  { sinceMs, untilMs = Infinity }: { readonly sinceMs: number; readonly untilMs?: number },
): Promise<readonly StepRow[]> {
  const steps = await reader.store.steps.listSteps({ limit: ROWS_MAX });
  return steps.filter(
    ({ lane: other, startedAtMs = 0 }) =>
      other === lane && startedAtMs >= sinceMs && startedAtMs <= untilMs,
  );
}

/** What was admitted runs to its end, as far as its lanes are served, and nothing else begins. */
async function expectNothingAdmitted(
  reader: FleetReader,
  forecast: LossForecast,
  lostAtMs: number,
): Promise<void> {
  const unserved = new Set(
    forecast.lanes.filter(({ outcome }) => outcome === 'waits').map(({ lane }) => lane),
  );
  await eventually(
    async () => {
      const running = await reader.store.steps.listWorkflows({ state: 'running', limit: ROWS_MAX });
      for (const workflow of running) await expectOnlyWaits(reader, workflow, unserved);
    },
    { limitMs: 30_000, everyMs: 250 },
  );
  const workflows = await reader.store.steps.listWorkflows({ limit: ROWS_MAX });
  const late = workflows.filter(({ admittedAtMs = 0 }) => admittedAtMs > lostAtMs + 500);
  expect(late.map(({ name }) => name)).toEqual([]);
}

/** A workflow that goes on without a dispatcher waits for its own time, or for a lane that nobody serves. */
async function expectOnlyWaits(
  reader: FleetReader,
  workflow: WorkflowRow,
  unserved: ReadonlySet<Lane>,
): Promise<void> {
  const tree = await reader.store.steps.findTree(workflow.id);
  const busy = (tree?.steps ?? []).filter(
    ({ state, lane }) => (state === 'ready' || state === 'running') && !unserved.has(lane),
  );
  expect(busy.map(({ name, state }) => `${workflow.name}: ${name} ${state}`)).toEqual([]);
}

/** With the core away no order is accepted, once what was on its way has arrived; stops that protect a fill may be. */
export async function expectNoOrders(fleet: RunningFleet, lostAtMs: number): Promise<void> {
  await clock.sleep(Math.max(0, lostAtMs + NOTICED_MS - clock.nowMs()));
  const before = await readVenueSummary(fleet);
  await clock.sleep(2_000);
  const after = await readVenueSummary(fleet);
  expect(after.ordersAccepted).toBe(before.ordersAccepted);
}

/**
 * The first opening after the return of what every opening needs comes after the books were compared.
 *
 * A loss that left a trading box and the core in place asks for none: the account's events never stopped.
 */
export async function expectReconciledFirst(
  fleet: RunningFleet,
  backAtMs: number,
  loss: Loss,
): Promise<void> {
  await using reader = await openReader(fleet);
  let opened: WorkflowRow | undefined;
  let workflows: readonly WorkflowRow[] = [];
  await eventually(
    async () => {
      workflows = await reader.store.steps.listWorkflows({ limit: ROWS_MAX });
      const openings = workflows.filter(
        ({ name, submittedAtMs }) => name === 'open-position' && submittedAtMs >= backAtMs,
      );
      opened = openings.toSorted((a, b) => a.submittedAtMs - b.submittedAtMs)[0];
      expect(opened).toBeDefined();
    },
    { limitMs: 120_000, everyMs: 250 },
  );
  const { slotsLeft } = foresee(loss).lanes.find(({ lane }) => lane === 'orders') ?? {};
  if (slotsLeft !== 0) return;
  const compared = workflows.filter(
    ({ name, state, submittedAtMs, finishedAtMs = Infinity }) =>
      /^sync-(account|orders)$/.test(name) &&
      state === 'completed' &&
      finishedAtMs >= backAtMs - NOTICED_MS &&
      finishedAtMs <= (opened?.submittedAtMs ?? 0) &&
      submittedAtMs <= finishedAtMs,
  );
  expect(compared.length, 'comparisons before the first opening').toBeGreaterThan(0);
}

/** Resolves with how long after `sinceMs` the first step of a trading lane started. */
export async function untilFirstStep(fleet: RunningFleet, sinceMs: number): Promise<number> {
  await using reader = await openReader(fleet);
  let firstMs = 0;
  await eventually(
    async () => {
      const steps = await reader.store.steps.listSteps({ limit: ROWS_MAX });
      const starts = steps
        .map(({ startedAtMs = 0 }) => startedAtMs)
        .filter((startedAtMs) => startedAtMs >= sinceMs);
      expect(starts.length).toBeGreaterThan(0);
      firstMs = Math.min(...starts);
    },
    { limitMs: 60_000, everyMs: 50 },
  );
  return Math.round(firstMs - sinceMs);
}
