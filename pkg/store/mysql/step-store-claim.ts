/** ready → running: steps are read together, and taken in the same groups in which ends are committed. */
import { CompiledQuery } from 'kysely';

import { toError } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import { changedTree } from '../rules/changed-tree.ts';
import { createGroups, type GroupOptions } from '../rules/groups.ts';
import { WHOLE_STEPS_MAX } from '../rules/tree-part.ts';
import type { StepRow, StepStore } from '../step-store.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import type { KnownTree, KnownTrees } from './known-trees.ts';
import { JOINED_COLUMNS } from './step-store-rows.ts';
import { findTreeOfStep } from './step-store-wide.ts';
import { placesOf, select, toTree } from './step-store-write.ts';

/** Of a wide workflow; its row is locked before the step's, as everywhere. */
const CLAIM = `UPDATE workflows w STRAIGHT_JOIN steps s ON s.workflow_id = w.id
  SET w.revision = w.revision + 1, s.state = 'running', s.worker_id = ?, s.epoch = s.epoch + 1,
  s.started_at_ms = ?, s.finished_at_ms = NULL
  WHERE w.id = ? AND s.id = ? AND s.state = 'ready' AND s.epoch = ?`;

/** Returns `claim` over `transact`, which commits in groups. */
export function createClaim(
  database: MysqlDatabase,
  trees: KnownTrees,
  transact: StepStore['transact'],
  options: GroupOptions,
): StepStore['claim'] {
  const find = createTreeReader(database, options);
  return async (stepId, { workerId, startedAtMs, known }) => {
    const found = await find(stepId);
    const step = found?.tree.steps.find((row) => row.id === stepId);
    if (found === undefined || step?.state !== 'ready') return { kind: 'gone' };
    if (!known.has(`${step.name}@${step.version}`)) return { kind: 'unknown-handler', step };
    const take = (ready: StepRow): StepRow => ({
      ...ready,
      state: 'running',
      workerId,
      epoch: ready.epoch + 1,
      startedAtMs,
      finishedAtMs: undefined,
    });
    if (found.tree.isPart) {
      const parameters = [workerId, startedAtMs, step.workflowId, stepId, step.epoch];
      const taken = await database.run((queries) =>
        queries.executeQuery(CompiledQuery.raw(CLAIM, parameters)),
      );
      if ((taken.numAffectedRows ?? 0n) === 0n) return { kind: 'gone' };
      trees.keepWide(step.workflowId);
      const claimed = take(step);
      return {
        kind: 'claimed',
        step: claimed,
        tree: changedTree(found.tree, { updates: [claimed] }),
      };
    }
    trees.keep(found);
    const result = await transact(step.workflowId, {}, (tree) => {
      const standing = tree.steps.find((row) => row.id === stepId);
      if (standing?.state !== 'ready' || standing.epoch !== step.epoch) {
        return { change: {}, value: undefined };
      }
      const claimed = take(standing);
      const change = { updates: [claimed] };
      return { change, value: { step: claimed, tree: changedTree(tree, change) } };
    });
    return result.kind === 'committed' && result.value !== undefined
      ? { kind: 'claimed', ...result.value }
      : { kind: 'gone' };
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
