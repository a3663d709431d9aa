import type { WorkerRow } from '#pkg/store';
import { liveWorkers } from './live-workers.ts';
import type { ReadingView } from './view.ts';

export interface LaneRow {
  readonly box: string;
  readonly lane: string;
  readonly slots: number;
  readonly busy: number;
  /** Steps of the lane that may be taken now, fleet-wide (of this box for the lane `own`). */
  readonly ready: number;
  readonly delayed: number;
  readonly state: string;
  readonly generation: number;
}

interface LaneCount {
  readonly lane: string;
  readonly box: string | undefined;
  readonly state: string;
  readonly count: number;
}

/** Returns one row for each lane of each box. */
export function laneRows(
  workers: readonly WorkerRow[],
  counts: readonly LaneCount[],
): readonly LaneRow[] {
  const waiting = (state: string, lane: string, box: string): number =>
    counts
      .filter((count) => count.state === state && count.lane === lane)
      .filter((count) => lane !== 'own' || count.box === box)
      .reduce((sum, { count }) => sum + count, 0);
  return workers
    .flatMap((worker) =>
      worker.lanes.map(({ lane, slots, busy }) => ({
        box: worker.box as string,
        lane,
        slots,
        busy,
        ready: waiting('ready', lane, worker.box),
        delayed: waiting('delayed', lane, worker.box),
        state: worker.state,
        generation: worker.generation,
      })),
    )
    .toSorted((a, b) => a.box.localeCompare(b.box) || a.lane.localeCompare(b.lane));
}

export const LANES_VIEW: ReadingView<LaneRow> = {
  columns: [
    { header: 'BOX', value: ({ box }) => box },
    { header: 'LANE', value: ({ lane }) => lane },
    { header: 'SLOTS', value: ({ slots }) => String(slots), align: 'right' },
    { header: 'BUSY', value: ({ busy }) => String(busy), align: 'right' },
    { header: 'READY', value: ({ ready }) => String(ready), align: 'right' },
    { header: 'DELAYED', value: ({ delayed }) => String(delayed), align: 'right' },
    { header: 'STATE', value: ({ state }) => state },
    {
      header: 'GENERATION',
      value: ({ generation }) => String(generation),
      align: 'right',
      isWide: true,
    },
  ],
  whenEmpty: 'no worker has reported yet',
  key: ({ box, lane }) => `${box}/${lane}`,
  read: async ({ reader }) => {
    const [workers, counts] = await Promise.all([
      reader.store.workers.list(),
      reader.store.steps.countByLane(),
    ]);
    return laneRows(liveWorkers(workers), counts);
  },
};
