import type { WorkerRow } from '#pkg/store';

/** A process beats every second or so; one that was silent this long is gone, whatever its row says. */
const SILENT_MS_MAX = 10_000;

/** Returns the rows of processes that live: of each process the newest, and none that fell silent. */
export function liveWorkers(rows: readonly WorkerRow[]): readonly WorkerRow[] {
  const newest = new Map<string, WorkerRow>();
  for (const row of rows) {
    const other = newest.get(row.process);
    if (other === undefined || row.startedAtMs > other.startedAtMs) newest.set(row.process, row);
  }
  return [...newest.values()].filter(({ beatAgeMs }) => beatAgeMs <= SILENT_MS_MAX);
}
