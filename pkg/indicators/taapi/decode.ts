import type { IndicatorQuery, IndicatorReading } from '../indicators.ts';

/** One entry of a bulk answer's `data`, as far as it is what it should be. */
interface Entry {
  readonly id: string;
  readonly result: unknown;
  readonly errors: readonly unknown[];
}

/** Returns one reading for each query, or what is wrong with the whole answer. */
export function decodeBulk(
  text: string,
  queries: readonly IndicatorQuery[],
): readonly IndicatorReading[] {
  const entries = parseEntries(text);
  if (typeof entries === 'string') return unavailableAll(queries, entries);
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  return queries.map((query, index) => decodeEntry(query, byId.get(String(index))));
}

/** Returns every query as unavailable, for one reason. */
export function unavailableAll(
  queries: readonly IndicatorQuery[],
  message: string,
): readonly IndicatorReading[] {
  return queries.map((query) => ({ kind: 'unavailable', query, message }));
}

function parseEntries(text: string): readonly Entry[] | string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'the provider answered with something that is not JSON';
  }
  const data = isRecord(body) ? body['data'] : undefined;
  if (!Array.isArray(data)) return 'the answer carries no list "data"';
  return data.flatMap((entry: unknown) => {
    if (!isRecord(entry) || typeof entry['id'] !== 'string') return [];
    const errors: readonly unknown[] = Array.isArray(entry['errors']) ? entry['errors'] : [];
    return [{ id: entry['id'], result: entry['result'], errors }];
  });
}

function decodeEntry(query: IndicatorQuery, entry: Entry | undefined): IndicatorReading {
  if (entry === undefined) return unavailable(query, 'the answer leaves this calculation out');
  if (entry.errors.length > 0) return unavailable(query, entry.errors.map(String).join('; '));
  const columns = readColumns(entry.result);
  if (columns === undefined) return unavailable(query, 'the result is not an object of numbers');
  const { timestamp = [], ...values } = columns;
  if (Object.keys(values).length === 0) return unavailable(query, 'the result carries no value');
  const order = newestFirst(
    timestamp,
    Math.max(...Object.values(columns).map((each) => each.length)),
  );
  const sorted = Object.fromEntries(
    Object.entries(values).map(([name, column]) => [name, pick(column, order)]),
  );
  const [newest] = pick(timestamp, order);
  const candleOpenAtMs = newest === undefined ? undefined : newest * 1_000;
  return { kind: 'read', query, values: sorted, candleOpenAtMs };
}

/**
 * Reads a result as columns of numbers: one object of numbers, one of arrays, or an array of objects. Text
 * (readable times, advice) is left out.
 */
function readColumns(result: unknown): Readonly<Record<string, readonly number[]>> | undefined {
  const columns: Record<string, number[]> = {};
  const rows: readonly unknown[] = Array.isArray(result) ? result : [result];
  for (const row of rows) {
    if (!isRecord(row)) return undefined;
    for (const [name, value] of Object.entries(row)) {
      const cells: readonly unknown[] = Array.isArray(value) ? value : [value];
      const numbers = cells.filter((cell) => typeof cell === 'number' && Number.isFinite(cell));
      if (numbers.length === cells.length && cells.length > 0) {
        (columns[name] ??= []).push(...(numbers as number[]));
      }
    }
  }
  return columns;
}

/** Positions by time, newest first; without times the provider's order is oldest first. */
function newestFirst(timestamps: readonly number[], length: number): readonly number[] {
  const positions = Array.from({ length }, (_, index) => index);
  if (timestamps.length !== length) return positions.toReversed();
  return positions.toSorted((a, b) => (timestamps[b] ?? 0) - (timestamps[a] ?? 0));
}

function pick(column: readonly number[], order: readonly number[]): readonly number[] {
  return order.flatMap((position) => column[position] ?? []);
}

function unavailable(query: IndicatorQuery, message: string): IndicatorReading {
  return { kind: 'unavailable', query, message };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
