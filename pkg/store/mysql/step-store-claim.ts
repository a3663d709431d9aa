/** ready → running: steps are read together, and taken in the same groups in which ends are committed. */
import { toError } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import { changedTree } from '../rules/changed-tree.ts';
import type { GroupOutcome } from '../rules/group-commit.ts';
import { createGroups, type GroupOptions } from '../rules/groups.ts';
import { WHOLE_STEPS_MAX } from '../rules/tree-part.ts';
import type { StepRow, StepStore, WorkflowTree } from '../step-store.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import type { KnownTree, KnownTrees } from './known-trees.ts';
import type { PartMember } from './step-store-parts.ts';
import { JOINED_COLUMNS } from './step-store-rows.ts';
import { findTreeOfStep } from './step-store-wide.ts';
import { placesOf, select, toTree } from './step-store-write.ts';

/** Returns `claim` over `transact`, which commits in groups; of a wide workflow over `commitPart`. */
export function createClaim(
  ways: {
    readonly database: MysqlDatabase;
    readonly trees: KnownTrees;
    readonly transact: StepStore['transact'];
    readonly commitPart: (member: PartMember) => Promise<GroupOutcome>;
  },
  options: GroupOptions,
): StepStore['claim'] {
  const { trees, transact, commitPart } = ways;
  const find = createTreeReader(ways.database, options);
  return async (stepId, { workerId, startedAtMs, known }) => {
    // What this process made ready itself it need not read: the guess is refused if it is old.
    const found = trees.findReady(stepId) ?? (await find(stepId));
    const step = found?.tree.steps.find((row) => row.id === stepId);
    if (found === undefined || step?.state !== 'ready') return { kind: 'gone' };
    if (!known.has(`${step.name}@${step.version}`)) return { kind: 'unknown-handler', step };
    const { workflowId, epoch } = step;
    const decide = (tree: WorkflowTree) => {
      const standing = tree.steps.find((row) => row.id === stepId);
      if (standing?.state !== 'ready' || standing.epoch !== epoch) {
        return { change: {}, value: undefined };
      }
      const claimed: StepRow = {
        ...standing,
        state: 'running',
        workerId,
        epoch: epoch + 1,
        startedAtMs,
        finishedAtMs: undefined,
      };
      return { change: { updates: [claimed] }, value: { step: claimed, tree } };
    };
    if (found.tree.isPart) {
      trees.keepWide(workflowId);
      let claimed: StepRow | undefined;
      const outcome = await commitPart({
        workflowId,
        stepId,
        fence: undefined,
        decide: (tree) => {
          const { change, value } = decide(tree);
          claimed = value?.step;
          return { change, value };
        },
      });
      if (outcome.kind === 'threw') throw outcome.error;
      if (outcome.kind !== 'committed' || claimed === undefined) return { kind: 'gone' };
      const tree = changedTree(found.tree, { updates: [claimed] });
      return { kind: 'claimed', step: claimed, tree };
    }
    trees.keep(found);
    const result = await transact(workflowId, {}, decide);
    if (result.kind !== 'committed' || result.value === undefined) return { kind: 'gone' };
    const { step: claimed, tree } = result.value;
    return { kind: 'claimed', step: claimed, tree: changedTree(tree, { updates: [claimed] }) };
  };
}

interface Asked {
  readonly stepId: StepId;
  readonly resolve: (found: KnownTree | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Returns the reader of a step's tree as its handler may see it; what is asked for together is read together. */
function createTreeReader(
  database: MysqlDatabase,
  options: GroupOptions,
): (stepId: StepId) => Promise<KnownTree | undefined> {
  const readAlone = async ({ stepId, resolve, reject }: Asked): Promise<void> => {
    try {
      resolve(await database.run((queries) => findTreeOfStep(queries, stepId)));
    } catch (error) {
      reject(toError(error));
    }
  };
  const add = createGroups<Asked>(async (asked) => {
    const [first] = asked;
    if (asked.length === 1 && first !== undefined) return readAlone(first);
    try {
      const ids = asked.map(({ stepId }) => stepId);
      const found = await database.run((queries) => findNarrowTrees(queries, ids));
      for (const each of asked) {
        const known = found.get(each.stepId);
        if (known === undefined) void readAlone(each);
        else each.resolve(known);
      }
    } catch (error) {
      for (const { reject } of asked) reject(toError(error));
    }
  }, options);
  return (stepId) => new Promise((resolve, reject) => add({ stepId, resolve, reject }));
}

/** Returns the whole trees of these steps, without those that are wide or gone. */
async function findNarrowTrees(
  queries: Queries,
  stepIds: readonly StepId[],
): Promise<ReadonlyMap<StepId, KnownTree>> {
  const rowsMax = stepIds.length * WHOLE_STEPS_MAX + 1;
  const rows = await select(
    queries,
    `SELECT ${JOINED_COLUMNS}
     FROM (SELECT DISTINCT workflow_id FROM steps WHERE id IN ${placesOf(stepIds)}) c
     STRAIGHT_JOIN workflows w ON w.id = c.workflow_id
     STRAIGHT_JOIN steps s ON s.workflow_id = w.id LIMIT ${rowsMax}`,
    stepIds,
  );
  const found = new Map<StepId, KnownTree>();
  // Some tree may be cut off.
  if (rows.length === rowsMax) return found;
  const wanted = new Set<string>(stepIds);
  for (const its of Map.groupBy(rows, (row) => row.w_id).values()) {
    if (its.length > WHOLE_STEPS_MAX) continue;
    const known = toTree(its.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    if (known === undefined) continue;
    for (const { id } of known.tree.steps) if (wanted.has(id)) found.set(id, known);
  }
  return found;
}
