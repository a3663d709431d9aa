import type { BoxStatus, FleetPhase, FleetStatus, PlanEntry } from '#operator/api';
import type { Reason } from '#pkg/base';
import { no, toConditions, yes, type Verdict, type Verdicts } from './conditions.ts';
import {
  isDrained,
  isServing,
  isWorker,
  type BoxView,
  type FleetView,
  type WorkloadView,
} from './fleet-view.ts';
import { labelOf } from './kube-fields.ts';
import type { Observed } from './observed.ts';
import type { Refusal } from './plan-roll.ts';
import type { PooledSlots } from './plan-slots.ts';
import type { TopologyMistake } from './topology.ts';

/** What was decided, as far as it shows in the status. */
export interface Decided {
  readonly isPaused: boolean;
  readonly isDeleting: boolean;
  readonly isUpdating: boolean;
  readonly topology: TopologyMistake | undefined;
  /** Why nothing goes on by itself. */
  readonly failure: Refusal | undefined;
  readonly plan: readonly PlanEntry[];
  readonly slots: ReadonlyMap<string, PooledSlots>;
}

/** Most entries that a status shows; the first ones are the next ones. */
const ENTRIES_MAX = 32;

/** Returns the whole status, computed at once so that nothing of an earlier one stays behind. */
export function describeFleet(view: FleetView, observed: Observed, decided: Decided): FleetStatus {
  const { fleet, nowMs } = observed;
  const generation = fleet.metadata.generation ?? 0;
  const verdicts = judge(view, observed, decided);
  const phase = phaseOf(verdicts, decided, fleet.status?.lastGoodGeneration);
  const version = versionOf(view);
  const isGood = verdicts.Ready.status === 'True' && !decided.isPaused;
  const lastGood = isGood ? generation : fleet.status?.lastGoodGeneration;
  return {
    observedGeneration: generation,
    phase,
    message: verdicts.Ready.message,
    ...(version === undefined ? {} : { version }),
    summary: {
      core: count(view, (each) => ['mysql', 'redis'].includes(each.workload.kind)),
      brain: count(view, isOfBrain),
      workers: count(view, isWorker),
      egress: countEgress(view),
    },
    boxes: view.boxes.map((box) => describeBox(box, decided)),
    plan: decided.plan.slice(0, ENTRIES_MAX),
    conditions: toConditions(verdicts, fleet, nowMs),
    ...(lastGood === undefined ? {} : { lastGoodGeneration: lastGood }),
  };
}

function isOfBrain({ workload }: WorkloadView): boolean {
  return !['mysql', 'redis', 'worker'].includes(workload.kind);
}

function judge(view: FleetView, { fleet }: Observed, decided: Decided): Verdicts {
  const { topology, failure, isPaused, isUpdating, isDeleting } = decided;
  const core = available(view, (each) => ['mysql', 'redis'].includes(each.workload.kind));
  const brain = available(view, isOfBrain);
  const workers = available(view, isWorker);
  const egress = judgeEgress(view);
  const parts = [core, brain, workers, egress];
  const stall = failure ?? (topology?.isBlocking === true ? topology : undefined);
  const bad = parts.find(({ status }) => status !== 'True');
  const ready = judgeReady({
    ...decided,
    stall,
    bad,
    hasRun: fleet.status?.lastGoodGeneration !== undefined,
  });
  return {
    Ready: ready,
    Reconciling:
      ready.status === 'True' || isPaused || stall !== undefined
        ? no(ready.reason, ready.message)
        : yes(ready.reason, ready.message),
    Stalled:
      stall === undefined ? no('FleetReady', 'nothing is stuck') : yes(stall.reason, stall.message),
    TopologyValid:
      topology === undefined
        ? yes('FleetReady', 'every box has its node')
        : no(topology.reason, topology.message),
    CoreAvailable: core,
    BrainAvailable: brain,
    WorkersAvailable: workers,
    EgressVerified: egress,
    Drained: judgeDrained(view),
    UpdateInProgress:
      isUpdating && !isDeleting
        ? yes('UpdateRunning', decided.plan[0]?.action ?? 'boxes are replaced one after another')
        : no('UpdateDone', 'no update runs'),
    Paused: isPaused
      ? yes('ReconcilePaused', pauseSentence(fleet.spec.paused))
      : no('FleetReady', 'the operator acts'),
  };
}

