import type { StepRow, WorkflowTree } from '#pkg/store';
import { formatAge } from '../format/words.ts';
import { stepView, workflowView, type StepView, type WorkflowView } from './engine.ts';

export interface TreeStepView extends StepView {
  readonly index: number;
  readonly role: StepRow['role'];
  readonly children: readonly TreeStepView[];
}

export interface WorkflowTreeView extends WorkflowView {
  readonly steps: readonly TreeStepView[];
}

/** Returns the workflow with its steps as they stand in each other, in order of index. */
export function treeView(tree: WorkflowTree, nowMs: number): WorkflowTreeView {
  const byParent = Map.groupBy(tree.steps, ({ parentStepId }) => parentStepId);
  const below = (parent: StepRow['parentStepId']): readonly TreeStepView[] =>
    (byParent.get(parent) ?? [])
      .toSorted(
        (a, b) =>
          Number(a.role === 'compensation') - Number(b.role === 'compensation') ||
          a.index - b.index ||
          (a.id < b.id ? -1 : 1),
      )
      .map((step) => ({
        ...stepView(step, nowMs),
        index: step.index,
        role: step.role,
        children: below(step.id),
      }));
  return { ...workflowView(tree.workflow, nowMs), steps: below(undefined) };
}

/** Returns the tree as lines: index (c for compensation), name, state, duration, tries, and why. */
export function describeTree(view: WorkflowTreeView): string {
  const took = view.tookMs === null ? `since ${formatAge(view.ageMs)}` : `${view.tookMs} ms`;
  const why = view.reason === null ? '' : `  ${view.reason}`;
  const lines = view.steps.flatMap((step) => describeSteps(step, '  '));
  return [`${view.name}  ${view.state}  ${took}${why}  ${view.id}`, ...lines].join('\n');
}

const NAME_WIDTH = 34;
const STATE_WIDTH = 10;

function describeSteps(step: TreeStepView, indent: string): readonly string[] {
  const place = `${step.role === 'compensation' ? 'c' : ''}${step.index}`;
  const name = `${indent}${place} ${step.name}`.padEnd(NAME_WIDTH);
  const took = step.tookMs === null ? '' : `${step.tookMs.toFixed(1)} ms`;
  const tries = [
    step.attempts > 0 ? `${step.attempts} failed` : '',
    step.crashes > 0 ? `${step.crashes} crashed` : '',
    step.deferrals > 0 ? `${step.deferrals} deferred` : '',
  ].filter((text) => text !== '');
  const why = [tries.join(', '), step.reason ?? '', step.error ?? ''].filter((text) => text !== '');
  const line = `${name} ${step.state.padEnd(STATE_WIDTH)} ${took.padStart(10)}  ${why.join('  ')}`;
  return [line.trimEnd(), ...step.children.flatMap((child) => describeSteps(child, `${indent}  `))];
}
