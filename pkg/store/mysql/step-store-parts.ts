/**
 * Changes of steps that stand beside each other in one wide workflow, in one transaction.
 *
 * They would wait for each other's lock of the workflow's row, each with a connection in its hand that somebody urgent may
 * need. Every change here concerns its own step alone (`rules/tree-part.ts`): a step that stays on its way, or one that
 * concludes while another one beside it is on its way; that other one is left out of the group and goes alone.
 */
import { toError } from '#pkg/base';
import type { StepId, WorkflowId } from '#pkg/domain';
import { changedTree, isFenceOpen } from '../rules/changed-tree.ts';
import { isRolledBack, type GroupMember, type GroupOutcome } from '../rules/group-commit.ts';
import { createGroups, type GroupOptions } from '../rules/groups.ts';
import type { StepRow, WorkflowTree } from '../step-store.ts';
import type { MysqlDatabase } from './database.ts';
import { JOINED_COLUMNS } from './step-store-rows.ts';
import { placesOf, select, stepWrites, toTree } from './step-store-write.ts';

/** A change of one step of a wide workflow. */
export interface PartMember extends GroupMember {
  readonly stepId: StepId;
}

interface Waiting {
  readonly member: PartMember;
  readonly resolve: (outcome: GroupOutcome) => void;
  readonly reject: (error: Error) => void;
}

const LOCK_STEPS = `SELECT ${JOINED_COLUMNS} FROM workflows w
  STRAIGHT_JOIN steps s ON s.workflow_id = w.id WHERE w.id = ? AND s.id IN `;

/** Returns the function that commits a change of a wide workflow with those beside it; `alone` is the way of one. */
export function createPartCommits(
  database: MysqlDatabase,
  alone: (member: PartMember) => Promise<GroupOutcome>,
  options: GroupOptions,
): (member: PartMember) => Promise<GroupOutcome> {
  const goAlone = async ({ member, resolve, reject }: Waiting): Promise<void> => {
    try {
      if (member.fence !== undefined) return resolve(await alone(member));
      const outcomes = await commitParts(database, member.workflowId, [member]);
      resolve(outcomes.get(member) ?? { kind: 'missing' });
    } catch (error) {
      reject(toError(error));
    }
  };
  const commit = async (workflowId: WorkflowId, waiting: readonly Waiting[]): Promise<void> => {
    let apart = waiting;
    if (waiting.length > 1) {
      try {
        const members = waiting.map(({ member }) => member);
        const outcomes = await commitParts(database, workflowId, members);
        apart = waiting.filter(({ member }) => !outcomes.has(member));
        for (const { member, resolve } of waiting) {
          const outcome = outcomes.get(member);
          if (outcome !== undefined) resolve(outcome);
        }
      } catch (error) {
        if (!isRolledBack(error)) {
          for (const { reject } of waiting) reject(toError(error));
          return;
        }
      }
    }
    // One after another: they would wait for each other.
    for (const each of apart) await goAlone(each);
  };
  const add = createGroups<Waiting>(async (waiting) => {
    const byWorkflow = Map.groupBy(waiting, ({ member }) => member.workflowId);
    await Promise.all([...byWorkflow].map(([workflowId, its]) => commit(workflowId, its)));
  }, options);
  return (member) => new Promise((resolve, reject) => add({ member, resolve, reject }));
}

async function commitParts(
  database: MysqlDatabase,
  workflowId: WorkflowId,
  members: readonly PartMember[],
): Promise<ReadonlyMap<PartMember, GroupOutcome>> {
  const ids = [...new Set(members.map(({ stepId }) => stepId))];
  return database.transact(async (queries, commitWith) => {
    const outcomes = new Map<PartMember, GroupOutcome>();
    const rows = await select(queries, `${LOCK_STEPS}${placesOf(ids)} FOR UPDATE`, [
      workflowId,
      ...ids,
    ]);
    const locked = toTree(rows);
    if (locked === undefined) return outcomes;
    const written: StepRow[] = [];
    for (const member of chooseParts(locked.tree, members)) {
      const steps = locked.tree.steps.filter((step) => step.id === member.stepId);
      const part: WorkflowTree = { workflow: locked.tree.workflow, steps, isPart: true };
      if (member.fence !== undefined && !isFenceOpen(part, member.fence)) {
        outcomes.set(member, { kind: 'fenced' });
        continue;
      }
      try {
        const { change, value } = member.decide(part);
        const after = changedTree(part, change).steps;
        written.push(...after.filter((step) => !steps.includes(step)));
        outcomes.set(member, { kind: 'committed', value });
      } catch (error) {
        outcomes.set(member, { kind: 'threw', error: toError(error) });
      }
    }
    if (written.length === 0) return outcomes;
    await commitWith([
      ...stepWrites(written),
      {
        sql: 'UPDATE workflows SET revision = revision + 1 WHERE id = ?',
        parameters: [workflowId],
      },
    ]);
    return outcomes;
  });
}

/** Returns the members whose change concerns their own step alone, one for each step. */
function chooseParts(
  { steps }: WorkflowTree,
  members: readonly PartMember[],
): readonly PartMember[] {
  const byStep = new Map(members.map((member) => [member.stepId, member]));
  const rows = steps.filter((step) => byStep.has(step.id));
  const concluding = rows.filter(({ id }) => byStep.get(id)?.fence?.effect === 'concludes');
  const places = Map.groupBy(concluding, ({ blockId, index, role }) =>
    [blockId, index, role].join('/'),
  );
  // The last of each place that still runs is left out: it is on its way beside the others.
  const leftOut = [...places.values()].map((beside) => beside.findLast(isRunningFor(byStep)));
  return [...byStep.values()].filter(({ stepId, fence }) => {
    const effect = fence === undefined ? 'stays' : fence.effect;
    if (effect === 'stays') return true;
    return effect === 'concludes' && !leftOut.some((row) => row?.id === stepId);
  });
}

function isRunningFor(byStep: ReadonlyMap<StepId, PartMember>): (row: StepRow) => boolean {
  return (row) => {
    const fence = byStep.get(row.id)?.fence;
    return fence !== undefined && isFenceOpen({ steps: [row] }, fence);
  };
}
