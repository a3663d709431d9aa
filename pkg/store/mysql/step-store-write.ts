/** Statements that read and write whole trees, kept as text: this is the path from step to step. */
import { CompiledQuery } from 'kysely';

import { assert } from '#pkg/base';
import type { WorkflowId } from '#pkg/domain';
import { changedSteps, isNoChange } from '../rules/changed-tree.ts';
import type { StepRow, TreeChange } from '../step-store.ts';
import type { CommitWith, Queries } from './database.ts';
import type { KnownTree } from './known-trees.ts';
import type { Statement } from './packets.ts';
import {
  JOINED_COLUMNS,
  readJoinedWorkflow,
  readStep,
  STEP_COLUMNS,
  writeStep,
  writeWorkflow,
  type JoinedRow,
} from './step-store-rows.ts';
import { commitGuarded, isOnePacket } from './step-store-update.ts';

/** Rows in one INSERT: with payloads at their limit it stays below the server's smallest packet. */
const ROWS_PER_STATEMENT = 100;

export const FIND_TREE = `SELECT ${JOINED_COLUMNS} FROM workflows w JOIN steps s ON s.workflow_id = w.id
  WHERE w.id = ? ORDER BY s.id`;
export const FIND_ARCHIVED = `SELECT ${JOINED_COLUMNS} FROM workflows_archive w
  JOIN steps_archive s ON s.workflow_id = w.id WHERE w.id = ? ORDER BY s.id`;
const LOCK_TREE = `${FIND_TREE} FOR UPDATE`;

/** What never changes after the insert is left out of the update. */
const FIXED_COLUMNS: ReadonlySet<string> = new Set([
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
  'args',
  'created_at_ms',
]);
const UPSERT_HEAD = `INSERT INTO steps (${STEP_COLUMNS.join(', ')}) VALUES `;
const UPSERT_ROW = `(${STEP_COLUMNS.map(() => '?').join(', ')})`;
const UPSERT_TAIL = ` ON DUPLICATE KEY UPDATE ${STEP_COLUMNS.filter(
  (column) => !FIXED_COLUMNS.has(column),
)
  .map((column) => `${column} = VALUES(${column})`)
  .join(', ')}`;

/** Returns `(?, ?, …)` for a list of values. */
export function placesOf(values: readonly unknown[]): string {
  return `(${values.map(() => '?').join(', ')})`;
}

export async function select<Row = JoinedRow>(
  queries: Queries,
  statement: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  const result = await queries.executeQuery<Row>(CompiledQuery.raw(statement, [...parameters]));
  return result.rows;
}

export async function lockTree(
  queries: Queries,
  workflowId: WorkflowId,
): Promise<KnownTree | undefined> {
  return toTree(await select(queries, LOCK_TREE, [workflowId]));
}

/** Returns the tree of joined rows that are one workflow's, in the order of their ids. */
export function toTree(rows: readonly JoinedRow[]): KnownTree | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const steps = rows.map((row) => readStep(row));
  return { tree: { workflow: readJoinedWorkflow(first), steps }, revision: first.w_revision };
}

/** Writes a change of a locked tree, and commits. */
export async function commitChange(
  commitWith: CommitWith,
  known: KnownTree,
  change: TreeChange,
): Promise<void> {
  if (isNoChange(change)) return;
  if (isOnePacket(change)) {
    const isWritten = await commitGuarded(commitWith, known, change);
    assert(isWritten, 'A locked workflow keeps its revision.');
    return;
  }
  const { tree } = known;
  const { id: workflowId, ...columns } = writeWorkflow({ ...tree.workflow, ...change.workflow });
  const cells = Object.entries(columns);
  await commitWith([
    ...stepWrites([...changedSteps(tree, change), ...(change.inserts ?? [])]),
    {
      sql: `UPDATE workflows SET revision = ?, ${cells.map(([column]) => `${column} = ?`).join(', ')}
        WHERE id = ?`,
      parameters: [known.revision + 1, ...cells.map(([, value]) => value), workflowId],
    },
  ]);
}

/** Returns what inserts steps, or updates what may change of those that stand. */
export function stepWrites(steps: readonly StepRow[]): readonly Statement[] {
  const statements: Statement[] = [];
  for (let start = 0; start < steps.length; start += ROWS_PER_STATEMENT) {
    const rows = steps.slice(start, start + ROWS_PER_STATEMENT).map((step) => writeStep(step));
    statements.push({
      sql: UPSERT_HEAD + rows.map(() => UPSERT_ROW).join(', ') + UPSERT_TAIL,
      parameters: rows.flatMap((row) => STEP_COLUMNS.map((column) => row[column])),
    });
  }
  return statements;
}
