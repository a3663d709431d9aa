/**
 * Rows as this process read or wrote them last.
 *
 * Only a guess of what stands: whoever writes by one names what it holds, and the database refuses when somebody else
 * was faster.
 */
export interface KnownRows<Row extends { readonly id: string }> {
  /** Returns the row and forgets it, so that a write whose reply is lost is not repeated on a guess. */
  take(id: Row['id']): Row | undefined;
  /** Remembers the row, unless a newer state of it is known; one that has ended is forgotten. */
  keep(row: Row): void;
}

const ROWS_MAX = 1_000;

/** Returns an empty memory; the oldest row is forgotten when it is full. */
export function createKnownRows<Row extends { readonly id: string; readonly updatedAtMs: number }>(
  hasEnded: (row: Row) => boolean,
): KnownRows<Row> {
  const rows = new Map<Row['id'], Row>();
  return {
    take: (id) => {
      const known = rows.get(id);
      rows.delete(id);
      return known;
    },
    keep: (row) => {
      if ((rows.get(row.id)?.updatedAtMs ?? 0) > row.updatedAtMs) return;
      rows.delete(row.id);
      if (hasEnded(row)) return;
      rows.set(row.id, row);
      const [oldest] = rows.keys();
      if (rows.size > ROWS_MAX && oldest !== undefined) rows.delete(oldest);
    },
  };
}
