/** Rows of workflows and steps, to and from the port's values. */
import type { Insertable, Selectable } from 'kysely';

import type { Reason } from '#pkg/base';
import {
  id,
  type AccountId,
  type BoxName,
  type Lane,
  type PositionId,
  type StepId,
  type WorkflowId,
} from '#pkg/domain';
import type { StepRow, StepState, WorkflowRow, WorkflowState } from '../step-store.ts';
import type { StepsTable, WorkflowsTable } from './step-tables.ts';

type Absent<T> = T | undefined;

type StepColumns = Omit<Selectable<StepsTable>, 'open_state'>;

/** A step's columns joined with its workflow's, whose names carry `w_`. */
export type JoinedRow = StepColumns & {
  readonly [
    Column in keyof Selectable<WorkflowsTable> as `w_${Column}`
  ]: Selectable<WorkflowsTable>[Column];
};

export const WORKFLOW_COLUMNS = [
  'id',
  'name',
  'state',
  'is_protective',
  'is_urgent',
  'dedupe_key',
  'account_id',
  'position_id',
  'reason',
  'submitted_at_ms',
  'admitted_at_ms',
  'finished_at_ms',
] as const satisfies readonly (keyof WorkflowsTable)[];

export const STEP_COLUMNS = [
  'id',
  'workflow_id',
  'block_id',
  'parent_step_id',
  'step_index',
  'role',
  'name',
  'version',
  'lane',
  'box',
  'state',
  'is_urgent',
  'args',
  'response',
  'attempts',
  'crashes',
  'deferrals',
  'run_after_ms',
  'worker_id',
  'epoch',
  'reason',
  'error',
  'created_at_ms',
  'ready_at_ms',
  'predecessor_ended_at_ms',
  'started_at_ms',
  'finished_at_ms',
] as const satisfies readonly (keyof StepsTable)[];

/** Columns of steps `s` joined with their workflow `w`, with its revision; see {@link JoinedRow}. */
export const JOINED_COLUMNS = [
  ...STEP_COLUMNS.map((column) => `s.${column}`),
  ...[...WORKFLOW_COLUMNS, 'revision'].map((column) => `w.${column} AS w_${column}`),
].join(', ');

type WorkflowColumns = Omit<Selectable<WorkflowsTable>, 'open_dedupe_key' | 'revision'>;

export function readWorkflow(row: WorkflowColumns): WorkflowRow {
  return {
    id: id<WorkflowId>(row.id),
    name: row.name,
    state: row.state as WorkflowState,
    isProtective: row.is_protective === 1,
    isUrgent: row.is_urgent === 1,
    dedupeKey: row.dedupe_key ?? undefined,
    accountId: (row.account_id ?? undefined) as Absent<AccountId>,
    positionId: (row.position_id ?? undefined) as Absent<PositionId>,
    reason: (row.reason ?? undefined) as Absent<Reason>,
    submittedAtMs: row.submitted_at_ms,
    admittedAtMs: row.admitted_at_ms ?? undefined,
    finishedAtMs: row.finished_at_ms ?? undefined,
  };
}

/** Returns the workflow's part of a joined row. */
export function readJoinedWorkflow(row: JoinedRow): WorkflowRow {
  return readWorkflow({
    id: row.w_id,
    name: row.w_name,
    state: row.w_state,
    is_protective: row.w_is_protective,
    is_urgent: row.w_is_urgent,
    dedupe_key: row.w_dedupe_key,
    account_id: row.w_account_id,
    position_id: row.w_position_id,
    reason: row.w_reason,
    submitted_at_ms: row.w_submitted_at_ms,
    admitted_at_ms: row.w_admitted_at_ms,
    finished_at_ms: row.w_finished_at_ms,
  });
}

export function writeWorkflow(workflow: WorkflowRow): Insertable<WorkflowsTable> {
  return {
    id: workflow.id,
    name: workflow.name,
    state: workflow.state,
    is_protective: Number(workflow.isProtective),
    is_urgent: Number(workflow.isUrgent),
    dedupe_key: workflow.dedupeKey ?? null,
    account_id: workflow.accountId ?? null,
    position_id: workflow.positionId ?? null,
    reason: workflow.reason ?? null,
    submitted_at_ms: workflow.submittedAtMs,
    admitted_at_ms: workflow.admittedAtMs ?? null,
    finished_at_ms: workflow.finishedAtMs ?? null,
  };
}

export function readStep(row: StepColumns): StepRow {
  return {
    id: id<StepId>(row.id),
    workflowId: id<WorkflowId>(row.workflow_id),
    blockId: row.block_id,
    parentStepId: (row.parent_step_id ?? undefined) as Absent<StepId>,
    index: row.step_index,
    role: row.role as StepRow['role'],
    name: row.name,
    version: row.version,
    lane: row.lane as Lane,
    box: (row.box ?? undefined) as Absent<BoxName>,
    state: row.state as StepState,
    isUrgent: row.is_urgent === 1,
    args: row.args,
    response: row.response ?? undefined,
    attempts: row.attempts,
    crashes: row.crashes,
    deferrals: row.deferrals,
    runAfterMs: row.run_after_ms ?? undefined,
    workerId: row.worker_id ?? undefined,
    epoch: row.epoch,
    reason: (row.reason ?? undefined) as Absent<Reason>,
    error: row.error ?? undefined,
    createdAtMs: row.created_at_ms,
    readyAtMs: row.ready_at_ms ?? undefined,
    predecessorEndedAtMs: row.predecessor_ended_at_ms ?? undefined,
    startedAtMs: row.started_at_ms ?? undefined,
    finishedAtMs: row.finished_at_ms ?? undefined,
  };
}

export function writeStep(step: StepRow): Insertable<StepsTable> {
  return {
    id: step.id,
    workflow_id: step.workflowId,
    block_id: step.blockId,
    parent_step_id: step.parentStepId ?? null,
    step_index: step.index,
    role: step.role,
    name: step.name,
    version: step.version,
    lane: step.lane,
    box: step.box ?? null,
    state: step.state,
    is_urgent: Number(step.isUrgent),
    args: step.args,
    response: step.response ?? null,
    attempts: step.attempts,
    crashes: step.crashes,
    deferrals: step.deferrals,
    run_after_ms: step.runAfterMs ?? null,
    worker_id: step.workerId ?? null,
    epoch: step.epoch,
    reason: step.reason ?? null,
    error: step.error ?? null,
    created_at_ms: step.createdAtMs,
    ready_at_ms: step.readyAtMs ?? null,
    predecessor_ended_at_ms: step.predecessorEndedAtMs ?? null,
    started_at_ms: step.startedAtMs ?? null,
    finished_at_ms: step.finishedAtMs ?? null,
  };
}
