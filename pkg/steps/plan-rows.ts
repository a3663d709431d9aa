/**
 * From planned steps to rows: written correctly or refused.
 *
 * What could never run is an error here, naming the workflow and the step, and not a row that waits for ever.
 */
import type { IdMaker } from '#pkg/base';
import { id, LANES, type BoxName, type StepId, type WorkflowId } from '#pkg/domain';
import type { StepRow } from '#pkg/store';
import type { PlannedStep } from './definition.ts';
import { WorkflowDefinitionError } from './errors.ts';
import { encodePayload } from './payload.ts';
import { handlerKey } from './queued-step.ts';

/** Blocks may stand in blocks this deep. */
export const BLOCK_DEPTH_MAX = 100;
/** One block's width and length together. */
export const BLOCK_STEPS_MAX = 10_000;

export interface BlockContext {
  readonly workflowName: string;
  readonly workflowId: WorkflowId;
  readonly isUrgent: boolean;
  readonly nowMs: number;
  readonly makeId: IdMaker;
  /** Handlers that the writer's release has, as name@version; without it none is asked for. */
  readonly known?: ReadonlySet<string> | undefined;
  /** The step that expands into this block. */
  readonly parent?: { readonly step: StepRow; readonly depth: number };
}

/** Returns the rows of one block, waiting or parked. Throws {@link WorkflowDefinitionError}. */
export function planBlock(steps: readonly PlannedStep[], context: BlockContext): StepRow[] {
  checkShape(steps, context);
  const blockId = context.makeId();
  return steps.map((planned) => {
    const { definition } = planned;
    const refuse = (problem: string): never => {
      throw new WorkflowDefinitionError({
        workflow: context.workflowName,
        step: definition.name,
        problem,
      });
    };
    if (context.known?.has(handlerKey(definition)) === false) {
      return refuse(`no handler of this release does version ${definition.version} of it`);
    }
    const args = encodePayload(definition.argumentsSchema, planned.args);
    if (args.kind === 'refused') return refuse(`its arguments value ${args.problem}`);
    return {
      id: id<StepId>(context.makeId()),
      workflowId: context.workflowId,
      blockId,
      parentStepId: context.parent?.step.id,
      index: planned.index,
      role: planned.role,
      name: definition.name,
      version: definition.version,
      lane: definition.lane,
      box: boxOf(planned, context, refuse),
      state: planned.role === 'compensation' ? 'parked' : 'waiting',
      isUrgent: context.isUrgent,
      args: args.json,
      response: undefined,
      attempts: 0,
      crashes: 0,
      deferrals: 0,
      runAfterMs: undefined,
      workerId: undefined,
      epoch: 0,
      reason: undefined,
      error: undefined,
      createdAtMs: context.nowMs,
      readyAtMs: undefined,
      predecessorEndedAtMs: undefined,
      startedAtMs: undefined,
      finishedAtMs: undefined,
    };
  });
}

function boxOf(
  planned: PlannedStep,
  context: BlockContext,
  refuse: (problem: string) => never,
): BoxName | undefined {
  const { definition } = planned;
  if (!LANES.includes(definition.lane)) {
    return refuse(`lane ${definition.lane} does not exist; lanes are ${LANES.join(', ')}`);
  }
  if (definition.lane !== 'own') {
    if (planned.box === undefined) return undefined;
    return refuse(`names the box ${planned.box}, but only steps of the lane own stand on one box`);
  }
  const box = planned.box ?? context.parent?.step.box;
  return box ?? refuse('stands in the lane own and names no box');
}

function checkShape(steps: readonly PlannedStep[], context: BlockContext): void {
  const refuse = (problem: string, step?: string): never => {
    throw new WorkflowDefinitionError({ workflow: context.workflowName, step, problem });
  };
  const parentName = context.parent?.step.name;
  const where = parentName === undefined ? 'the workflow' : 'its child block';
  if (!steps.some((step) => step.role === 'default')) refuse(`${where} has no steps`, parentName);
  if (steps.length > BLOCK_STEPS_MAX) {
    refuse(`${where} has ${steps.length} steps, the limit is ${BLOCK_STEPS_MAX}`, parentName);
  }
  if ((context.parent?.depth ?? 0) + 1 > BLOCK_DEPTH_MAX) {
    refuse(`child blocks are nested deeper than ${BLOCK_DEPTH_MAX}`, parentName);
  }
  for (const role of ['default', 'compensation'] as const) {
    const members = steps.filter((step) => step.role === role);
    const indices = new Set(members.map((step) => step.index));
    for (const { definition, index } of members) {
      if (!Number.isSafeInteger(index) || index < 1) {
        refuse(`index ${index} is not a whole number from 1`, definition.name);
      }
      if (index > 1 && !indices.has(index - 1)) {
        refuse(`index ${index} has no predecessor at ${index - 1}`, definition.name);
      }
    }
  }
}

/** Returns how many blocks stand above and around the step; 1 for a step of the root block. */
export function blockDepthOf(step: StepRow, steps: readonly StepRow[]): number {
  const byId = new Map(steps.map((row) => [row.id, row]));
  let depth = 1;
  let current: StepRow | undefined = step;
  while (current?.parentStepId !== undefined) {
    current = byId.get(current.parentStepId);
    depth += 1;
  }
  return depth;
}
