import { id, LANES, type BoxName, type Lane } from '#pkg/domain';

import type { BoxRole, FleetPlan, PlannedBox, Workload, WorkloadKind } from './plan.ts';
import type { FleetSpec } from './schema.ts';

export interface PlanOptions {
  /** Name of the fleet, as the object's metadata say. */
  readonly fleet?: string;
  /** Boxes to be thought away. */
  readonly lost?: readonly BoxName[];
}

/**
 * Returns what runs where: the same value for the local runtime, the operator and `kraite simulate`.
 *
 * Boxes stand in one order: core, brain, trading boxes as listed, indicators; the n-th binds 127.0.n.1.
 * Workloads of lost boxes stay in the plan, for they are still wanted; `isLost` and the capacity tell.
 */
export function planFleet(spec: FleetSpec, options: PlanOptions = {}): FleetPlan {
  const lost = new Set<string>(options.lost);
  const outlines = outlineBoxes(spec);
  const boxes = outlines.map((outline, index): PlannedBox => {
    const address = spec.network.boxes.find((box) => box.name === outline.name)?.privateIP;
    return {
      name: id<BoxName>(outline.name),
      role: outline.role,
      privateIP: address,
      egressAddress: outline.egressIP,
      bindAddress: `127.0.${index + 1}.1`,
      isLost: lost.has(outline.name),
    };
  });
  const workloads = [
    ...boxes.flatMap((box, index) => planBox(spec, box, outlines[index]?.lanes ?? {})),
    ...planStandby(spec, boxes),
  ];
  return {
    fleet: options.fleet ?? 'kraite',
    boxes,
    workloads,
    capacity: countCapacity(workloads, lost),
  };
}

interface BoxOutline {
  readonly name: string;
  readonly role: BoxRole;
  readonly egressIP: string | undefined;
  readonly lanes: Partial<Record<Lane, number>>;
}

function outlineBoxes(spec: FleetSpec): readonly BoxOutline[] {
  const { core, brain, trading, indicators } = spec;
  return [
    { name: core.box, role: 'core', egressIP: undefined, lanes: {} },
    { name: brain.box, role: 'brain', egressIP: brain.egressIP, lanes: brain.lanes },
    ...trading.boxes.map((box) => ({ ...box, role: 'trading' as const })),
    {
      name: indicators.box,
      role: 'indicators',
      egressIP: indicators.egressIP,
      lanes: indicators.lanes,
    },
  ];
}

/** What must run once in the fleet; a lease decides who of two acts. */
const BRAIN_KINDS = ['dispatcher', 'scheduler', 'market-stream', 'user-stream'] as const;

function planBox(
  spec: FleetSpec,
  box: PlannedBox,
  lanes: Partial<Record<Lane, number>>,
): readonly Workload[] {
  const singles: readonly WorkloadKind[] =
    box.role === 'core' ? serversOf(spec) : box.role === 'brain' ? [...BRAIN_KINDS, 'web'] : [];
  return [
    ...singles.map((kind) => planProcess(spec, box, kind, kind)),
    ...planWorkers(spec, box, lanes),
  ];
}

function planWorkers(
  spec: FleetSpec,
  box: PlannedBox,
  lanes: Partial<Record<Lane, number>>,
): readonly Workload[] {
  return LANES.flatMap((lane) => {
    const slots = lanes[lane];
    return slots === undefined ? [] : [{ ...planProcess(spec, box, 'worker', lane), lane, slots }];
  });
}

function serversOf(spec: FleetSpec): readonly WorkloadKind[] {
  return (['mysql', 'redis'] as const).filter((server) => spec.core[server].existing === null);
}

/** A standby also serves the lane that only the brain serves: a fill that it hears of must be answered, too. */
function planStandby(spec: FleetSpec, boxes: readonly PlannedBox[]): readonly Workload[] {
  const standby = boxes.find((box) => box.name === spec.brain.standbyBox);
  if (standby === undefined) return [];
  const { own: _own, ...lanes } = spec.brain.lanes;
  return [
    ...BRAIN_KINDS.map((kind) => planProcess(spec, standby, kind, kind)),
    ...planWorkers(spec, standby, lanes),
  ];
}

const CALLS_OUT: readonly WorkloadKind[] = ['market-stream', 'user-stream', 'worker'];

function planProcess(
  spec: FleetSpec,
  box: PlannedBox,
  kind: WorkloadKind,
  suffix: string,
): Workload {
  const name = `${box.name}-${suffix}`;
  const callsOut = CALLS_OUT.includes(kind);
  const egressAddress = callsOut ? box.egressAddress : undefined;
  return {
    name,
    kind,
    box: box.name,
    lane: undefined,
    slots: undefined,
    egressAddress,
    bindAddress: callsOut ? box.bindAddress : undefined,
    environment:
      kind === 'mysql' || kind === 'redis' ? {} : environmentOf(spec, box, name, egressAddress),
  };
}

/** Empty values are left out: the applier fills them or the process has its own. */
function environmentOf(
  spec: FleetSpec,
  box: PlannedBox,
  process: string,
  egressAddress: string | undefined,
): Readonly<Record<string, string>> {
  const { exchange, indicators } = spec;
  const values = {
    KRAITE_PROCESS: process,
    KRAITE_BOX: box.name,
    KRAITE_VERSION: spec.version,
    KRAITE_EGRESS_ADDRESS: egressAddress ?? '',
    KRAITE_MODE: exchange.mode,
    KRAITE_VENUE_REST_URL: exchange.endpoints.rest,
    KRAITE_VENUE_PUBLIC_STREAM_URL: exchange.endpoints.publicStream,
    KRAITE_VENUE_MARKET_STREAM_URL: exchange.endpoints.marketStream,
    KRAITE_VENUE_PRIVATE_STREAM_URL: exchange.endpoints.privateStream,
    KRAITE_INDICATORS_URL: indicators.provider.endpoint,
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

function countCapacity(
  workloads: readonly Workload[],
  lost: ReadonlySet<string>,
): FleetPlan['capacity'] {
  const sum = (lane: Lane, isCounted: (box: string) => boolean): number =>
    workloads
      .filter((workload) => workload.lane === lane && isCounted(workload.box))
      .reduce((total, workload) => total + (workload.slots ?? 0), 0);
  const entries = LANES.map((lane) => [
    lane,
    { slots: sum(lane, () => true), slotsLeft: sum(lane, (box) => !lost.has(box)) },
  ]);
  return Object.fromEntries(entries) as FleetPlan['capacity'];
}