function pauseSentence(isBySpec: boolean): string {
  return isBySpec
    ? 'spec.paused is true: the operator changes nothing until it is false; trading goes on'
    : 'the annotation fleet.kraite.io/reconcile is disabled: the operator changes nothing until it is gone; trading goes on';
}

function judgeReady(
  facts: Decided & {
    readonly stall: Refusal | undefined;
    readonly bad: Verdict | undefined;
    readonly hasRun: boolean;
  },
): Verdict {
  const { isDeleting, isPaused, isUpdating, stall, bad, plan, topology } = facts;
  if (isDeleting) return no('FleetDeleting', waitsFor(plan) ?? 'the fleet is being deleted');
  if (stall !== undefined) return no(stall.reason, stall.message);
  if (topology !== undefined) return no(topology.reason, topology.message);
  if (isUpdating) return no('UpdateRunning', waitsFor(plan) ?? 'boxes are replaced');
  if (bad !== undefined) {
    const reason: Reason = facts.hasRun ? 'FleetDegraded' : 'FleetStarting';
    return no(reason, bad.message);
  }
  if (isPaused) return yes('ReconcilePaused', 'everything runs; the operator is paused');
  return yes('FleetReady', 'every box runs what the object says');
}

function waitsFor([first]: readonly PlanEntry[]): string | undefined {
  if (first === undefined) return undefined;
  return first.waitsFor === undefined
    ? first.action
    : `${first.action}: waits for ${first.waitsFor}`;
}

function phaseOf(verdicts: Verdicts, decided: Decided, lastGood: number | undefined): FleetPhase {
  if (decided.isDeleting) return 'Deleting';
  if (decided.isPaused) return 'Paused';
  if (verdicts.Stalled.status === 'True') return 'Stalled';
  if (verdicts.Ready.status === 'True') return 'Ready';
  if (verdicts.TopologyValid.status !== 'True')
    return lastGood === undefined ? 'Pending' : 'Degraded';
  if (decided.isUpdating) return 'Updating';
  return lastGood === undefined ? 'Progressing' : 'Degraded';
}

function available(view: FleetView, isCounted: (each: WorkloadView) => boolean): Verdict {
  const all = view.boxes.flatMap(({ workloads }) => workloads).filter(isCounted);
  const down = all.filter((each) => !isUp(each));
  const [first] = down;
  if (first === undefined) return yes('FleetReady', `${all.length} of ${all.length} ready`);
  const names = down.map(({ workload }) => workload.name);
  const shown = names.slice(0, 5).join(', ');
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  const failure = down.find((each) => each.failure !== undefined)?.failure;
  const why = failure === undefined ? '' : ` (${failure})`;
  return no(
    failure === undefined ? 'PodsStarting' : 'PodsFailing',
    `not ready: ${shown}${more}${why}`,
  );
}

/** A pod of the old template serves as well as one of the new, as long as it stays. */
function isUp(each: WorkloadView): boolean {
  return isServing(each) || each.isServedByOldPod;
}

function count(view: FleetView, isCounted: (each: WorkloadView) => boolean): string {
  const all = view.boxes.flatMap(({ workloads }) => workloads).filter(isCounted);
  return `${all.filter(isUp).length}/${all.length}`;
}

function withEgress(view: FleetView): readonly BoxView[] {
  return view.boxes.filter(({ box }) => box.egressAddress !== undefined);
}

function countEgress(view: FleetView): string {
  const boxes = withEgress(view);
  return `${boxes.filter((each) => each.isEgressVerified).length}/${boxes.length}`;
}

