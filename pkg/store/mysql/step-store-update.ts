import { assert } from '#pkg/base';
import { changedSteps } from '../rules/changed-tree.ts';
import type { TreeChange, WorkflowTree } from '../step-store.ts';
import type { CommitWith, MysqlDatabase } from './database.ts';
import type { KnownTree } from './known-trees.ts';
import type { Statement } from './packets.ts';
import { writeStep, writeWorkflow } from './step-store-rows.ts';

/** More rows than this are written faster by an upsert than one by one. */
const ROWS_MAX = 8;

/** True when a change can be written by one guarded packet: it only updates, and few rows. */
export function isOnePacket(change: TreeChange): boolean {
  const updates = change.updates ?? [];
  return (change.inserts ?? []).length === 0 && updates.length > 0 && updates.length <= ROWS_MAX;
}

/** Writes by a tree that may be old, as a transaction of its own; false when it was, and nothing is written. */
export function writeByGuess(
  database: MysqlDatabase,
  known: KnownTree,
  change: TreeChange,
): Promise<boolean> {
  return database.transact((_queries, commitWith) => commitGuarded(commitWith, known, change));
}

/**
 * Commits workflow, revision and steps in one packet; false, and nothing is written, when the workflow has another revision.
 *
 * Sets only columns that change. Each statement writes only if the one before it found its row. `change` must be
 * {@link isOnePacket}.
 */
export async function commitGuarded(
  commitWith: CommitWith,
  { tree, revision }: KnownTree,
  change: TreeChange,
): Promise<boolean> {
  const { id: workflowId } = tree.workflow;
  const [isWritten = 0, ...others] = await commitWith([
    updateOf(
      'workflows',
      differences(
        writeWorkflow(tree.workflow),
        writeWorkflow({ ...tree.workflow, ...change.workflow }),
      ),
      {
        sets: ['revision = revision + 1'],
        sql: 'id = ? AND revision = ?',
        parameters: [workflowId, revision],
      },
    ),
    ...writeStepsGuarded(tree, change),
  ]);
  assert(isWritten === 0 || others.every((found) => found === 1), 'a step of the tree is gone.');
  return isWritten > 0;
}

function writeStepsGuarded(tree: WorkflowTree, change: TreeChange): readonly Statement[] {
  const before = new Map(tree.steps.map((step) => [step.id, step]));
  return changedSteps(tree, change).flatMap((step) => {
    const standing = before.get(step.id);
    const changed = standing === undefined ? [] : differences(writeStep(standing), writeStep(step));
    if (changed.length === 0) return [];
    return [
      updateOf('steps', changed, { sql: 'id = ? AND ROW_COUNT() > 0', parameters: [step.id] }),
    ];
  });
}

type Cell = readonly [column: string, value: unknown];

function differences<Row extends object>(before: Row, after: Row): readonly Cell[] {
  return Object.entries(after).filter(([column, value]) => before[column as keyof Row] !== value);
}

function updateOf(
  table: 'workflows' | 'steps',
  cells: readonly Cell[],
  where: Statement & { readonly sets?: readonly string[] },
): Statement {
  const sets = [...(where.sets ?? []), ...cells.map(([column]) => `${column} = ?`)];
  return {
    sql: `UPDATE ${table} SET ${sets.join(', ')} WHERE ${where.sql}`,
    parameters: [...cells.map(([, value]) => value), ...where.parameters],
  };
}
