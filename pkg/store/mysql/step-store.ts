import { CompiledQuery } from 'kysely';

import { assert } from '#pkg/base';
import { id, type StepId, type WorkflowId } from '#pkg/domain';
import type {
  StepFence,
  StepRow,
  StepStore,
  TreeChange,
  WorkflowRow,
  WorkflowTree,
} from '../step-store.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import { findDuplicateKey } from './mysql-errors.ts';
import {
  changedSteps,
  changedTree,
  createKnownTrees,
  type KnownTree,
  type KnownTrees,
} from './known-trees.ts';
import { createStepArchive } from './step-store-archive.ts';
import { createStepLists } from './step-store-lists.ts';
import {
  readJoinedWorkflow,
  JOINED_COLUMNS,
  readStep,
  STEP_COLUMNS,
  WORKFLOW_COLUMNS,
  writeStep,
  writeWorkflow,
  type JoinedRow,
} from './step-store-rows.ts';
import { isOneStatement, writeByGuess, writeGuarded } from './step-store-update.ts';
import { findTreeOfStep, lockPart } from './step-store-wide.ts';

/** Rows in one INSERT: with payloads at their limit it stays below the server's smallest packet. */
const ROWS_PER_STATEMENT = 100;

/**
 * Returns step rows in MySQL or MariaDB.
 *
 * `transact` by a worker first tries one statement: it decides on the tree that this process saw last and writes
 * under that tree's revision, which is the whole way from step to step while nobody else touches the workflow.
 * Of a workflow with many steps it reads as little as the change needs (`step-store-wide.ts`).
 * Otherwise it is a locking read of the workflow joined with its steps, the writes, and the commit. Statements
 * are kept as text, because this is the path from step to step.
 */
export function createMysqlStepStore(database: MysqlDatabase): StepStore {
  const trees = createKnownTrees();
  return {
    ...createStepLists(database),
    ...createStepArchive(database),
    submit: (workflow) => submit(database, workflow),
    transact: async (workflowId, { fence }, decide) => {
      const known = trees.take(workflowId);
      if (fence !== undefined && known !== undefined && isFenceOpen(known.tree, fence)) {
        const { change, value } = decide(known.tree);
        if (isOneStatement(change) && (await writeByGuess(database, known, change))) {
          trees.keep({ tree: changedTree(known.tree, change), revision: known.revision + 1 });
          return { kind: 'committed', value };
        }
      }
      return database.transact(async (queries) => {
        const part =
          fence !== undefined && trees.isWide(workflowId)
            ? await lockPart(queries, workflowId, fence)
            : undefined;
        const locked = part ?? (await lockTree(queries, workflowId));
        if (locked === undefined) return { kind: 'missing' };
        if (fence !== undefined && !isFenceOpen(locked.tree, fence)) return { kind: 'fenced' };
        const { change, value } = decide(locked.tree);
        await write(queries, locked, change);
        if (fence !== undefined && part === undefined && !trees.isWide(workflowId)) {
          trees.keep({ tree: changedTree(locked.tree, change), revision: locked.revision + 1 });
        }
        return { kind: 'committed', value };
      });
    },
    claim: (stepId, claim) => claimStep(database, trees, { stepId, ...claim }),
    releaseKey: (workflowId, dedupeKey) =>
      database.run(async (queries) => {
        await queries
          .updateTable('workflows')
          .set({ dedupe_key: null })
          .where('id', '=', workflowId)
          .where('dedupe_key', '=', dedupeKey)
          .execute();
      }),
    findTree: (workflowId) =>
      database.run(async (queries) => {
        const standing = await select(queries, FIND_TREE, [workflowId]);
        const rows =
          standing.length > 0 ? standing : await select(queries, FIND_ARCHIVED, [workflowId]);
        return toTree(rows)?.tree;
      }),
  };
}

const FIND_TREE = `SELECT ${JOINED_COLUMNS} FROM workflows w JOIN steps s ON s.workflow_id = w.id
  WHERE w.id = ? ORDER BY s.id`;
const FIND_ARCHIVED = `SELECT ${JOINED_COLUMNS} FROM workflows_archive w
  JOIN steps_archive s ON s.workflow_id = w.id WHERE w.id = ? ORDER BY s.id`;
const LOCK_TREE = `${FIND_TREE} FOR UPDATE`;
/** The workflow's row is locked before the step's, as everywhere. */
const CLAIM = `UPDATE workflows w STRAIGHT_JOIN steps s ON s.workflow_id = w.id
  SET w.revision = w.revision + 1, s.state = 'running', s.worker_id = ?, s.epoch = s.epoch + 1,
  s.started_at_ms = ?, s.finished_at_ms = NULL
  WHERE w.id = ? AND s.id = ? AND s.state = 'ready' AND s.epoch = ?`;

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

async function select(
  queries: Queries,
  statement: string,
  parameters: readonly unknown[],
): Promise<readonly JoinedRow[]> {
  const result = await queries.executeQuery<JoinedRow>(
    CompiledQuery.raw(statement, [...parameters]),
  );
  return result.rows;
}

async function lockTree(queries: Queries, workflowId: WorkflowId): Promise<KnownTree | undefined> {
  return toTree(await select(queries, LOCK_TREE, [workflowId]));
}

