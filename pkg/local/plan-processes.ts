import type { Lane } from '#pkg/domain';
import type { FleetPlan, PlannedBox, Workload } from '#pkg/fleet-spec';

/** One child process of the local runtime. */
export interface LocalProcess {
  readonly name: string;
  readonly kind: Exclude<Workload['kind'], 'mysql' | 'redis'>;
  readonly box: string;
  readonly egressAddress: string | undefined;
  readonly bindAddress: string;
  /** Slots by lane; undefined for processes that run no steps. */
  readonly lanes: Readonly<Partial<Record<Lane, number>>> | undefined;
  /** From the plan; the runtime's own values win over it. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Returns the child processes for a plan: one for each single workload, and one worker for each box with all its lanes.
 *
 * The servers of the core are not among them, and neither are processes of lost boxes.
 */
export function planLocalProcesses(plan: FleetPlan): readonly LocalProcess[] {
  return plan.boxes
    .filter((box) => !box.isLost)
    .flatMap((box) => {
      const own = plan.workloads.filter((workload) => workload.box === box.name);
      const singles = own.flatMap((workload) => planSingle(box, workload));
      const worker = planWorker(
        box,
        own.filter(({ kind }) => kind === 'worker'),
      );
      return worker === undefined ? singles : [...singles, worker];
    });
}

function planSingle(box: PlannedBox, workload: Workload): readonly LocalProcess[] {
  const { kind } = workload;
  if (kind === 'mysql' || kind === 'redis' || kind === 'worker') return [];
  return [
    {
      name: workload.name,
      kind,
      box: box.name,
      egressAddress: workload.egressAddress,
      bindAddress: box.bindAddress,
      lanes: undefined,
      environment: workload.environment,
    },
  ];
}

function planWorker(box: PlannedBox, workloads: readonly Workload[]): LocalProcess | undefined {
  const [first] = workloads;
  if (first === undefined) return undefined;
  const lanes: Partial<Record<Lane, number>> = {};
  for (const { lane, slots } of workloads) {
    if (lane !== undefined) lanes[lane] = slots ?? 0;
  }
  return {
    name: `${box.name}-worker`,
    kind: 'worker',
    box: box.name,
    egressAddress: first.egressAddress,
    bindAddress: box.bindAddress,
    lanes,
    environment: first.environment,
  };
}

/** Which child processes differ between two plans, and how. */
export interface ProcessChanges {
  readonly started: readonly LocalProcess[];
  readonly stopped: readonly LocalProcess[];
  /** Told something that is read at their start only. */
  readonly restarted: readonly LocalProcess[];
  /** Only slots changed: the workload file is rewritten, the process goes on. */
  readonly retold: readonly LocalProcess[];
}

/** Returns what a new plan asks of the processes of an old one. */
export function diffLocalProcesses(
  before: readonly LocalProcess[],
  after: readonly LocalProcess[],
): ProcessChanges {
  const old = new Map(before.map((process) => [process.name, process]));
  const names = new Set(after.map(({ name }) => name));
  const kept = after.flatMap((process) => {
    const previous = old.get(process.name);
    return previous === undefined ? [] : [{ process, previous }];
  });
  const restarted = kept.filter(({ process, previous }) => isOtherStart(previous, process));
  const retold = kept.filter(
    ({ process, previous }) => !isOtherStart(previous, process) && hasOtherSlots(previous, process),
  );
  return {
    started: after.filter(({ name }) => !old.has(name)),
    stopped: before.filter(({ name }) => !names.has(name)),
    restarted: restarted.map(({ process }) => process),
    retold: retold.map(({ process }) => process),
  };
}

function isOtherStart(before: LocalProcess, after: LocalProcess): boolean {
  return stableText({ ...before, lanes: null }) !== stableText({ ...after, lanes: null });
}

function hasOtherSlots(before: LocalProcess, after: LocalProcess): boolean {
  return stableText(before.lanes ?? null) !== stableText(after.lanes ?? null);
}

/** JSON with sorted keys, so that order of writing is no difference. */
function stableText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
