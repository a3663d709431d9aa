/** Trees for tests of the pure core: built by the same planner as real ones, driven without a store. */
import { Type } from 'typebox';

import { createSeededRandom, createManualClock, createIdMaker } from '#pkg/base';
import { id, type StepId, type WorkflowId } from '#pkg/domain';
import type { StepRow, TreeChange, WorkflowRow, WorkflowTree } from '#pkg/store';
import { defineStep, planStep, type PlannedStep } from '../definition.ts';
import { planBlock } from '../plan-rows.ts';
import { admit } from './changes.ts';
import { finish, type RunEnd } from './finish.ts';
import type { TreeDecision } from './draft.ts';

export const NOW_MS = 1_000;

const clock = createManualClock();

/** Returns a step definition of this name whose arguments are anything. */
export function stepNamed(name: string) {
  return defineStep({
    name,
    lane: 'positions',
    arguments: Type.Unknown(),
    response: Type.Unknown(),
  });
}

export function plan(name: string, index: number, role?: PlannedStep['role']): PlannedStep {
  return planStep(stepNamed(name), null, role === undefined ? { index } : { index, role });
}

/** One tree and what may be done to it. */
export class TestTree {
  #tree: WorkflowTree;
  readonly #makeId = createIdMaker(clock, createSeededRandom('trees'));
  #nowMs = NOW_MS;

  constructor(steps: readonly PlannedStep[]) {
    const workflowId = id<WorkflowId>('w');
    const workflow: WorkflowRow = {
      id: workflowId,
      name: 'test-workflow',
      state: 'submitted',
      isProtective: false,
      isUrgent: false,
      dedupeKey: undefined,
      accountId: undefined,
      positionId: undefined,
      reason: undefined,
      submittedAtMs: 0,
      admittedAtMs: undefined,
      finishedAtMs: undefined,
    };
    this.#tree = { workflow, steps: this.planChildren(steps) };
  }

  get tree(): WorkflowTree {
    return this.#tree;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  planChildren(steps: readonly PlannedStep[], parent?: StepRow): StepRow[] {
    return planBlock(steps, {
      workflowName: 'test-workflow',
      workflowId: id<WorkflowId>('w'),
      isUrgent: false,
      nowMs: NOW_MS,
      makeId: this.#makeId,
      ...(parent === undefined ? {} : { parent: { step: parent, depth: 1 } }),
    });
  }

  apply(decision: TreeDecision): TreeDecision['value'] {
    this.#tree = applyChange(this.#tree, decision.change);
    this.#nowMs += 1;
    return decision.value;
  }

  admit(): TreeDecision['value'] {
    return this.apply(admit(this.#tree, this.#nowMs));
  }

  /** Ready → running, as the store's claim does it. */
  claim(stepId: StepId, workerId = 'worker'): StepRow {
    const before = this.byId(stepId);
    const change = { state: 'running', workerId, epoch: before.epoch + 1 } as const;
    this.#tree = applyChange(this.#tree, { updates: [{ id: stepId, ...change }] });
    return { ...before, ...change };
  }

  /** Claims the step when it is ready, and ends its run. */
  end(name: string, end: RunEnd): TreeDecision['value'] {
    return this.endStep(this.named(name).id, end);
  }

  endStep(stepId: StepId, end: RunEnd): TreeDecision['value'] {
    if (this.byId(stepId).state === 'ready') this.claim(stepId);
    const time = { nowMs: this.#nowMs, startedAtMs: this.#nowMs, endedAtMs: this.#nowMs };
    return this.apply(finish(this.#tree, stepId, end, time));
  }

  complete(...names: string[]): void {
    for (const name of names) this.end(name, { kind: 'completed', response: 'null' });
  }

  fail(name: string): void {
    this.end(name, { kind: 'failed', error: 'broken' });
  }

  expand(name: string, children: readonly PlannedStep[]): void {
    this.end(name, {
      kind: 'expanded',
      children: this.planChildren(children, this.named(name)),
    });
  }

  byId(stepId: StepId): StepRow {
    const step = this.#tree.steps.find((row) => row.id === stepId);
    if (step === undefined) throw new Error(`no step ${stepId}`);
    return step;
  }

  named(name: string): StepRow {
    const step = this.#tree.steps.find((row) => row.name === name);
    if (step === undefined) throw new Error(`no step ${name}`);
    return step;
  }

  /** States by name. */
  states(): Record<string, string> {
    return Object.fromEntries(this.#tree.steps.map((step) => [step.name, step.state]));
  }
}

function applyChange(tree: WorkflowTree, change: TreeChange): WorkflowTree {
  const updates = new Map((change.updates ?? []).map((update) => [update.id, update]));
  return {
    workflow: { ...tree.workflow, ...change.workflow },
    steps: [
      ...tree.steps.map((step) => ({ ...step, ...updates.get(step.id) })),
      ...(change.inserts ?? []),
    ],
  };
}
