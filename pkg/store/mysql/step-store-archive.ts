/** What keeps the tables of the engine small: ended workflows move to the archive, and leave it after their time. */
import { CompiledQuery } from 'kysely';

import type { LeaseFence } from '../lease-store.ts';
import type { StepStore } from '../step-store.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import { holdLeases } from './leases.ts';
import { STEP_COLUMNS, WORKFLOW_COLUMNS } from './step-store-rows.ts';

const STEPS = STEP_COLUMNS.join(', ');
const WORKFLOWS = [...WORKFLOW_COLUMNS, 'revision'].join(', ');

/** Returns the moves of ended workflows; each is one short transaction that waits for no lock of the hot path. */
export function createStepArchive(database: MysqlDatabase): Pick<StepStore, 'archive' | 'purge'> {
  return {
    archive: ({ endedBeforeMs, limit, lease }) =>
      database.transact(async (queries) => {
        const ids = await findEnded(queries, 'workflows', endedBeforeMs, limit);
        if (ids.length === 0 || !(await isHeld(queries, lease))) return 0;
        const those = `(${ids.map(() => '?').join(', ')})`;
        await run(
          queries,
          `INSERT INTO workflows_archive (${WORKFLOWS})
           SELECT ${WORKFLOWS} FROM workflows WHERE id IN ${those}`,
          ids,
        );
        await run(
          queries,
          `INSERT INTO steps_archive (${STEPS})
           SELECT ${STEPS} FROM steps WHERE workflow_id IN ${those}`,
          ids,
        );
        await run(queries, `DELETE FROM steps WHERE workflow_id IN ${those}`, ids);
        await run(queries, `DELETE FROM workflows WHERE id IN ${those}`, ids);
        return ids.length;
      }),
    purge: ({ endedBeforeMs, limit, lease }) =>
      database.transact(async (queries) => {
        const ids = await findEnded(queries, 'workflows_archive', endedBeforeMs, limit);
        if (ids.length === 0 || !(await isHeld(queries, lease))) return 0;
        const those = `(${ids.map(() => '?').join(', ')})`;
        await run(queries, `DELETE FROM steps_archive WHERE workflow_id IN ${those}`, ids);
        await run(queries, `DELETE FROM workflows_archive WHERE id IN ${those}`, ids);
        return ids.length;
      }),
  };
}

async function isHeld(queries: Queries, lease: LeaseFence | undefined): Promise<boolean> {
  return lease === undefined || (await holdLeases(queries, [lease]))(lease);
}

/** Locks what it finds, and passes by what somebody else has locked. */
async function findEnded(
  queries: Queries,
  table: 'workflows' | 'workflows_archive',
  endedBeforeMs: number,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await queries.executeQuery<{ readonly id: string }>(
    CompiledQuery.raw(
      `SELECT id FROM ${table} WHERE finished_at_ms < ?
       ORDER BY finished_at_ms LIMIT ${Math.trunc(limit)} FOR UPDATE SKIP LOCKED`,
      [endedBeforeMs],
    ),
  );
  return rows.map((row) => row.id);
}

async function run(queries: Queries, statement: string, ids: readonly string[]): Promise<void> {
  await queries.executeQuery(CompiledQuery.raw(statement, [...ids]));
}
