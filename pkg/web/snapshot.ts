import { LANES, type BoxName, type Lane } from '#pkg/domain';
import type { PlannedBox } from '#pkg/fleet-spec';
import type { FleetEvent, WorkerRow } from '#pkg/store';
import type { FleetView, WebDependencies } from './dependencies.ts';
import { readPositions, type PositionView } from './position-view.ts';
import { viewReason, type ReasonView } from './reason-view.ts';
import { readWaits, type WaitView } from './waits.ts';

/** What the operators' page shows, whole; written as JSON. */
export interface FleetSnapshot {
  readonly atMs: number;
  readonly fleet: string;
  readonly version: string;
  readonly mode: string;
  readonly boxes: readonly BoxView[];
  readonly lanes: readonly LaneView[];
  readonly positions: readonly PositionView[];
  readonly waits: readonly WaitView[];
  readonly events: readonly FleetEvent[];
}

export interface BoxView {
  readonly name: string;
  readonly role: string;
  readonly egressAddress: string | null;
  readonly bindAddress: string | null;
  readonly privateIP: string | null;
  readonly state: 'ready' | 'draining' | 'gated' | 'starting' | 'away';
  readonly reason: ReasonView | null;
  /** Of the oldest beat among its processes; null when none beats. */
  readonly beatAgeMs: number | null;
  readonly version: string | null;
  readonly processes: number;
  readonly budget: {
    readonly used: number;
    readonly max: number;
    readonly windowMs: number;
    readonly blockedUntilMs: number | null;
  } | null;
}

export interface LaneView {
  readonly lane: Lane;
  readonly slots: number;
  readonly busy: number;
  readonly boxes: readonly {
    readonly box: BoxName;
    readonly slots: number;
    readonly busy: number;
    readonly isServed: boolean;
  }[];
}

/** A process that has not beaten for so long counts as away. */
export const BEAT_AGE_MS_MAX = 15_000;
const EVENTS_SHOWN = 40;

/** Reads everything that the operators' page shows. Throws what the store throws. */
export async function readSnapshot(dependencies: WebDependencies): Promise<FleetSnapshot> {
  const { store, clock } = dependencies;
  const nowMs = clock.nowMs();
  const [view, rows, positions, waits, events] = await Promise.all([
    dependencies.readFleet(),
    store.workers.list(),
    readPositions(dependencies, nowMs),
    readWaits(store, nowMs),
    store.events.listNewest(EVENTS_SHOWN),
  ]);
  const workers = rows.filter((row) => row.beatAgeMs <= BEAT_AGE_MS_MAX);
  const boxes = await Promise.all(
    view.plan.boxes.map((box) => readBox(dependencies, box, workers, nowMs)),
  );
  return {
    atMs: nowMs,
    fleet: view.plan.fleet,
    version: view.spec.version,
    mode: view.spec.exchange.mode,
    boxes,
    lanes: viewLanes(view, workers),
    positions,
    waits,
    events: events.toReversed(),
  };
}

async function readBox(
  { budgets }: WebDependencies,
  box: PlannedBox,
  workers: readonly WorkerRow[],
  nowMs: number,
): Promise<BoxView> {
  const own = workers.filter((row) => row.box === box.name);
  const gated = own.find((row) => row.reason !== undefined);
  const address = box.egressAddress;
  const reading =
    address === undefined
      ? undefined
      : await budgets.read({ provider: 'binance', scope: 'address', id: address }, nowMs);
  return {
    name: box.name,
    role: box.role,
    egressAddress: address ?? null,
    bindAddress: address === undefined ? null : box.bindAddress,
    privateIP: box.privateIP ?? null,
    state: stateOf(box, own),
    reason: gated?.reason === undefined ? null : viewReason(gated.reason),
    beatAgeMs: own.length === 0 ? null : Math.max(...own.map((row) => row.beatAgeMs)),
    version: own[0]?.version ?? null,
    processes: own.length,
    budget:
      reading === undefined
        ? null
        : {
            used: reading.weightUsed,
            max: reading.weightMax,
            windowMs: reading.windowMs,
            blockedUntilMs: reading.blockedUntilMs ?? null,
          },
  };
}

/** The worst of its processes speaks for a box; the core is ready when its rows can be read. */
function stateOf(box: PlannedBox, own: readonly WorkerRow[]): BoxView['state'] {
  if (box.role === 'core') return 'ready';
  if (own.length === 0) return 'away';
  const order = ['draining', 'gated', 'starting'] as const;
  return order.find((state) => own.some((row) => row.state === state)) ?? 'ready';
}

function viewLanes(view: FleetView, workers: readonly WorkerRow[]): readonly LaneView[] {
  const planned = view.plan.workloads.filter((workload) => workload.lane !== undefined);
  const lanes = LANES.filter((lane) => planned.some((workload) => workload.lane === lane));
  return lanes.map((lane) => {
    const boxes = planned
      .filter((workload) => workload.lane === lane)
      .map((workload) => {
        const served = workers
          .filter((row) => row.box === workload.box)
          .flatMap((row) => row.lanes.filter((each) => laneOf(each.lane) === lane));
        return {
          box: workload.box,
          slots: workload.slots ?? 0,
          busy: served.reduce((sum, each) => sum + each.busy, 0),
          isServed: served.some((each) => each.slots > 0),
        };
      });
    const sum = (pick: (box: (typeof boxes)[number]) => number): number =>
      boxes.reduce((total, box) => total + pick(box), 0);
    return {
      lane,
      slots: sum((box) => (box.isServed ? box.slots : 0)),
      busy: sum((box) => box.busy),
      boxes,
    };
  });
}

/** A queue of the lane `own` may carry its box's name: `own-eos`. */
function laneOf(queue: string): string {
  return queue.startsWith('own-') ? 'own' : queue;
}
