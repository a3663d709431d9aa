import type { Reason } from '#pkg/base';
import { durationMs, type BoxRole } from '#pkg/fleet-spec';
import type { PlanEntry } from '#operator/api';
import { isConsuming, type BoxView, type FleetView } from './fleet-view.ts';
import type { Observed } from './observed.ts';
import { stageOf, type Stage } from './roll-stages.ts';
import { skippedGates, type Gate } from './skip-gates.ts';
import { waitForFundingMs, waitForWindowMs } from './update-windows.ts';

/** What an update, or a node that is to be emptied, asks of each box now. */
export interface RollPlan {
  /** Names of workers that are told to take nothing more. */
  readonly draining: ReadonlySet<string>;
  /** Names of workloads whose pods may be replaced by those of the new template. */
  readonly replaceable: ReadonlySet<string>;
  /** One for each box that is not what the object says, in the order of the roll. */
  readonly entries: readonly PlanEntry[];
  /** Why no further box is begun: the first gate that failed. */
  readonly failure: Refusal | undefined;
  readonly isInProgress: boolean;
  readonly stages: ReadonlyMap<string, Stage>;
}

export interface Refusal {
  readonly reason: Reason;
  readonly message: string;
}

export type MigrationState = 'done' | 'running' | 'failed';

/** How long a box must have run with its new pods before the next one is begun. */
export const CANARY_MS = 30_000;

/** Workers before whoever gives them work: a step of a new version finds somebody who knows it. */
const ROLL_ORDER: readonly BoxRole[] = ['core', 'trading', 'indicators', 'brain'];

interface Roll {
  readonly view: FleetView;
  readonly observed: Observed;
  readonly skipped: ReadonlySet<Gate>;
  readonly migration: MigrationState;
  readonly stages: ReadonlyMap<string, Stage>;
}

/**
 * Plans one look at the roll: which boxes drain, whose pods are replaced, what each waits for.
 *
 * A box goes through: waiting, draining, replacing, starting, canary, current. Everything follows from what is seen, so
 * an operator that starts in the middle goes on there. The first gate that fails stops all boxes that have not begun.
 */
export function planRoll(
  view: FleetView,
  observed: Observed,
  {
    migration,
    wasInProgress,
  }: { readonly migration: MigrationState; readonly wasInProgress: boolean },
): RollPlan {
  const skipped = skippedGates(observed.fleet, observed.nowMs);
  const drainTimeoutMs = durationMs(observed.fleet.spec.update.drainTimeout);
  const stages = new Map(
    view.boxes.map((box) => [
      box.box.name as string,
      stageOf(box, { nowMs: observed.nowMs, skipped, drainTimeoutMs, canaryMs: CANARY_MS }),
    ]),
  );
  const roll: Roll = { view, observed, skipped, migration, stages };
  const isRolling = [...stages.values()].some(({ kind }) => ROLLING.includes(kind));
  const isInProgress =
    isRolling || (wasInProgress && [...stages.values()].some(({ kind }) => kind !== 'current'));
  const failure = isInProgress ? findFailure(roll) : undefined;
  const begun = failure === undefined ? beginNext(roll) : { names: [], refusals: new Map() };
  return {
    ...ordersOf(view, stages, new Set(begun.names)),
    entries: isInProgress ? describe(roll, begun, failure) : [],
    failure,
    isInProgress,
    stages,
  };
}

const ROLLING: readonly Stage['kind'][] = ['waiting', 'draining', 'replacing', 'emptying'];

function findFailure({ migration, stages, skipped }: Roll): Refusal | undefined {
  if (migration === 'failed' && !skipped.has('migration')) {
    return {
      reason: 'MigrationFailed',
      message:
        'the migration Job failed: read its log, then go back with `kraite rollback` or correct the cause and delete the Job',
    };
  }
  for (const { failure } of stages.values()) if (failure !== undefined) return failure;
  return undefined;
}

interface Begun {
  readonly names: readonly string[];
  readonly refusals: ReadonlyMap<string, Refusal>;
}

