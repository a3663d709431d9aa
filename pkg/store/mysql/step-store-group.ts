/**
 * Changes of several workflows in one transaction: one wait for the disk instead of one for each.
 *
 * The workflows' rows are locked first, passing by those that somebody else holds; each keeps its own guard, the revision
 * of the tree that was decided on, and is read again where it does not hold. See docs/adr/0014.
 */
import type { WorkflowId } from '#pkg/domain';
import { isNoChange } from '../rules/changed-tree.ts';
import { decideInTurn, type GroupMember, type GroupOutcome } from '../rules/group-commit.ts';
import { WHOLE_STEPS_MAX } from '../rules/tree-part.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import type { KnownTree, KnownTrees } from './known-trees.ts';
import type { Statement } from './packets.ts';
import { holdLeases } from './leases.ts';
import { JOINED_COLUMNS, writeWorkflow } from './step-store-rows.ts';
import { placesOf, select, stepWrites, toTree } from './step-store-write.ts';

interface Decided extends ReturnType<typeof decideInTurn> {
  readonly known: KnownTree;
  readonly members: readonly GroupMember[];
}

/** Commits the members together; those whose workflow is locked or missing are `apart`. */
export async function commitTogether(
  database: MysqlDatabase,
  trees: KnownTrees,
  members: readonly GroupMember[],
): Promise<readonly GroupOutcome[]> {
  const byWorkflow = Map.groupBy(members, ({ workflowId }) => workflowId);
  const ids = [...byWorkflow.keys()];
  const guesses = new Map(ids.map((workflowId) => [workflowId, trees.take(workflowId)]));
  const decided = await database.transact(async (queries, commitWith) => {
    const standing = await lockTrees(queries, ids, guesses);
    const leases = members.flatMap(({ lease }) => lease ?? []);
    const isHeld = await holdLeases(queries, leases);
    const decisions = standing.map((known): Decided => {
      const its = byWorkflow.get(known.tree.workflow.id) ?? [];
      return { known, members: its, ...decideInTurn(known.tree, its, isHeld) };
    });
    await commitWith(writesOf(decisions.filter(({ change }) => !isNoChange(change))));
    return decisions;
  });
  const outcomes = new Map<GroupMember, GroupOutcome>();
  for (const { known, tree, change, members: its, outcomes: those } of decided) {
    const revision = known.revision + (isNoChange(change) ? 0 : 1);
    if (tree.steps.length <= WHOLE_STEPS_MAX) trees.keep({ tree, revision });
    for (const [at, member] of its.entries()) {
      const outcome = those[at];
      if (outcome !== undefined) outcomes.set(member, outcome);
    }
  }
  return members.map((member) => outcomes.get(member) ?? { kind: 'apart' });
}

/** Locks the workflows that nobody holds, and returns their trees as they stand. */
async function lockTrees(
  queries: Queries,
  ids: readonly WorkflowId[],
  guesses: ReadonlyMap<WorkflowId, KnownTree | undefined>,
): Promise<readonly KnownTree[]> {
  const locked = await select<{ readonly id: WorkflowId; readonly revision: number }>(
    queries,
    `SELECT id, revision FROM workflows FORCE INDEX (PRIMARY)
     WHERE id IN ${placesOf(ids)} FOR UPDATE SKIP LOCKED`,
    ids,
  );
  const standing: KnownTree[] = [];
  const unknown: WorkflowId[] = [];
  for (const { id, revision } of locked) {
    const guess = guesses.get(id);
    if (guess?.revision === revision) standing.push(guess);
    else unknown.push(id);
  }
  if (unknown.length === 0) return standing;
  // Nobody writes steps without the lock of their workflow, so they need none of their own.
  const rows = await select(
    queries,
    `SELECT ${JOINED_COLUMNS} FROM workflows w JOIN steps s ON s.workflow_id = w.id
     WHERE w.id IN ${placesOf(unknown)} ORDER BY s.id`,
    unknown,
  );
  const read = [...Map.groupBy(rows, (row) => row.w_id).values()].flatMap(
    (its) => toTree(its) ?? [],
  );
  return [...standing, ...read];
}

function writesOf(decisions: readonly Decided[]): readonly Statement[] {
  // Differences, so updates are whole rows.
  const steps = decisions.flatMap(({ tree, change }) => {
    const ids = new Set([...(change.updates ?? []), ...(change.inserts ?? [])].map(({ id }) => id));
    return tree.steps.filter((step) => ids.has(step.id));
  });
  const writes = decisions.map((decision) => workflowWrite(decision));
  const alike = Map.groupBy(writes, ({ columns, values }) => JSON.stringify([columns, values]));
  const workflows = [...alike.values()].map((its): Statement => {
    const { columns = [], values = [] } = its[0] ?? {};
    const ids = its.map(({ workflowId }) => workflowId);
    return {
      sql: `UPDATE workflows SET ${['revision = revision + 1', ...columns].join(', ')}
        WHERE id IN ${placesOf(ids)}`,
      parameters: [...values, ...ids],
    };
  });
  return [...stepWrites(steps), ...workflows];
}

function workflowWrite({ known, tree, change }: Decided) {
  const { workflow } = known.tree;
  const before = writeWorkflow(workflow);
  const after = change.workflow === undefined ? before : writeWorkflow(tree.workflow);
  const changed = Object.entries(after).filter(
    ([column, value]) => before[column as keyof typeof before] !== value,
  );
  return {
    workflowId: workflow.id,
    columns: changed.map(([column]) => `${column} = ?`),
    values: changed.map(([, value]) => value),
  };
}
