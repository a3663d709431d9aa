import { createIdMaker, createSeededRandom, createSystemClock } from '#pkg/base';
import { id, type BoxName, type WorkflowId } from '#pkg/domain';
import { planBlock, type PlannedStep } from '#pkg/steps';
import type { NewWorkflow, WorkerBeat, WorkflowRow } from '#pkg/store';

const clock = createSystemClock();
const makeId = createIdMaker(clock, createSeededRandom(`rows-${clock.nowMs()}`));

/** Returns a workflow of these steps, as a submitter writes it. */
export function newWorkflow(
  steps: readonly PlannedStep[],
  fields: Partial<WorkflowRow> = {},
): NewWorkflow {
  const workflowId = fields.id ?? id<WorkflowId>(makeId());
  const nowMs = fields.submittedAtMs ?? clock.nowMs();
  const isUrgent = fields.isUrgent ?? false;
  const workflow: WorkflowRow = {
    id: workflowId,
    name: 'test-workflow',
    state: 'submitted',
    isProtective: false,
    isUrgent,
    dedupeKey: undefined,
    accountId: undefined,
    positionId: undefined,
    reason: undefined,
    submittedAtMs: nowMs,
    admittedAtMs: undefined,
    finishedAtMs: undefined,
    ...fields,
  };
  const rows = planBlock(steps, {
    workflowName: workflow.name,
    workflowId,
    isUrgent,
    nowMs,
    makeId,
  });
  return { workflow, steps: rows };
}

/** Returns the heartbeat of a worker that serves one lane. */
export function workerBeat(workerId: string): WorkerBeat {
  return {
    workerId,
    box: id<BoxName>('eos'),
    process: 'eos-worker',
    pid: 1,
    version: '0.1.0',
    lanes: [{ lane: 'positions', slots: 1, busy: 0 }],
    generation: 1,
    state: 'ready',
    reason: undefined,
  };
}