/** Chooses the boxes that begin now, and says of each other one why it does not. */
function beginNext(roll: Roll): Begun {
  const names: string[] = [];
  const refusals = new Map<string, Refusal>();
  for (const box of candidates(roll)) {
    const refusal = refuse(box, roll, names);
    if (refusal === undefined) names.push(box.box.name);
    else refusals.set(box.box.name, refusal);
  }
  return { names, refusals };
}

/** Boxes that are still to begin, in the order of the roll; one that serves nothing anyway goes first in its group. */
function candidates({ view, stages }: Roll): readonly BoxView[] {
  const rank = ({ box }: BoxView) => ROLL_ORDER.indexOf(box.role);
  const loses = (box: BoxView) => (isServingAnything(box) ? 1 : 0);
  return view.boxes
    .filter(({ box }) => stages.get(box.name)?.kind === 'waiting')
    .toSorted((a, b) => rank(a) - rank(b) || loses(a) - loses(b));
}

function isServingAnything(box: BoxView): boolean {
  return box.isNodeReady && box.workloads.some((each) => each.pods.length > 0);
}

type Question = (box: BoxView, roll: Roll, begun: readonly string[]) => Refusal | undefined;

const QUESTIONS: readonly Question[] = [
  isNodeAway,
  isMigrationRunning,
  isEarlierGroupUnfinished,
  areTooManyAway,
  isLastConsumer,
  isWindowClosed,
  isFundingNear,
];

