import type { StepId, WorkflowId } from '#pkg/domain';
import type {
  EndedWorkflows,
  NewWorkflow,
  StepFence,
  StepFilter,
  StepRow,
  StepStore,
  TreeChange,
  WorkflowRow,
  WorkflowTree,
} from '../step-store.ts';
import type { LeaseCheck } from './leases.ts';
import { beforeStep, findPart, WHOLE_STEPS_MAX } from '../rules/tree-part.ts';

/** What the step rows need to know of heartbeats. */
export interface MemoryWorkerLives {
  isLive(workerId: string): boolean;
  /** Until the first heartbeat that lives now would end. */
  nextExpiryInMs(): number | undefined;
}

interface Rows {
  readonly workflows: Map<WorkflowId, WorkflowRow>;
  readonly steps: Map<StepId, StepRow>;
  readonly stepsOf: Map<WorkflowId, Set<StepId>>;
  /** Indexes: what dispatchers ask for again and again is few among all that ended. */
  readonly unfinished: Set<WorkflowId>;
  readonly pending: Map<StepId, StepRow>;
}

/**
 * Returns step rows in this process; every method acts at once, so each is atomic. Trees of more than
 * `wholeStepsMax` steps are handed over in parts, as the MySQL adapter does it.
 */
export function createMemoryStepStore(
  lives: MemoryWorkerLives,
  isOpen: LeaseCheck,
  { wholeStepsMax = WHOLE_STEPS_MAX }: { readonly wholeStepsMax?: number } = {},
): StepStore {
  const rows: Rows = emptyRows();
  const archived: Rows = emptyRows();
  const isWide = (tree: WorkflowTree): boolean => tree.steps.length > wholeStepsMax;
  return {
    submit: (workflow) =>
      Promise.resolve(
        archived.workflows.has(workflow.workflow.id)
          ? { kind: 'duplicate', workflowId: workflow.workflow.id }
          : submit(rows, workflow),
      ),
    transact: (workflowId, { fence, lease }, decide) => {
      const tree = readTree(rows, workflowId);
      if (tree === undefined) return Promise.resolve({ kind: 'missing' });
      if (!isOpen(lease) || (fence !== undefined && !isFenceOpen(rows, fence))) {
        return Promise.resolve({ kind: 'fenced' });
      }
      try {
        const part = fence !== undefined && isWide(tree) ? findPart(tree, fence) : undefined;
        const { change, value } = decide(part ?? tree);
        applyChange(rows, workflowId, change);
        return Promise.resolve({ kind: 'committed', value });
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
    },
    claim: (stepId, { workerId, startedAtMs, known }) => {
      const step = rows.steps.get(stepId);
      if (step?.state !== 'ready') return Promise.resolve({ kind: 'gone' });
      if (!known.has(`${step.name}@${step.version}`)) {
        return Promise.resolve({ kind: 'unknown-handler', step });
      }
      const claimed: StepRow = {
        ...step,
        state: 'running',
        workerId,
        epoch: step.epoch + 1,
        startedAtMs,
        finishedAtMs: undefined,
      };
      putStep(rows, claimed);
      const tree = readTree(rows, step.workflowId);
      if (tree === undefined) return Promise.resolve({ kind: 'gone' });
      const seen = isWide(tree) ? beforeStep(tree, stepId) : tree;
      return Promise.resolve({ kind: 'claimed', step: claimed, tree: seen });
    },
    releaseKey: (workflowId, dedupeKey) => {
      const workflow = rows.workflows.get(workflowId);
      if (workflow?.dedupeKey === dedupeKey) {
        putWorkflow(rows, { ...workflow, dedupeKey: undefined });
      }
      return Promise.resolve();
    },
    findTree: (workflowId) =>
      Promise.resolve(readTree(rows, workflowId) ?? readTree(archived, workflowId)),
    ...createArchive(rows, archived, isOpen),
    ...createDispatchLists(rows, lives),
    ...createViews(rows, archived),
  };
}

function emptyRows(): Rows {
  return {
    workflows: new Map(),
    steps: new Map(),
    stepsOf: new Map(),
    unfinished: new Set(),
    pending: new Map(),
  };
}

function createArchive(
  rows: Rows,
  archived: Rows,
  isOpen: LeaseCheck,
): Pick<StepStore, 'archive' | 'purge'> {
  return {
    archive: (options) =>
      Promise.resolve(
        takeEnded(rows, isOpen, options, (tree) => {
          putWorkflow(archived, tree.workflow);
          archived.stepsOf.set(tree.workflow.id, new Set());
          applyChange(archived, tree.workflow.id, { inserts: tree.steps });
        }),
      ),
    purge: (options) => Promise.resolve(takeEnded(archived, isOpen, options, () => undefined)),
  };
}

/** Removes the workflows that ended first, and hands each to `keep` before. */
function takeEnded(
  rows: Rows,
  isOpen: LeaseCheck,
  { endedBeforeMs, limit, lease }: EndedWorkflows,
  keep: (tree: WorkflowTree) => void,
): number {
  if (!isOpen(lease)) return 0;
  const ended = rows.workflows
    .values()
    .filter(({ finishedAtMs }) => finishedAtMs !== undefined && finishedAtMs < endedBeforeMs)
    .toArray()
    .toSorted((a, b) => (a.finishedAtMs ?? 0) - (b.finishedAtMs ?? 0))
    .slice(0, limit);
  for (const { id: workflowId } of ended) {
    const tree = readTree(rows, workflowId);
    if (tree === undefined) continue;
    keep(tree);
    for (const step of tree.steps) {
      rows.steps.delete(step.id);
      rows.pending.delete(step.id);
    }
    rows.stepsOf.delete(workflowId);
    rows.workflows.delete(workflowId);
  }
  return ended.length;
}

function createDispatchLists(
  rows: Rows,
  lives: MemoryWorkerLives,
): Pick<StepStore, 'listSubmitted' | 'listHeld' | 'listDelayed' | 'listReady' | 'listAbandoned'> {
  const steps = (): StepRow[] => [...rows.pending.values()];
  return {
    listSubmitted: (limit, filter = {}) =>
      Promise.resolve(
        listUnfinished(rows)
          .filter((row) => row.state === 'submitted')
          .filter((row) => (filter.isProtective ?? row.isProtective) === row.isProtective)
          .filter(
            (row) => (filter.isHeld ?? row.reason !== undefined) === (row.reason !== undefined),
          )
          .toSorted(byAdmission)
          .slice(0, limit),
      ),
    listHeld: (limit, after) =>
      Promise.resolve(
        listUnfinished(rows)
          .filter((row) => row.state === 'submitted' && row.reason !== undefined)
          .filter((row) => after === undefined || row.id > after)
          .toSorted(compareIds)
          .slice(0, limit),
      ),
    listDelayed: (limit) =>
      Promise.resolve(
        steps()
          .filter((step) => step.state === 'delayed')
          .toSorted((a, b) => (a.runAfterMs ?? 0) - (b.runAfterMs ?? 0) || compareIds(a, b))
          .slice(0, limit),
      ),
    listReady: ({ readyBeforeMs, limit, after }) =>
      Promise.resolve(
        steps()
          .filter((step) => step.state === 'ready' && (step.readyAtMs ?? 0) < readyBeforeMs)
          .filter((step) => after === undefined || step.id > after)
          .toSorted(compareIds)
          .slice(0, limit),
      ),
    listAbandoned: (limit) =>
      Promise.resolve({
        steps: steps()
          .filter((step) => step.state === 'running' && !lives.isLive(step.workerId ?? ''))
          .slice(0, limit),
        nextExpiryInMs: lives.nextExpiryInMs(),
      }),
  };
}

function createViews(
  rows: Rows,
  archived: Rows,
): Pick<StepStore, 'listSteps' | 'listWorkflows' | 'listOfPosition' | 'countByLane' | 'listRuns'> {
  const steps = (): StepRow[] => [...rows.steps.values()];
  return {
    listSteps: (filter) =>
      Promise.resolve(
        steps()
          .filter((step) => matches(step, filter, rows))
          .toSorted((a, b) => compareIds(b, a))
          .slice(0, filter.limit),
      ),
    listWorkflows: ({ state, dedupeKey, limit, ...filter }) =>
      Promise.resolve(
        rows.workflows
          .values()
          .filter(
            (row) =>
              (state ?? row.state) === row.state &&
              (dedupeKey === undefined || row.dedupeKey === dedupeKey) &&
              (filter.name ?? row.name) === row.name &&
              (filter.accountId === undefined || row.accountId === filter.accountId) &&
              row.submittedAtMs < (filter.submittedBeforeMs ?? Infinity),
          )
          .toArray()
          .toSorted((a, b) => b.submittedAtMs - a.submittedAtMs || compareIds(b, a))
          .slice(0, limit),
      ),
    listOfPosition: (positionId, limit) =>
      Promise.resolve(
        [...archived.workflows.values(), ...rows.workflows.values()]
          .filter((row) => row.positionId === positionId)
          .toSorted((a, b) => a.submittedAtMs - b.submittedAtMs || compareIds(a, b))
          .slice(-limit),
      ),
    countByLane: () => Promise.resolve(countByLane(rows)),
    listRuns: (sinceMs) =>
      Promise.resolve(
        steps().flatMap(({ predecessorEndedAtMs, startedAtMs, finishedAtMs }) =>
          startedAtMs === undefined || startedAtMs < sinceMs
            ? []
            : [{ predecessorEndedAtMs, startedAtMs, finishedAtMs }],
        ),
      ),
  };
}

function submit(
  rows: Rows,
  { workflow, steps }: NewWorkflow,
): Awaited<ReturnType<StepStore['submit']>> {
  if (rows.workflows.has(workflow.id)) return { kind: 'duplicate', workflowId: workflow.id };
  const { dedupeKey } = workflow;
  const standing = listUnfinished(rows).find(
    (row) => dedupeKey !== undefined && row.dedupeKey === dedupeKey,
  );
  if (standing !== undefined) return { kind: 'duplicate', workflowId: standing.id };
  putWorkflow(rows, workflow);
  rows.stepsOf.set(workflow.id, new Set());
  applyChange(rows, workflow.id, { inserts: steps });
  return { kind: 'submitted', workflowId: workflow.id };
}

function readTree(rows: Rows, workflowId: WorkflowId): WorkflowTree | undefined {
  const workflow = rows.workflows.get(workflowId);
  if (workflow === undefined) return undefined;
  return { workflow, steps: stepsOf(rows, workflowId).toSorted(compareIds) };
}

function stepsOf(rows: Rows, workflowId: WorkflowId): StepRow[] {
  return [...(rows.stepsOf.get(workflowId) ?? [])].flatMap((id) => rows.steps.get(id) ?? []);
}

function listUnfinished(rows: Rows): WorkflowRow[] {
  return [...rows.unfinished].flatMap((workflowId) => rows.workflows.get(workflowId) ?? []);
}

function putWorkflow(rows: Rows, workflow: WorkflowRow): void {
  rows.workflows.set(workflow.id, workflow);
  if (workflow.finishedAtMs === undefined) rows.unfinished.add(workflow.id);
  else rows.unfinished.delete(workflow.id);
}

const PENDING: readonly StepRow['state'][] = ['ready', 'delayed', 'running'];

function putStep(rows: Rows, step: StepRow): void {
  rows.steps.set(step.id, step);
  if (PENDING.includes(step.state)) rows.pending.set(step.id, step);
  else rows.pending.delete(step.id);
}

function isFenceOpen(rows: Rows, fence: StepFence): boolean {
  const step = rows.steps.get(fence.stepId);
  return (
    step?.state === 'running' && step.workerId === fence.workerId && step.epoch === fence.epoch
  );
}

function applyChange(rows: Rows, workflowId: WorkflowId, change: TreeChange): void {
  const workflow = rows.workflows.get(workflowId);
  if (workflow !== undefined) putWorkflow(rows, { ...workflow, ...change.workflow });
  for (const update of change.updates ?? []) {
    const step = rows.steps.get(update.id);
    if (step !== undefined) putStep(rows, { ...step, ...update });
  }
  for (const step of change.inserts ?? []) {
    putStep(rows, step);
    rows.stepsOf.get(workflowId)?.add(step.id);
  }
}

function countByLane(rows: Rows): Awaited<ReturnType<StepStore['countByLane']>> {
  const counts = new Map<string, Awaited<ReturnType<StepStore['countByLane']>>[number]>();
  const steps = [...rows.unfinished].flatMap((workflowId) => stepsOf(rows, workflowId));
  for (const { lane, box, state, readyAtMs = Infinity } of steps) {
    const key = `${lane}/${box ?? ''}/${state}`;
    const { count = 0, oldestReadyAtMs = Infinity } = counts.get(key) ?? {};
    const oldest = state === 'ready' ? Math.min(oldestReadyAtMs, readyAtMs) : Infinity;
    const oldestMs = oldest === Infinity ? undefined : oldest;
    counts.set(key, { lane, box, state, count: count + 1, oldestReadyAtMs: oldestMs });
  }
  return [...counts.values()];
}

function matches(step: StepRow, filter: StepFilter, rows: Rows): boolean {
  return (
    (filter.state ?? step.state) === step.state &&
    (filter.name ?? step.name) === step.name &&
    (filter.workflowId ?? step.workflowId) === step.workflowId &&
    (filter.workerId === undefined || filter.workerId === step.workerId) &&
    (filter.id ?? step.id) === step.id &&
    (filter.accountId === undefined ||
      rows.workflows.get(step.workflowId)?.accountId === filter.accountId) &&
    step.createdAtMs < (filter.createdBeforeMs ?? Infinity)
  );
}

function byAdmission(a: WorkflowRow, b: WorkflowRow): number {
  return (
    Number(b.isProtective) - Number(a.isProtective) ||
    Number(b.isUrgent) - Number(a.isUrgent) ||
    a.submittedAtMs - b.submittedAtMs ||
    compareIds(a, b)
  );
}

function compareIds(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
