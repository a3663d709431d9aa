/** What a person could ask the database beside the engine: how many statements it had, and rows that were never run. */
import { createSystemClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { openMysql, type MysqlDatabase } from '#pkg/store';

const DEADLINE_MS = 120_000;
const ROWS_PER_WORKFLOW = 10;
/** Workflows in one INSERT … SELECT. */
const BATCH = 1_000;
const DAY_MS = 86_400_000;

export interface Admin extends AsyncDisposable {
  /** Statements of all sessions since the server began, without this session's own. */
  countStatements(): Promise<number>;
  /** Empties the engine's tables. */
  empty(): Promise<void>;
  /** Writes so many steps of ended workflows, ten to a workflow, into the tables of the engine or its archive. */
  fill(where: 'ended' | 'archived', steps: number): Promise<void>;
}

export function openAdmin(url: string): Admin {
  const database = openMysql({ url, clock: createSystemClock(), logger: createSilentLogger() });
  let own = 0;
  const run = (statements: readonly string[]) =>
    database.reserve({ deadlineMs: DEADLINE_MS }, async (session) => {
      for (const statement of statements) await session.query(statement);
    });
  return {
    countStatements: () =>
      database.reserve({ deadlineMs: DEADLINE_MS }, async (session) => {
        const [row] = await session.query(`SHOW GLOBAL STATUS LIKE 'Questions'`);
        own += 1;
        return Number(row?.['Value']) - own;
      }),
    empty: () =>
      run(['workflows', 'steps', 'workflows_archive', 'steps_archive'].map((t) => `TRUNCATE ${t}`)),
    fill: (where, steps) => fill(database, where === 'ended' ? '' : '_archive', steps),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

async function fill(database: MysqlDatabase, suffix: string, steps: number): Promise<void> {
  const workflows = Math.ceil(steps / ROWS_PER_WORKFLOW);
  // Ended long enough ago for the archive and too lately for its end; or a moment ago, so that it stays.
  const atMs = Date.now() - (suffix === '' ? 0 : 2 * DAY_MS);
  for (let first = 0; first < workflows; first += BATCH) {
    const prefix = `filled-${String(first / BATCH).padStart(8, '0')}-`;
    await database.reserve({ deadlineMs: DEADLINE_MS }, async (session) => {
      await session.query(`INSERT INTO workflows${suffix} (id, name, state, is_protective, is_urgent,
          submitted_at_ms, admitted_at_ms, finished_at_ms)
        SELECT CONCAT('${prefix}', n.i), 'chain', 'completed', 0, 0, ${atMs}, ${atMs}, ${atMs}
        FROM (${numbersBelow(BATCH)}) n WHERE n.i < ${Math.min(BATCH, workflows - first)}`);
      await session.query(`INSERT INTO steps${suffix} (id, workflow_id, block_id, step_index, role,
          name, version, lane, state, is_urgent, args, response, attempts, crashes, deferrals, epoch,
          created_at_ms, ready_at_ms, predecessor_ended_at_ms, started_at_ms, finished_at_ms)
        SELECT CONCAT(w.id, '-', d.i), w.id, CONCAT(w.id, '-b'), d.i + 1, 'default', 'no-op', 1,
          'positions', 'completed', 0, 'null', 'null', 0, 0, 0, 1, ${atMs}, ${atMs}, ${atMs}, ${atMs}, ${atMs}
        FROM workflows${suffix} w JOIN (${numbersBelow(ROWS_PER_WORKFLOW)}) d
        WHERE w.id LIKE '${prefix}%'`);
    });
  }
}

/** Returns a query of the numbers `i` from 0 below a power of ten, in the words of both servers. */
function numbersBelow(end: number): string {
  const digits = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS v`).join(
    ' UNION ALL ',
  );
  const places = Math.round(Math.log10(end));
  const tables = Array.from({ length: places }, (_, place) => `(${digits}) p${place}`);
  const sum = Array.from({ length: places }, (_, place) => `p${place}.v * ${10 ** place}`);
  return `SELECT ${sum.join(' + ')} AS i FROM ${tables.join(' CROSS JOIN ')}`;
}
