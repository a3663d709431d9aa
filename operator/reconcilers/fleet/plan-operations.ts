import { ANNOTATIONS, FINALIZERS, type FleetStatus } from '#operator/api';
import { finalizerPatch, hasFinalizer, refOf, type KubeObject } from '#operator/runtime';
import type { Desired } from './desired.ts';
import { toConditions, yes } from './conditions.ts';
import { describeFleet, type Decided } from './fleet-status.ts';
import { viewFleet, type FleetView } from './fleet-view.ts';
import { isInPlace, withAppliedHash } from './in-place.ts';
import { conditionsOf, isTrue } from './kube-fields.ts';
import { buildLastGood, lastGoodName } from './last-good.ts';
import { migrationState } from './migration.ts';
import { notice } from './notices.ts';
import type { Observed } from './observed.ts';
import type { Operation, OperationsPlan } from './operations.ts';
import { planDeletion } from './plan-deletion.ts';
import {
  buildNodeEgresses,
  egressesWithoutBox,
  releaseEgresses,
  type ClusterSettings,
} from './plan-egress.ts';
import { planLeftovers } from './plan-leftovers.ts';
import { planNodes, planReadinessGates } from './plan-nodes.ts';
import { planRoll } from './plan-roll.ts';
import { planSlots } from './plan-slots.ts';
import { planWebAddress } from './plan-web-address.ts';
import { planWorkloads } from './plan-workloads.ts';
import { describePools } from './pool-status.ts';
import { findTopologyMistake } from './topology.ts';

/** How soon what no event tells of (answers of pods, time that passes) is looked at again. */
const MOVING_MS = 1_000;
const SETTLED_MS = 20_000;

/** What one kind of pass does, before it is compared with what is in place. */
interface Intent {
  /** What is to be there. */
  readonly objects: readonly KubeObject[];
  readonly created: readonly KubeObject[];
  readonly operations: readonly Operation[];
  readonly decided: Decided;
}

/**
 * Plans one pass: what to write so that the cluster comes closer to the object, and what the status says of it.
 *
 * The whole decision, without any I/O. Nothing is written while the fleet is paused, while the cluster is not seen well,
 * or while its boxes are another fleet's. When all is as it should be the operations are empty.
 */
export function planOperations(
  desired: Desired,
  observed: Observed,
  settings: ClusterSettings,
): OperationsPlan {
  const { fleet } = observed;
  const view = viewFleet(desired, observed);
  if (observed.staleKinds.length > 0) return waitForCache(observed);
  const intent = choose(desired, view, observed, settings);
  const live = new Map(observed.objects.map((each) => [keyOf(each), each]));
  for (const each of observed.nodeEgresses) live.set(keyOf(each), each);
  const failure = intent.decided.failure ?? observed.refusal;
  const status = describeFleet(view, observed, { ...intent.decided, failure });
  const operations = [
    ...intent.created
      .filter((each) => !live.has(keyOf(each)))
      .map((object): Operation => ({ kind: 'create', object })),
    ...applyMissing(intent.objects, live),
    ...intent.operations,
    ...rememberGood(status, observed, live),
  ];
  return {
    operations,
    status,
    poolStatuses: describePools(view, intent.decided.slots, observed),
    notices: notice(fleet, status),
    checkAgainAfterMs: isMoving(status, view) ? MOVING_MS : SETTLED_MS,
  };
}

function choose(
  desired: Desired,
  view: FleetView,
  observed: Observed,
  settings: ClusterSettings,
): Intent {
  const { fleet } = observed;
  const topology = findTopologyMistake(view, observed);
  const slots = planSlots(view, fleet);
  const still: Decided = {
    isPaused: false,
    isDeleting: fleet.metadata.deletionTimestamp !== undefined,
    isUpdating: isTrue(fleet, 'UpdateInProgress'),
    topology,
    failure: undefined,
    plan: [],
    slots,
  };
  if (isPaused(fleet)) return doNothing({ ...still, isPaused: true, plan: whilePaused(still) });
  if (still.isDeleting) return end(desired, view, observed, still);
  if (topology?.isBlocking === true) return doNothing(still);
  return converge(desired, view, observed, { settings, still });
}

export function isPaused({ spec, metadata }: Observed['fleet']): boolean {
  return spec.paused || metadata.annotations?.[ANNOTATIONS.reconcile] === 'disabled';
}

function whilePaused({ isDeleting }: Decided): Decided['plan'] {
  if (!isDeleting) return [];
  const waitsFor = 'somebody to end the pause';
  return [{ action: 'delete the fleet', waitsFor, reason: 'ReconcilePaused' }];
}

