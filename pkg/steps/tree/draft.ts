import { required, type Reason } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import type { StepRow, TreeChange, WorkflowRow, WorkflowState, WorkflowTree } from '#pkg/store';
import { nextStepState, type StepEvent } from './step-transitions.ts';

/** When a decision is taken: wall clock, and the end of the run that led to it (ms with fractions). */
export interface DecisionTime {
  readonly nowMs: number;
  readonly endedAtMs?: number | undefined;
}

/** What a decision about a tree says to its caller besides the rows to write. */
export interface TreeEffect {
  /** Became ready and must be enqueued after the commit. */
  readonly ready: readonly StepRow[];
  /** Became running under the worker that asked for it, instead of being enqueued. */
  readonly claimed: StepRow | undefined;
  /** A step was delayed until then. */
  readonly wakeAtMs: number | undefined;
  /** The workflow ended with this decision. */
  readonly endedAs: WorkflowState | undefined;
  /** The tree after the change. */
  readonly tree: WorkflowTree;
}

export interface TreeDecision {
  readonly change: TreeChange;
  readonly value: TreeEffect;
}

type StepFields = Partial<Omit<StepRow, 'id' | 'workflowId' | 'state'>>;

/** A tree under change: the only mutable thing of the pure core, alive within one decision. */
export interface TreeDraft {
  readonly time: DecisionTime;
  workflow(): WorkflowRow;
  step(stepId: StepId): StepRow;
  block(blockId: string): readonly StepRow[];
  /** Blocks that stand directly below the step. */
  childrenOf(stepId: StepId): readonly StepRow[];
  all(): readonly StepRow[];
  move(stepId: StepId, event: StepEvent, fields?: StepFields): void;
  insert(rows: readonly StepRow[]): void;
  startWorkflow(): void;
  /** Running again after its end. */
  reopenWorkflow(): void;
  endWorkflow(state: WorkflowState, reason: Reason | undefined): void;
  decide(): TreeDecision;
}

/** Returns a draft over `tree`; `decide` tells what changed. */
export function createDraft(tree: WorkflowTree, time: DecisionTime): TreeDraft {
  const steps = new Map<StepId, StepRow>(tree.steps.map((step) => [step.id, step]));
  const changed = new Map<StepId, StepFields & { state?: StepRow['state'] }>();
  const inserted = new Set<StepId>();
  let workflow = tree.workflow;
  let workflowChange: Partial<Omit<WorkflowRow, 'id'>> | undefined;

  const changeWorkflow = (change: Partial<Omit<WorkflowRow, 'id'>>): void => {
    workflow = { ...workflow, ...change };
    workflowChange = { ...workflowChange, ...change };
  };
  const draft: TreeDraft = {
    time,
    workflow: () => workflow,
    step: (stepId) => required(steps.get(stepId), 'a step of the tree is missing.'),
    block: (blockId) => [...steps.values()].filter((step) => step.blockId === blockId),
    childrenOf: (stepId) => [...steps.values()].filter((step) => step.parentStepId === stepId),
    all: () => [...steps.values()],
    move: (stepId, event, fields = {}) => {
      const before = draft.step(stepId);
      const change = { ...fields, state: nextStepState(before.state, event) };
      steps.set(stepId, { ...before, ...change });
      changed.set(stepId, { ...changed.get(stepId), ...change });
    },
    insert: (rows) => {
      for (const row of rows) {
        steps.set(row.id, row);
        inserted.add(row.id);
      }
    },
    reopenWorkflow: () => {
      if (workflow.state === 'running') return;
      changeWorkflow({ state: 'running', reason: undefined, finishedAtMs: undefined });
    },
    startWorkflow: () =>
      changeWorkflow({ state: 'running', admittedAtMs: time.nowMs, reason: undefined }),
    endWorkflow: (state, reason) => changeWorkflow({ state, reason, finishedAtMs: time.nowMs }),
    decide: () => {
      const touched = [...changed.keys()].map((stepId) => draft.step(stepId));
      const claimed = touched.find((step) => step.state === 'running');
      const wakeTimes = touched
        .filter((step) => step.state === 'delayed')
        .map((step) => step.runAfterMs ?? time.nowMs);
      return {
        change: {
          ...(workflowChange === undefined ? {} : { workflow: workflowChange }),
          updates: [...changed]
            .filter(([stepId]) => !inserted.has(stepId))
            .map(([stepId, change]) => ({ ...change, id: stepId })),
          inserts: [...inserted].map((stepId) => draft.step(stepId)),
        },
        value: {
          ready: touched.filter((step) => step.state === 'ready'),
          claimed,
          wakeAtMs: wakeTimes.length === 0 ? undefined : Math.min(...wakeTimes),
          endedAs: workflowChange?.finishedAtMs === undefined ? undefined : workflow.state,
          tree: { workflow, steps: draft.all() },
        },
      };
    },
  };
  return draft;
}
