/**
 * Reads of workflows with many steps, so that what a step costs does not grow with the steps beside it.
 *
 * The statements ask what `rules/tree-part.ts` says of a whole tree.
 */
import { CompiledQuery } from 'kysely';

import type { StepId, WorkflowId } from '#pkg/domain';
import { ACTIVE_STATES, WHOLE_STEPS_MAX } from '../rules/tree-part.ts';
import type { StepFence, StepRow, WorkflowTree } from '../step-store.ts';
import type { Queries } from './database.ts';
import type { KnownTree } from './known-trees.ts';
import {
  JOINED_COLUMNS,
  readJoinedWorkflow,
  readStep,
  STEP_COLUMNS,
  type JoinedRow,
} from './step-store-rows.ts';

const COLUMNS = STEP_COLUMNS.join(', ');
/** Unordered: the server stops reading at the limit. */
const FIND_SOME_OF_TREE = `SELECT ${JOINED_COLUMNS} FROM steps c
  JOIN workflows w ON w.id = c.workflow_id JOIN steps s ON s.workflow_id = w.id
  WHERE c.id = ? LIMIT ${WHOLE_STEPS_MAX + 1}`;
const FIND_STEP = `SELECT ${JOINED_COLUMNS} FROM steps s
  JOIN workflows w ON w.id = s.workflow_id WHERE s.id = ?`;
const FIND_BEFORE = `SELECT ${COLUMNS} FROM steps WHERE workflow_id = ? AND block_id < ?
  UNION ALL SELECT ${COLUMNS} FROM steps WHERE workflow_id = ? AND block_id > ?
  UNION ALL SELECT ${COLUMNS} FROM steps
    WHERE workflow_id = ? AND block_id = ? AND step_index < ? AND role = ?`;
const FIND_OTHER_ROLE = `SELECT ${COLUMNS} FROM steps
  WHERE workflow_id = ? AND block_id = ? AND role <> ?`;
/** The workflow's row is locked before the step's, as everywhere. */
const LOCK_STEP = `SELECT ${JOINED_COLUMNS} FROM workflows w
  STRAIGHT_JOIN steps s ON s.workflow_id = w.id WHERE w.id = ? AND s.id = ? FOR UPDATE`;
/** From the end: steps begin in the order of their ids, so the last ones are on their way longest. */
const FIND_ACTIVE_BESIDE = `SELECT id FROM steps
  WHERE workflow_id = ? AND block_id = ? AND step_index = ? AND role = ? AND id <> ?
  AND state IN (${ACTIVE_STATES.map((state) => `'${state}'`).join(', ')}) ORDER BY id DESC LIMIT 1`;
const FIND_DORMANT_AFTER = `SELECT id FROM steps
  WHERE workflow_id = ? AND block_id = ? AND step_index > ? AND role = ?
  AND state IN ('waiting', 'parked') LIMIT 1`;

async function select<Row>(
  queries: Queries,
  statement: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  const result = await queries.executeQuery<Row>(CompiledQuery.raw(statement, [...parameters]));
  return result.rows;
}

function toTree(
  rows: readonly JoinedRow[],
  part: Pick<WorkflowTree, 'isPart'>,
): KnownTree | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const steps = rows.map((row) => readStep(row)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const tree = { workflow: readJoinedWorkflow(first), steps, ...part };
  return { tree, revision: first.w_revision };
}

/** Returns the tree of the step as its handler may see it: the whole, or of a wide one what stands before the step. */
export async function findTreeOfStep(
  queries: Queries,
  stepId: StepId,
): Promise<KnownTree | undefined> {
  const rows = await select<JoinedRow>(queries, FIND_SOME_OF_TREE, [stepId]);
  if (rows.length <= WHOLE_STEPS_MAX) return toTree(rows, {});
  const own = toTree(await select<JoinedRow>(queries, FIND_STEP, [stepId]), { isPart: true });
  const [step] = own?.tree.steps ?? [];
  if (own === undefined || step === undefined) return undefined;
  const before = await findBefore(queries, step);
  const steps = [...before, step].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { revision: own.revision, tree: { ...own.tree, steps } };
}

async function findBefore(queries: Queries, step: StepRow): Promise<readonly StepRow[]> {
  const { workflowId, blockId, index, role } = step;
  const place = [workflowId, blockId];
  const rows = await select<Parameters<typeof readStep>[0]>(queries, FIND_BEFORE, [
    ...place,
    ...place,
    ...place,
    index,
    role,
  ]);
  const others =
    role === 'default'
      ? []
      : await select<Parameters<typeof readStep>[0]>(queries, FIND_OTHER_ROLE, [...place, role]);
  return [...rows, ...others].map((row) => readStep(row));
}

/** Locks the workflow and returns the step alone, if what it does concerns no other step; see `findPart`. */
export async function lockPart(
  queries: Queries,
  workflowId: WorkflowId,
  fence: StepFence,
): Promise<KnownTree | undefined> {
  const locked = toTree(await select<JoinedRow>(queries, LOCK_STEP, [workflowId, fence.stepId]), {
    isPart: true,
  });
  const [step] = locked?.tree.steps ?? [];
  if (step === undefined || fence.effect === undefined) return undefined;
  if (fence.effect === 'stays') return locked;
  const place = [workflowId, step.blockId, step.index, step.role];
  if (fence.effect === 'breaks') {
    const dormant = await select(queries, FIND_DORMANT_AFTER, place);
    if (dormant.length > 0) return undefined;
  }
  const active = await select(queries, FIND_ACTIVE_BESIDE, [...place, step.id]);
  return active.length > 0 ? locked : undefined;
}
