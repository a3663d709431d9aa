import { CompiledQuery } from 'kysely';

import { changedSteps } from '../rules/changed-tree.ts';
import type { TreeChange } from '../step-store.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import type { KnownTree } from './known-trees.ts';
import { STEP_COLUMNS, writeStep, writeWorkflow } from './step-store-rows.ts';

/** More rows than this are written faster by an upsert than by one CASE for each column. */
const ROWS_MAX = 8;

/** True when a change can be written by one guarded statement: it only updates, and few rows. */
export function isOneStatement(change: TreeChange): boolean {
  const updates = change.updates ?? [];
  return (change.inserts ?? []).length === 0 && updates.length > 0 && updates.length <= ROWS_MAX;
}

/** Writes by a tree that may be old, as a transaction of its own; false when it was, and nothing is written. */
export function writeByGuess(
  database: MysqlDatabase,
  known: KnownTree,
  change: TreeChange,
): Promise<boolean> {
  return database.run((queries) => writeGuarded(queries, known, change));
}

/**
 * Writes steps, workflow and revision in one statement; false when the workflow has another revision.
 *
 * Sets only columns that change; a row keeps its own value where only another row changes. `change` must be
 * {@link isOneStatement}.
 */
export async function writeGuarded(
  queries: Queries,
  { tree, revision }: KnownTree,
  change: TreeChange,
): Promise<boolean> {
  const assignments = ['w.revision = w.revision + 1'];
  const parameters: unknown[] = [];
  if (change.workflow !== undefined) {
    const before = Object.entries(writeWorkflow(tree.workflow));
    const after = writeWorkflow({ ...tree.workflow, ...change.workflow });
    for (const [column, value] of before) {
      const next = after[column as keyof typeof after];
      if (next === value) continue;
      assignments.push(`w.${column} = ?`);
      parameters.push(next);
    }
  }
  const before = new Map(tree.steps.map((step) => [step.id as string, writeStep(step)]));
  const after = changedSteps(tree, change).map((step) => writeStep(step));
  for (const column of STEP_COLUMNS) {
    const changed = after.filter((row) => row[column] !== before.get(row.id)?.[column]);
    if (changed.length === 0) continue;
    const cases = changed.map(() => 'WHEN ? THEN ?').join(' ');
    assignments.push(`s.${column} = CASE s.id ${cases} ELSE s.${column} END`);
    for (const row of changed) parameters.push(row.id, row[column]);
  }
  const ids = after.map((row) => row.id);
  const statement = `UPDATE workflows w STRAIGHT_JOIN steps s ON s.workflow_id = w.id
    SET ${assignments.join(', ')}
    WHERE w.id = ? AND w.revision = ? AND s.id IN (${ids.map(() => '?').join(', ')})`;
  parameters.push(tree.workflow.id, revision, ...ids);
  const result = await queries.executeQuery(CompiledQuery.raw(statement, parameters));
  return (result.numAffectedRows ?? 0n) > 0n;
}
