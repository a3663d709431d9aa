/** New workflows: what is submitted while another submission is on its way is written with its neighbours. */
import { CompiledQuery } from 'kysely';

import { toError } from '#pkg/base';
import { id, type WorkflowId } from '#pkg/domain';
import { isRolledBack } from '../rules/group-commit.ts';
import { createGroups, type GroupOptions } from '../rules/groups.ts';
import { WHOLE_STEPS_MAX } from '../rules/tree-part.ts';
import type { NewWorkflow, StepStore, WorkflowRow } from '../step-store.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import type { KnownTrees } from './known-trees.ts';
import { findDuplicateKey } from './mysql-errors.ts';
import { WORKFLOW_COLUMNS, writeWorkflow } from './step-store-rows.ts';
import { placesOf, stepWrites } from './step-store-write.ts';

type Submission = Awaited<ReturnType<StepStore['submit']>>;

interface Waiting {
  readonly submitted: NewWorkflow;
  readonly resolve: (submission: Submission) => void;
  readonly reject: (error: Error) => void;
}

/** Returns `submit`, in one packet. A group in which anything stands already is taken apart, so that each is told by itself. */
export function createSubmit(
  database: MysqlDatabase,
  trees: Pick<KnownTrees, 'keep'>,
  options: GroupOptions,
): StepStore['submit'] {
  const submitAlone = async ({ submitted, resolve, reject }: Waiting): Promise<void> => {
    try {
      resolve(await submit(database, submitted));
    } catch (error) {
      reject(toError(error));
    }
  };
  const add = createGroups<Waiting>(async (waiting) => {
    try {
      await submitTogether(
        database,
        waiting.map(({ submitted }) => submitted),
      );
      for (const { submitted, resolve } of waiting) {
        remember(trees, submitted);
        resolve({ kind: 'submitted', workflowId: submitted.workflow.id });
      }
    } catch (error) {
      if (isRolledBack(error)) for (const each of waiting) void submitAlone(each);
      else for (const { reject } of waiting) reject(toError(error));
    }
  }, options);
  return (submitted) => new Promise((resolve, reject) => add({ submitted, resolve, reject }));
}

/** Where the dispatcher runs in this process, it admits by what was written here. */
function remember(trees: Pick<KnownTrees, 'keep'>, { workflow, steps }: NewWorkflow): void {
  if (steps.length > WHOLE_STEPS_MAX) return;
  trees.keep({
    tree: { workflow, steps: steps.toSorted((a, b) => (a.id < b.id ? -1 : 1)) },
    revision: 0,
  });
}

const INSERT_WORKFLOWS = `INSERT INTO workflows (${WORKFLOW_COLUMNS.join(', ')}) VALUES `;
/**
 * Fails, for a subquery of two rows, when one of the ids is archived.
 *
 * Asked after the insert: a workflow that was moving to the archive meanwhile is there by now.
 */
const REFUSE_ARCHIVED = `SELECT (SELECT 1 UNION ALL SELECT 1 FROM workflows_archive WHERE id IN `;

/** Writes all, or rejects when any id or key stands. */
async function submitTogether(
  database: MysqlDatabase,
  submitted: readonly NewWorkflow[],
): Promise<void> {
  const rows = submitted.map(({ workflow }) => writeWorkflow(workflow));
  const values = rows.map((row) => WORKFLOW_COLUMNS.map((column) => row[column]));
  const ids = submitted.map(({ workflow }) => workflow.id);
  await database.transact((_queries, commitWith) =>
    commitWith([
      {
        sql: INSERT_WORKFLOWS + values.map((row) => placesOf(row)).join(', '),
        parameters: values.flat(),
      },
      { sql: `${REFUSE_ARCHIVED}${placesOf(ids)})`, parameters: ids },
      ...stepWrites(submitted.flatMap(({ steps }) => steps)),
    ]),
  );
}

async function submit(
  database: MysqlDatabase,
  { workflow, steps }: NewWorkflow,
): Promise<Submission> {
  for (;;) {
    const submission = await database.transact(async (queries, commitWith) => {
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
      await commitWith(stepWrites(steps));
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