function doNothing(decided: Decided): Intent {
  return { objects: [], created: [], operations: [], decided };
}

function end(desired: Desired, view: FleetView, observed: Observed, still: Decided): Intent {
  if (!hasFinalizer(observed.fleet, FINALIZERS.fleet)) {
    return doNothing(still);
  }
  const { operations, objects, entries, failure } = planDeletion(desired, view, observed);
  return { objects, created: [], operations, decided: { ...still, plan: entries, failure } };
}

function converge(
  desired: Desired,
  view: FleetView,
  observed: Observed,
  { settings, still }: { readonly settings: ClusterSettings; readonly still: Decided },
): Intent {
  const { fleet, nowMs } = observed;
  const { context, base, secrets, migration } = desired;
  const roll = planRoll(view, observed, {
    migration: migrationState(migration, observed.objects),
    wasInProgress: still.isUpdating,
  });
  const workloads = planWorkloads(context, view, { nowMs, ...roll, slots: still.slots });
  const objects = [
    ...base,
    ...buildNodeEgresses(view, fleet, settings),
    migration,
    ...workloads.objects,
  ];
  const held = view.boxes.flatMap((box) => box.workloads).map((each) => keyOf(each.wanted));
  const kept = `ConfigMap/${lastGoodName(fleet)}`;
  const leftovers = planLeftovers(
    new Set([...objects, ...secrets].map(keyOf).concat(held, kept)),
    observed,
  );
  const released = releaseEgresses(egressesWithoutBox(view, observed), observed);
  return {
    objects,
    created: secrets,
    operations: [
      ...addFinalizer(observed),
      ...planNodes(view),
      ...workloads.touches,
      ...planReadinessGates(view, nowMs),
      ...planWebAddress(context, observed),
      ...leftovers.operations,
      ...released.operations,
    ],
    decided: {
      ...still,
      isUpdating: roll.isInProgress,
      failure: roll.failure ?? leftovers.failure,
      plan: [...roll.entries, ...leftovers.entries, ...released.entries],
    },
  };
}

function addFinalizer({ fleet }: Observed): readonly Operation[] {
  const patch = finalizerPatch(fleet, FINALIZERS.fleet, true);
  return patch === undefined ? [] : [{ kind: 'patch', ref: refOf(fleet), patch }];
}

function applyMissing(
  objects: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
): readonly Operation[] {
  return objects.flatMap((each): readonly Operation[] => {
    const object = withAppliedHash(each);
    return isInPlace(live.get(keyOf(each)), object) ? [] : [{ kind: 'apply', object }];
  });
}

/** Kept once the fleet is Ready and as long as the spec is another one than the kept. */
function rememberGood(
  status: FleetStatus,
  { fleet }: Observed,
  live: ReadonlyMap<string, KubeObject>,
): readonly Operation[] {
  if (status.phase !== 'Ready') return [];
  return applyMissing([buildLastGood(fleet)], live);
}

/** What the cache shows may be long gone: nothing is written but why, and the rest of the status stays. */
function waitForCache({ fleet, staleKinds, nowMs }: Observed): OperationsPlan {
  const message = `the operator has no fresh view of ${staleKinds.join(', ')} and changes nothing until it has`;
  const { status } = fleet;
  const [reconciling] = toConditions({ Reconciling: yes('CacheStale', message) }, fleet, nowMs);
  const others = conditionsOf(fleet).filter(({ type }) => type !== 'Reconciling');
  const conditions = [...others, ...(reconciling === undefined ? [] : [reconciling])];
  return {
    operations: [],
    status: {
      ...status,
      observedGeneration: status?.observedGeneration ?? -1,
      message,
      conditions,
    },
    poolStatuses: [],
    notices: [],
    checkAgainAfterMs: MOVING_MS,
  };
}

/** What no watch tells of: the end of a drain, a worker that takes its orders over, time that passes. */
const UNWATCHED: readonly string[] = ['DrainRunning', 'DrainOverdue', 'CanaryRunning'];

function isMoving({ plan, phase }: FleetStatus, { boxes }: FleetView): boolean {
  if (phase === 'Deleting') return true;
  if (plan?.some(({ reason }) => UNWATCHED.includes(reason ?? '')) === true) return true;
  return boxes
    .flatMap(({ workloads }) => workloads)
    .some(
      ({ facts, orders }) =>
        (facts?.generation ?? 0) < (facts === undefined ? 0 : (orders?.generation ?? 0)),
    );
}

/** Names within one namespace, by which what is wanted and what is there are compared. */
function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`;
}