function judgeEgress(view: FleetView): Verdict {
  const open = withEgress(view).filter((each) => !each.isEgressVerified);
  if (open.length === 0) return yes('FleetReady', 'every address was seen outside');
  const wrong = open.find(({ box, egress }) => {
    const seen = egress?.status?.observedIP;
    return seen !== undefined && seen !== box.egressAddress;
  });
  if (wrong !== undefined) {
    const seen = wrong.egress?.status?.observedIP;
    return no(
      'EgressIdentityMismatch',
      `${wrong.box.name} leaves as ${seen}, and the object says ${wrong.box.egressAddress}`,
    );
  }
  return no('EgressUnverified', `not proved: ${open.map(({ box }) => box.name).join(', ')}`);
}

function judgeDrained(view: FleetView): Verdict {
  const draining = view.boxes
    .map(({ box, workloads }) => ({
      box,
      workers: workloads.filter((each) => each.orders?.isDraining === true),
    }))
    .filter(({ workers }) => workers.length > 0);
  if (draining.length === 0) return no('FleetReady', 'no box drains');
  const names = (boxes: typeof draining) => boxes.map(({ box }) => box.name).join(', ');
  const busy = draining.filter(({ workers }) => !workers.every((each) => isDrained(each)));
  return busy.length === 0
    ? yes('BoxDraining', `drained: ${names(draining)}`)
    : no('DrainRunning', `draining: ${names(busy)}`);
}

/** What all pods that stay run; undefined while they differ. */
function versionOf(view: FleetView): string | undefined {
  const versions = new Set(
    view.boxes
      .flatMap(({ workloads }) => workloads)
      .filter((each) => each.workload.kind !== 'mysql' && each.workload.kind !== 'redis')
      .flatMap(({ pods }) => pods.map((pod) => labelOf(pod, 'app.kubernetes.io/version'))),
  );
  const [version] = versions;
  return versions.size === 1 ? version : undefined;
}

function describeBox(view: BoxView, { slots }: Decided): BoxStatus {
  const { box, node, egress, workloads } = view;
  const reason = reasonOf(view);
  const version = versionOf({ boxes: [view] });
  const seen = egress?.status;
  const workers = workloads.filter((each) => isWorker(each));
  return {
    name: box.name,
    role: box.role,
    ...(node === undefined ? {} : { node: node.metadata.name }),
    isReady: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    ...(version === undefined ? {} : { version }),
    ...(box.egressAddress === undefined
      ? {}
      : {
          egress: {
            expected: box.egressAddress,
            ...(seen?.observedIP === undefined ? {} : { observed: seen.observedIP }),
            ...(seen?.verifiedAt === undefined ? {} : { verifiedAt: seen.verifiedAt }),
          },
        }),
    ...(workers.length === 0 ? {} : { lanes: workers.map((each) => describeLane(each, slots)) }),
  };
}

function describeLane(each: WorkloadView, slots: Decided['slots']) {
  const { workload, orders, facts } = each;
  const name = workload.lane ?? '';
  const said = facts?.lanes.find((lane) => lane.name === name);
  const acknowledged = said?.slots ?? orders?.lanes[name] ?? 0;
  return {
    name,
    desired: slots.get(workload.name)?.wanted ?? workload.slots ?? 0,
    ready: isUp(each) ? acknowledged : 0,
    busy: said?.busy ?? 0,
  };
}

/** The first reason why a box is not what the object says. */
function reasonOf(view: BoxView): Reason | undefined {
  const { node, isNodeReady, isEgressVerified, workloads } = view;
  if (node === undefined) return 'NodeMissing';
  if (!isNodeReady) return 'NodeAway';
  if (workloads.some((each) => each.orders?.isDraining === true)) return 'BoxDraining';
  if (workloads.some((each) => each.failure !== undefined)) return 'PodsFailing';
  if (!isEgressVerified) return 'EgressUnverified';
  if (workloads.some((each) => !isUp(each))) return 'PodsStarting';
  return undefined;
}
