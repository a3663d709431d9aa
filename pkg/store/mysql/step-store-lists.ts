/** What dispatcher, sweep and people read of the step rows; nothing here changes one. */
import { sql } from 'kysely';

import type { BoxName, Lane, PositionId } from '#pkg/domain';
import type { StepFilter, StepState, StepStore } from '../step-store.ts';
import type { MysqlDatabase } from './database.ts';
import { readStep, readWorkflow, STEP_COLUMNS, WORKFLOW_COLUMNS } from './step-store-rows.ts';

/** Those that stand in the key `steps_open`. */
const OPEN_STATES: ReadonlySet<StepState> = new Set(['ready', 'delayed', 'running']);

type Lists = Omit<
  StepStore,
  'submit' | 'transact' | 'claim' | 'releaseKey' | 'findTree' | 'archive' | 'purge'
>;

/** Returns the reading half of the step store. */
export function createStepLists(database: MysqlDatabase): Lists {
  return { ...createDispatchLists(database), ...createViews(database) };
}

function createDispatchLists(
  database: MysqlDatabase,
): Pick<Lists, 'listSubmitted' | 'listHeld' | 'listDelayed' | 'listReady' | 'listAbandoned'> {
  return {
    listSubmitted: (limit, filter = {}) =>
      database.run(async (queries) => {
        let query = queries
          .selectFrom('workflows')
          .select(WORKFLOW_COLUMNS)
          .where('state', '=', 'submitted');
        if (filter.isProtective !== undefined) {
          query = query.where('is_protective', '=', Number(filter.isProtective));
        }
        if (filter.isHeld !== undefined) {
          query = query.where('reason', filter.isHeld ? 'is not' : 'is', null);
        }
        const rows = await query
          .orderBy('is_protective', 'desc')
          .orderBy('is_urgent', 'desc')
          .orderBy('submitted_at_ms')
          .orderBy('id')
          .limit(limit)
          .execute();
        return rows.map((row) => readWorkflow(row));
      }),
    listHeld: (limit, after) =>
      database.run(async (queries) => {
        let query = queries
          .selectFrom('workflows')
          .select(WORKFLOW_COLUMNS)
          .where('state', '=', 'submitted')
          .where('reason', 'is not', null);
        if (after !== undefined) query = query.where('id', '>', after);
        const rows = await query.orderBy('id').limit(limit).execute();
        return rows.map((row) => readWorkflow(row));
      }),
    listDelayed: (limit) =>
      database.run(async (queries) => {
        const rows = await queries
          .selectFrom('steps')
          .select(STEP_COLUMNS)
          .where('open_state', '=', 'delayed')
          .orderBy('run_after_ms')
          .limit(limit)
          .execute();
        return rows.map((row) => readStep(row));
      }),
    listReady: ({ readyBeforeMs, limit, after }) =>
      database.run(async (queries) => {
        const rows = await queries
          .selectFrom('steps')
          .select(STEP_COLUMNS)
          .where('open_state', '=', 'ready')
          .where('ready_at_ms', '<', readyBeforeMs)
          .where('id', '>', after ?? '')
          .orderBy('id')
          .limit(limit)
          .execute();
        return rows.map((row) => readStep(row));
      }),
    listAbandoned: (limit) => listAbandoned(database, limit),
  };
}

/** Asked about once a second for ever, so that the usual answer, nobody, is one statement. */
async function listAbandoned(
  database: MysqlDatabase,
  limit: number,
): ReturnType<Lists['listAbandoned']> {
  const { rows } = await database.run((queries) =>
    sql<{ readonly micros: number | null; readonly abandoned: number }>`SELECT
      (SELECT MIN(TIMESTAMPDIFF(MICROSECOND, NOW(3), live_until)) FROM workers
        WHERE live_until > NOW(3) AND lanes <> '[]') AS micros,
      EXISTS (SELECT 1 FROM steps LEFT JOIN workers
        ON workers.id = steps.worker_id AND workers.live_until > NOW(3)
        WHERE steps.open_state = 'running' AND workers.id IS NULL) AS abandoned`.execute(queries),
  );
  const micros = rows[0]?.micros ?? undefined;
  const nextExpiryInMs = micros === undefined ? undefined : micros / 1_000;
  if (rows[0]?.abandoned !== 1) return { steps: [], nextExpiryInMs };
  const steps = await database.run((queries) =>
    queries
      .selectFrom('steps')
      .leftJoin('workers', (join) =>
        join
          .onRef('workers.id', '=', 'steps.worker_id')
          .on(sql<boolean>`workers.live_until > NOW(3)`),
      )
      .select(STEP_COLUMNS.map((column) => `steps.${column}` as const))
      .where('steps.open_state', '=', 'running')
      .where('workers.id', 'is', null)
      .limit(limit)
      .execute(),
  );
  return { steps: steps.map((row) => readStep(row)), nextExpiryInMs };
}