function refuse(box: BoxView, roll: Roll, begun: readonly string[]): Refusal | undefined {
  for (const ask of QUESTIONS) {
    const refusal = ask(box, roll, begun);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function isNodeAway({ box, isNodeReady, node }: BoxView): Refusal | undefined {
  if (isNodeReady) return undefined;
  return node === undefined
    ? { reason: 'NodeMissing', message: `a node that is ${box.name}` }
    : { reason: 'NodeAway', message: `its node ${node.metadata.name} to be ready` };
}

function isMigrationRunning({ isCordoned }: BoxView, roll: Roll): Refusal | undefined {
  if (isCordoned || roll.migration === 'done' || roll.skipped.has('migration')) return undefined;
  return { reason: 'MigrationRunning', message: 'the migration Job to complete' };
}

function isEarlierGroupUnfinished(box: BoxView, roll: Roll): Refusal | undefined {
  if (box.isCordoned) return undefined;
  const rank = ROLL_ORDER.indexOf(box.box.role);
  const earlier = roll.view.boxes.find(
    (other) => ROLL_ORDER.indexOf(other.box.role) < rank && kindOf(roll, other) !== 'current',
  );
  if (earlier === undefined) return undefined;
  const { name } = earlier.box;
  return { reason: 'UpdateRunning', message: `${name}, which goes first` };
}

/** Whether another box may be away beside those that are. The first of a roll goes alone, to show that it works. */
function areTooManyAway(box: BoxView, roll: Roll, begun: readonly string[]): Refusal | undefined {
  const away = roll.view.boxes.filter((other) => other !== box && isAway(other, roll, begun));
  const isProved = roll.view.boxes.some(
    (other) => other.box.role === 'trading' && kindOf(roll, other) === 'current',
  );
  const { maxUnavailable } = roll.observed.fleet.spec.update;
  const limit = box.box.role === 'trading' && isProved ? maxUnavailable : 1;
  if (away.length < limit) return undefined;
  const canary = away.find((other) => kindOf(roll, other) === 'canary');
  const names = away.map((other) => other.box.name).join(', ');
  return canary === undefined
    ? { reason: 'BoxesAway', message: `${names} to be back` }
    : { reason: 'CanaryRunning', message: `${canary.box.name} to run for ${CANARY_MS / 1_000} s` };
}

function isAway(box: BoxView, roll: Roll, begun: readonly string[]): boolean {
  const kind = kindOf(roll, box);
  if (kind === 'waiting') return begun.includes(box.box.name) || !isServingAnything(box);
  return kind !== 'current';
}

/** Whether a lane that several boxes serve would be left without one that takes its steps. */
function isLastConsumer(box: BoxView, roll: Roll, begun: readonly string[]): Refusal | undefined {
  for (const { workload } of box.workloads.filter((each) => isConsuming(each))) {
    const { lane } = workload;
    if (lane === undefined || lane === 'own') continue;
    const others = roll.view.boxes
      .filter((other) => other !== box)
      .flatMap((other) => other.workloads.map((each) => ({ other, each })))
      .filter(({ each }) => each.workload.lane === lane && (each.workload.slots ?? 0) > 0);
    const rest = others.filter(
      ({ other, each }) => isConsuming(each) && !begun.includes(other.box.name),
    );
    if (others.length > 0 && rest.length === 0) {
      return { reason: 'LastConsumer', message: `another box to take steps of ${lane}` };
    }
  }
  return undefined;
}

function isWindowClosed({ isCordoned }: BoxView, { observed, skipped }: Roll): Refusal | undefined {
  if (isCordoned || skipped.has('window')) return undefined;
  const waitMs = waitForWindowMs(observed.fleet.spec.update.windows, observed.nowMs);
  if (waitMs === 0) return undefined;
  return { reason: 'WindowClosed', message: `the next window, in ${minutes(waitMs)}` };
}

function isFundingNear(_box: BoxView, { observed, skipped }: Roll): Refusal | undefined {
  if (skipped.has('funding')) return undefined;
  const waitMs = waitForFundingMs(observed.nowMs);
  if (waitMs === 0) return undefined;
  return { reason: 'FundingNear', message: `funding to be settled, in ${minutes(waitMs)}` };
}

function minutes(ms: number): string {
  return `${Math.ceil(ms / 60_000)} min`;
}

function kindOf({ stages }: Roll, { box }: BoxView): Stage['kind'] {
  return stages.get(box.name)?.kind ?? 'current';
}

function ordersOf(
  view: FleetView,
  stages: ReadonlyMap<string, Stage>,
  begun: ReadonlySet<string>,
): Pick<RollPlan, 'draining' | 'replaceable'> {
  const draining = new Set<string>();
  const replaceable = new Set<string>();
  for (const { box, workloads, isCordoned } of view.boxes) {
    const kind = stages.get(box.name)?.kind;
    const isBegun = begun.has(box.name);
    const hasWorkers = workloads.some((each) => each.isOutdated && each.orders !== undefined);
    for (const each of workloads) {
      const { name } = each.workload;
      const isTold = each.orders?.isDraining === true;
      const isUnderWay = isBegun || kind === 'draining' || kind === 'emptying';
      // Old pods that are ending keep their orders; new ones get theirs when those are gone.
      if (each.isOutdated ? isUnderWay || isTold : isTold && each.hasOldPods) draining.add(name);
      if (isCordoned && isUnderWay) draining.add(name);
      const isFree = kind === 'replacing' || (isBegun && !hasWorkers);
      if (each.isOutdated && isFree && !isCordoned) replaceable.add(name);
    }
  }
  return { draining, replaceable };
}

function describe(roll: Roll, begun: Begun, failure: Refusal | undefined): readonly PlanEntry[] {
  const rank = ({ box }: BoxView) => ROLL_ORDER.indexOf(box.role);
  return roll.view.boxes
    .toSorted((a, b) => rank(a) - rank(b))
    .flatMap((box): readonly PlanEntry[] => {
      const stage = roll.stages.get(box.box.name);
      if (stage === undefined || stage.kind === 'current') return [];
      const wait =
        stage.kind === 'waiting'
          ? (begun.refusals.get(box.box.name) ?? waitsForFailure(failure))
          : (stage.failure ?? stage.wait);
      const action = box.isCordoned
        ? `empty ${box.box.name}`
        : `replace the pods of ${box.box.name}`;
      return [
        wait === undefined ? { action } : { action, waitsFor: wait.message, reason: wait.reason },
      ];
    });
}

function waitsForFailure(failure: Refusal | undefined): Refusal | undefined {
  if (failure === undefined) return undefined;
  return { reason: failure.reason, message: `this to be put right: ${failure.message}` };
}
