import type { BoxStatus } from '#pkg/local';
import type { WorkerRow } from '#pkg/store';
import { liveWorkers } from './live-workers.ts';
import type { ReadingView } from './view.ts';

export interface BoxRow {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly reason: string | null;
  readonly egressAddress: string | null;
  readonly bindAddress: string;
  readonly slots: number;
  readonly busy: number;
  readonly processes: readonly {
    readonly name: string;
    readonly pid: number | null;
    readonly state: string;
    readonly restarts: number;
  }[];
}

/** Returns one row for each box: what the supervisor knows, with the slots from the heartbeats. */
export function boxRows(
  boxes: readonly BoxStatus[],
  workers: readonly WorkerRow[],
): readonly BoxRow[] {
  return boxes.map((box) => {
    const beats = workers.filter((worker) => worker.box === box.name && box.state !== 'killed');
    const lanes = beats.flatMap((worker) => worker.lanes);
    const troubled = beats.find(({ reason }) => reason !== undefined);
    return {
      name: box.name,
      role: box.role,
      state: box.state,
      reason: box.reason ?? troubled?.reason ?? null,
      egressAddress: box.egressAddress ?? null,
      bindAddress: box.bindAddress,
      slots: lanes.reduce((sum, { slots }) => sum + slots, 0),
      busy: lanes.reduce((sum, { busy }) => sum + busy, 0),
      processes: box.processes.map(({ name, pid, state, restarts }) => ({
        name,
        pid: pid ?? null,
        state,
        restarts,
      })),
    };
  });
}

export const BOXES_VIEW: ReadingView<BoxRow> = {
  columns: [
    { header: 'NAME', value: ({ name }) => name },
    { header: 'ROLE', value: ({ role }) => role },
    { header: 'STATE', value: ({ state }) => state },
    { header: 'EGRESS', value: ({ egressAddress }) => egressAddress ?? '' },
    { header: 'BINDS', value: ({ bindAddress }) => bindAddress },
    { header: 'BUSY', value: ({ busy, slots }) => `${busy}/${slots}`, align: 'right' },
    { header: 'REASON', value: ({ reason }) => reason ?? '' },
    {
      header: 'PROCESSES',
      isWide: true,
      value: ({ processes }) =>
        processes
          .map(({ name, pid, restarts }) => {
            const again = restarts === 0 ? '' : `, restarted ${restarts}×`;
            return `${name}(${pid ?? 'down'}${again})`;
          })
          .join(' '),
    },
  ],
  whenEmpty: 'no boxes',
  key: ({ name }) => name,
  read: async ({ reader, status }) =>
    boxRows(status.boxes, liveWorkers(await reader.store.workers.list())),
};