function listOfPosition(
  database: MysqlDatabase,
  positionId: PositionId,
  limit: number,
): ReturnType<Lists['listOfPosition']> {
  return database.run(async (queries) => {
    const running = queries
      .selectFrom('workflows')
      .select(WORKFLOW_COLUMNS)
      .where('position_id', '=', positionId);
    const rows = await queries
      .selectFrom('workflows_archive')
      .select(WORKFLOW_COLUMNS)
      .where('position_id', '=', positionId)
      .unionAll(running)
      .orderBy('submitted_at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => readWorkflow(row)).toReversed();
  });
}

function createViews(
  database: MysqlDatabase,
): Pick<Lists, 'listSteps' | 'listWorkflows' | 'listOfPosition' | 'countByLane' | 'listRuns'> {
  return {
    listSteps: (filter) => listSteps(database, filter),
    listWorkflows: ({ state, dedupeKey, name, accountId, submittedBeforeMs, limit }) =>
      database.run(async (queries) => {
        let query = queries.selectFrom('workflows').select(WORKFLOW_COLUMNS);
        if (state !== undefined) query = query.where('state', '=', state);
        if (dedupeKey !== undefined) query = query.where('dedupe_key', '=', dedupeKey);
        if (name !== undefined) query = query.where('name', '=', name);
        if (accountId !== undefined) query = query.where('account_id', '=', accountId);
        if (submittedBeforeMs !== undefined) {
          query = query.where('submitted_at_ms', '<', submittedBeforeMs);
        }
        const rows = await query
          .orderBy('submitted_at_ms', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute();
        return rows.map((row) => readWorkflow(row));
      }),
    listOfPosition: (positionId, limit) => listOfPosition(database, positionId, limit),
    countByLane: () =>
      database.run(async (queries) => {
        const rows = await queries
          .selectFrom('steps')
          .innerJoin('workflows', 'workflows.id', 'steps.workflow_id')
          .where('workflows.state', 'in', ['submitted', 'running'])
          .select(['steps.lane', 'steps.box', 'steps.state'])
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .select((eb) => eb.fn.min('steps.ready_at_ms').as('oldest'))
          .groupBy(['steps.lane', 'steps.box', 'steps.state'])
          .execute();
        return rows.map((row) => ({
          lane: row.lane as Lane,
          box: (row.box ?? undefined) as BoxName | undefined,
          state: row.state as StepState,
          count: row.count,
          oldestReadyAtMs: row.state === 'ready' ? (row.oldest ?? undefined) : undefined,
        }));
      }),
    listRuns: (sinceMs) =>
      database.run(async (queries) => {
        const rows = await queries
          .selectFrom('steps')
          .select(['predecessor_ended_at_ms', 'started_at_ms', 'finished_at_ms'])
          .where('started_at_ms', '>=', sinceMs)
          .orderBy('started_at_ms')
          .execute();
        return rows.flatMap((row) =>
          row.started_at_ms === null
            ? []
            : [
                {
                  predecessorEndedAtMs: row.predecessor_ended_at_ms ?? undefined,
                  startedAtMs: row.started_at_ms,
                  finishedAtMs: row.finished_at_ms ?? undefined,
                },
              ],
        );
      }),
  };
}

function listSteps(database: MysqlDatabase, filter: StepFilter): ReturnType<Lists['listSteps']> {
  return database.run(async (queries) => {
    let query = queries.selectFrom('steps').select(STEP_COLUMNS);
    if (filter.state !== undefined) {
      const column = OPEN_STATES.has(filter.state) ? 'open_state' : 'state';
      query = query.where(column, '=', filter.state);
    }
    if (filter.name !== undefined) query = query.where('name', '=', filter.name);
    if (filter.workflowId !== undefined) {
      query = query.where('workflow_id', '=', filter.workflowId);
    }
    if (filter.workerId !== undefined) query = query.where('worker_id', '=', filter.workerId);
    if (filter.id !== undefined) query = query.where('id', '=', filter.id);
    if (filter.createdBeforeMs !== undefined) {
      query = query.where('created_at_ms', '<', filter.createdBeforeMs);
    }
    const { accountId } = filter;
    if (accountId !== undefined) {
      query = query.where('workflow_id', 'in', (sub) =>
        sub.selectFrom('workflows').select('id').where('account_id', '=', accountId),
      );
    }
    const rows = await query.orderBy('id', 'desc').limit(filter.limit).execute();
    return rows.map((row) => readStep(row));
  });
}