function toTree(rows: readonly JoinedRow[]): KnownTree | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const steps = rows.map((row) => readStep(row));
  return { tree: { workflow: readJoinedWorkflow(first), steps }, revision: first.w_revision };
}

function isFenceOpen(tree: WorkflowTree, fence: StepFence): boolean {
  const step = tree.steps.find((row) => row.id === fence.stepId);
  return (
    step?.state === 'running' && step.workerId === fence.workerId && step.epoch === fence.epoch
  );
}

async function write(queries: Queries, known: KnownTree, change: TreeChange): Promise<void> {
  if (isOneStatement(change)) {
    const isWritten = await writeGuarded(queries, known, change);
    assert(isWritten, 'A locked workflow keeps its revision.');
    return;
  }
  const { tree } = known;
  await writeSteps(queries, [...changedSteps(tree, change), ...(change.inserts ?? [])]);
  const { id: workflowId, ...columns } = writeWorkflow({ ...tree.workflow, ...change.workflow });
  await queries
    .updateTable('workflows')
    .set({ ...columns, revision: known.revision + 1 })
    .where('id', '=', workflowId)
    .execute();
}

async function writeSteps(queries: Queries, steps: readonly StepRow[]): Promise<void> {
  for (let start = 0; start < steps.length; start += ROWS_PER_STATEMENT) {
    const rows = steps.slice(start, start + ROWS_PER_STATEMENT).map((step) => writeStep(step));
    const statement = UPSERT_HEAD + rows.map(() => UPSERT_ROW).join(', ') + UPSERT_TAIL;
    const parameters = rows.flatMap((row) => STEP_COLUMNS.map((column) => row[column]));
    await queries.executeQuery(CompiledQuery.raw(statement, parameters));
  }
}

async function submit(
  database: MysqlDatabase,
  { workflow, steps }: Parameters<StepStore['submit']>[0],
): ReturnType<StepStore['submit']> {
  for (;;) {
    const submission = await database.transact(async (queries) => {
      try {
        const isNew = await insertWorkflow(queries, workflow);
        if (!isNew) return { kind: 'duplicate', workflowId: workflow.id } as const;
      } catch (error) {
        const key = findDuplicateKey(error);
        if (key === undefined) throw error;
        const standing = await findStanding(queries, key, workflow);
        return standing === undefined
          ? undefined
          : ({ kind: 'duplicate', workflowId: standing } as const);
      }
      await writeSteps(queries, steps);
      return { kind: 'submitted', workflowId: workflow.id } as const;
    });
    // The workflow that had the key ended between the insert and the look: the key is free.
    if (submission !== undefined) return submission;
  }
}

const INSERT_WORKFLOW = `INSERT INTO workflows (${WORKFLOW_COLUMNS.join(', ')})
  SELECT ${WORKFLOW_COLUMNS.map(() => '?').join(', ')} FROM DUAL
  WHERE NOT EXISTS (SELECT 1 FROM workflows_archive WHERE id = ?)`;

/** False when a workflow of this id has ended and is archived. */
async function insertWorkflow(queries: Queries, workflow: WorkflowRow): Promise<boolean> {
  const row = writeWorkflow(workflow);
  const values = WORKFLOW_COLUMNS.map((column) => row[column]);
  const inserted = await queries.executeQuery(
    CompiledQuery.raw(INSERT_WORKFLOW, [...values, workflow.id]),
  );
  return (inserted.numAffectedRows ?? 0n) > 0n;
}

async function findStanding(
  queries: Queries,
  key: string,
  workflow: { readonly id: WorkflowId; readonly dedupeKey: string | undefined },
): Promise<WorkflowId | undefined> {
  if (key === 'PRIMARY' || workflow.dedupeKey === undefined) return workflow.id;
  const row = await queries
    .selectFrom('workflows')
    .select('id')
    .where('open_dedupe_key', '=', workflow.dedupeKey)
    .executeTakeFirst();
  return row === undefined ? undefined : id<WorkflowId>(row.id);
}

async function claimStep(
  database: MysqlDatabase,
  trees: KnownTrees,
  claim: Parameters<StepStore['claim']>[1] & { readonly stepId: StepId },
): ReturnType<StepStore['claim']> {
  const { stepId, workerId, startedAtMs } = claim;
  const found = await database.run((queries) => findTreeOfStep(queries, stepId));
  const step = found?.tree.steps.find((row) => row.id === stepId);
  if (found === undefined || step?.state !== 'ready') return { kind: 'gone' };
  if (!claim.known.has(`${step.name}@${step.version}`)) return { kind: 'unknown-handler' };
  const parameters = [workerId, startedAtMs, step.workflowId, stepId, step.epoch];
  const taken = await database.run((queries) =>
    queries.executeQuery(CompiledQuery.raw(CLAIM, parameters)),
  );
  if ((taken.numAffectedRows ?? 0n) === 0n) return { kind: 'gone' };
  const claimed: StepRow = {
    ...step,
    state: 'running',
    workerId,
    epoch: step.epoch + 1,
    startedAtMs,
    finishedAtMs: undefined,
  };
  const tree = changedTree(found.tree, { updates: [claimed] });
  if (tree.isPart) trees.keepWide(step.workflowId);
  else trees.keep({ tree, revision: found.revision + 1 });
  return { kind: 'claimed', step: claimed, tree };
}
