import type { Reason } from '#pkg/base';
import { LANES, type BoxName, type Lane } from '#pkg/domain';

import { planFleet } from './plan-fleet.ts';
import type { FleetPlan, WorkloadKind } from './plan.ts';
import type { FleetSpec } from './schema.ts';

/**
 * What becomes of a lane while boxes are away.
 *
 * runs               with all its slots
 * slower             with the slots of the boxes that are left; nothing waits for a box of its own
 * finishes-admitted  what is admitted runs to its end, nothing new begins: no dispatcher is left
 * waits              no box is left that serves it: its steps stand in their rows until one is back
 * halted             the core is away: no row, so no step begins or ends
 */
export type LaneOutcome = 'runs' | 'slower' | 'finishes-admitted' | 'waits' | 'halted';

export interface LaneForecast {
  readonly lane: Lane;
  readonly slots: number;
  readonly slotsLeft: number;
  /** Of all slots of the lane, the part that still takes work: 0 to 1. */
  readonly capacityRatio: number;
  readonly outcome: LaneOutcome;
  /** The word that waiting steps show. */
  readonly reason: Reason | undefined;
}

/** One thing that a trader or an operator asks about a loss. */
export interface ForecastEffect {
  readonly what:
    | 'admission'
    | 'opening'
    | 'protection'
    | 'reactions'
    | 'fills'
    | 'directions'
    | 'sites';
  readonly isHeld: boolean;
  readonly reason: Reason | undefined;
  readonly says: string;
}

export interface LossForecast {
  readonly fleet: string;
  readonly lost: readonly BoxName[];
  readonly lanes: readonly LaneForecast[];
  /** Addresses of trading boxes, each of which the venue meters by itself. */
  readonly tradingAddresses: { readonly all: number; readonly left: number };
  readonly effects: readonly ForecastEffect[];
}

/** Returns what the fleet still does with `lost` boxes away, from the same plan that both appliers take. */
export function foreseeLoss(
  spec: FleetSpec,
  options: { readonly fleet?: string; readonly lost: readonly BoxName[] },
): LossForecast {
  const plan = planFleet(spec, options);
  const scene = look(plan);
  return {
    fleet: plan.fleet,
    lost: plan.boxes.filter(({ isLost }) => isLost).map(({ name }) => name),
    lanes: LANES.map((lane) => foreseeLane(plan, scene, lane)),
    tradingAddresses: countAddresses(plan),
    effects: foreseeEffects(scene),
  };
}

interface Scene {
  /** What keeps every step from beginning or ending; undefined while the core is there. */
  readonly coreTrouble: Reason | undefined;
  readonly runs: (kind: WorkloadKind) => boolean;
  readonly slotsLeft: (lane: Lane) => number;
}

function look({ boxes, workloads, capacity }: FleetPlan): Scene {
  const lost = new Set(boxes.filter(({ isLost }) => isLost).map(({ name }) => name));
  const isAway = (kind: WorkloadKind): boolean => {
    const those = workloads.filter((workload) => workload.kind === kind);
    return those.length > 0 && those.every(({ box }) => lost.has(box));
  };
  return {
    // Servers that the object brings from elsewhere are no workload, so no box can take them away.
    coreTrouble: isAway('mysql')
      ? 'DatabaseUnreachable'
      : isAway('redis')
        ? 'BudgetUnreadable'
        : undefined,
    runs: (kind) => !isAway(kind),
    slotsLeft: (lane) => capacity[lane].slotsLeft,
  };
}

function foreseeLane({ capacity }: FleetPlan, scene: Scene, lane: Lane): LaneForecast {
  const { slots, slotsLeft } = capacity[lane];
  const ratio = slots === 0 ? 0 : slotsLeft / slots;
  const is = (outcome: LaneOutcome, reason?: Reason): LaneForecast => ({
    lane,
    slots,
    slotsLeft,
    capacityRatio: outcome === 'halted' ? 0 : ratio,
    outcome,
    reason,
  });
  if (scene.coreTrouble !== undefined) return is('halted', scene.coreTrouble);
  if (slotsLeft === 0) return is('waits', 'LaneUnserved');
  if (!scene.runs('dispatcher')) return is('finishes-admitted', 'DispatcherAway');
  // Steps of the lane `own` are one box's: the others cannot take them over.
  return slotsLeft < slots ? is('slower', lane === 'own' ? 'LaneUnserved' : undefined) : is('runs');
}

function countAddresses({ boxes }: FleetPlan): LossForecast['tradingAddresses'] {
  const trading = boxes.filter(({ role }) => role === 'trading');
  return { all: trading.length, left: trading.filter(({ isLost }) => !isLost).length };
}

/** Lanes without which nothing is opened. */
const OPENING_LANES: readonly Lane[] = ['positions', 'orders'];
/** Lanes of what answers a fill: re-averaging, closing, replacing. */
const REACTION_LANES: readonly Lane[] = ['user-data-stream', 'positions', 'orders', 'priority'];

function foreseeEffects(scene: Scene): readonly ForecastEffect[] {
  const { coreTrouble, runs, slotsLeft } = scene;
  const isUnserved = (lanes: readonly Lane[]): boolean =>
    lanes.some((lane) => slotsLeft(lane) === 0);
  const admission = coreTrouble ?? (runs('dispatcher') ? undefined : 'DispatcherAway');
  const opening = admission ?? (isUnserved(OPENING_LANES) ? 'LaneUnserved' : undefined);
  const reactions = admission ?? (isUnserved(REACTION_LANES) ? 'LaneUnserved' : undefined);
  const fills = coreTrouble === undefined && runs('user-stream') ? undefined : 'StreamConnecting';
  const directions =
    admission ?? (isUnserved(['indicators', 'cronjobs']) ? 'LaneUnserved' : undefined);
  return [
    effect(
      'admission',
      admission,
      'new workflows are admitted',
      'nothing new is admitted; what is admitted runs to its end as far as its lanes are served',
    ),
    effect(
      'opening',
      opening,
      directions === undefined
        ? 'free slots are filled'
        : 'free slots are filled while directions are fresh; after that nothing is opened (ReadingStale)',
      'nothing is opened',
    ),
    {
      what: 'protection',
      isHeld: false,
      reason: undefined,
      says: 'stops, rungs and profit orders stand at the venue and work without the fleet',
    },
    effect(
      'reactions',
      reactions,
      'fills are answered: re-averaged, closed, replaced',
      'answers to fills wait; positions are reconciled first when it is back',
    ),
    effect(
      'fills',
      fills,
      'fills are heard at once',
      'fills are not heard; accounts count as incomplete and are read by REST first when it is back',
    ),
    effect(
      'directions',
      directions,
      'directions are concluded each hour',
      'no new directions and no new candidates; open positions are unaffected',
    ),
    {
      what: 'sites',
      isHeld: !runs('web') || coreTrouble !== undefined,
      reason: runs('web') ? coreTrouble : undefined,
      says: !runs('web')
        ? 'the three sites are away with their box'
        : coreTrouble === undefined
          ? 'the three sites answer'
          : 'the sites answer and say that the core is away',
    },
  ];
}

function effect(
  what: ForecastEffect['what'],
  reason: Reason | undefined,
  whenGood: string,
  whenHeld: string,
): ForecastEffect {
  return {
    what,
    isHeld: reason !== undefined,
    reason,
    says: reason === undefined ? whenGood : whenHeld,
  };
}
