/** The tables of migration `0002-steps`. */
import type { ColumnType, Generated } from 'kysely';

export interface StepTables {
  workflows: WorkflowsTable;
  steps: StepsTable;
  /** The same rows, once their workflow has ended. */
  workflows_archive: WorkflowsTable;
}

export interface WorkflowsTable {
  id: string;
  name: string;
  state: string;
  is_protective: number;
  is_urgent: number;
  dedupe_key: string | null;
  /** The key while the workflow is unfinished, else NULL: what makes its unique index partial. */
  open_dedupe_key: ColumnType<string | null, never, never>;
  account_id: string | null;
  position_id: string | null;
  reason: string | null;
  submitted_at_ms: number;
  admitted_at_ms: number | null;
  finished_at_ms: number | null;
  /** Grows with each change of the workflow's tree: a tree read at this revision is the tree that stands. */
  revision: Generated<number>;
}

export interface StepsTable {
  id: string;
  workflow_id: string;
  block_id: string;
  parent_step_id: string | null;
  step_index: number;
  role: string;
  name: string;
  version: number;
  lane: string;
  box: string | null;
  state: string;
  is_urgent: number;
  args: string;
  response: string | null;
  attempts: number;
  crashes: number;
  deferrals: number;
  run_after_ms: number | null;
  worker_id: string | null;
  epoch: number;
  reason: string | null;
  error: string | null;
  created_at_ms: number;
  ready_at_ms: number | null;
  predecessor_ended_at_ms: number | null;
  started_at_ms: number | null;
  finished_at_ms: number | null;
  /** The state while somebody looks for it, else NULL: most moves of a step touch no index. */
  open_state: ColumnType<string | null, never, never>;
}
