/** The venue's whole state as plain JSON, its digest, and what two of them differ in. */
import { createHash } from 'node:crypto';
import { TABLE_NAMES, type VenueState } from '../venue/state.ts';

export interface DumpedRow {
  readonly rowKey: string;
  readonly [field: string]: unknown;
}

/** Every table with its rows; secrets are left out. */
export type StateDump = Readonly<Record<string, readonly DumpedRow[]>>;

/** One row that two dumps do not agree in. */
export interface StateDifference {
  readonly table: string;
  readonly rowKey: string;
  /** `added` stands in the second dump only. */
  readonly kind: 'missing' | 'added' | 'changed';
  /** Names of the fields that differ in a changed row. */
  readonly fields: readonly string[];
}

export function dumpState(state: VenueState): StateDump {
  return Object.fromEntries(
    TABLE_NAMES.map((table) => [
      table,
      [...state.entries(table)].map(([key, row]) => {
        const { secret: _secret, ...shown } = { secret: '', ...row };
        return { ...shown, rowKey: key };
      }),
    ]),
  );
}

/** Returns a SHA-256 that is the same for the same rows, in whatever order they were written. */
export function digestState(dump: StateDump): string {
  const hash = createHash('sha256');
  for (const table of Object.keys(dump).toSorted()) {
    const rows = (dump[table] ?? []).map((row) => canonical(row));
    hash.update(`${table}\n${rows.toSorted().join('\n')}\n`);
  }
  return hash.digest('hex');
}

/** Returns every row in which `after` is not as `before`. */
export function compareStates(before: StateDump, after: StateDump): readonly StateDifference[] {
  const tables = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return tables.flatMap((table) => {
    const old = new Map((before[table] ?? []).map((row) => [row.rowKey, row]));
    const now = new Map((after[table] ?? []).map((row) => [row.rowKey, row]));
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((rowKey) =>
      compareRows({ table, rowKey }, old.get(rowKey), now.get(rowKey)),
    );
  });
}

function compareRows(
  at: { readonly table: string; readonly rowKey: string },
  before: DumpedRow | undefined,
  after: DumpedRow | undefined,
): readonly StateDifference[] {
  if (before === undefined) return [{ ...at, kind: 'added', fields: [] }];
  if (after === undefined) return [{ ...at, kind: 'missing', fields: [] }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const fields = names.filter((name) => canonical(before[name]) !== canonical(after[name]));
  return fields.length === 0 ? [] : [{ ...at, kind: 'changed', fields }];
}

/** JSON with the fields of every object in the order of their names. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`;
}
