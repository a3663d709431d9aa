import type { FleetObject, FleetStatus } from '#operator/api';
import type { ReadingView } from '../views/view.ts';

/** Where the reading verbs take their rows from in a cluster. */
export interface ClusterSources {
  readonly fleet: FleetObject;
}

export interface ClusterBoxRow {
  readonly name: string;
  readonly role: string;
  readonly node: string | null;
  readonly isReady: boolean;
  readonly reason: string | null;
  readonly version: string | null;
  readonly egressAddress: string | null;
  readonly observedAddress: string | null;
  readonly verifiedAt: string | null;
  readonly slots: number;
  readonly busy: number;
}

type BoxStatus = NonNullable<FleetStatus['boxes']>[number];

export function clusterBoxRows({ status }: FleetObject): readonly ClusterBoxRow[] {
  return (status?.boxes ?? []).map((box) => ({
    name: box.name,
    role: box.role,
    node: box.node ?? null,
    isReady: box.isReady,
    reason: box.reason ?? null,
    version: box.version ?? null,
    egressAddress: box.egress?.expected ?? null,
    observedAddress: box.egress?.observed ?? null,
    verifiedAt: box.egress?.verifiedAt ?? null,
    slots: sumOf(box, 'ready'),
    busy: sumOf(box, 'busy'),
  }));
}

function sumOf({ lanes = [] }: BoxStatus, field: 'ready' | 'busy'): number {
  return lanes.reduce((sum, lane) => sum + lane[field], 0);
}

export const CLUSTER_BOXES_VIEW: ReadingView<ClusterBoxRow, ClusterSources> = {
  columns: [
    { header: 'NAME', value: ({ name }) => name },
    { header: 'ROLE', value: ({ role }) => role },
    { header: 'STATE', value: ({ isReady }) => (isReady ? 'ready' : 'not ready') },
    { header: 'EGRESS', value: ({ egressAddress }) => egressAddress ?? '' },
    { header: 'OBSERVED', value: ({ observedAddress }) => observedAddress ?? '' },
    { header: 'BUSY', value: ({ busy, slots }) => `${busy}/${slots}`, align: 'right' },
    { header: 'REASON', value: ({ reason }) => reason ?? '' },
    { header: 'NODE', isWide: true, value: ({ node }) => node ?? '' },
    { header: 'VERSION', isWide: true, value: ({ version }) => version ?? '' },
    { header: 'VERIFIED', isWide: true, value: ({ verifiedAt }) => verifiedAt ?? '' },
  ],
  whenEmpty: 'no box is reported yet: kraite status says what the operator waits for',
  key: ({ name }) => name,
  read: async ({ fleet }) => clusterBoxRows(fleet),
};

export interface ClusterLaneRow {
  readonly box: string;
  readonly lane: string;
  /** Wanted. */
  readonly slots: number;
  /** Those that the worker has taken over. */
  readonly ready: number;
  readonly busy: number;
}

export const CLUSTER_LANES_VIEW: ReadingView<ClusterLaneRow, ClusterSources> = {
  columns: [
    { header: 'BOX', value: ({ box }) => box },
    { header: 'LANE', value: ({ lane }) => lane },
    { header: 'SLOTS', value: ({ slots }) => String(slots), align: 'right' },
    { header: 'READY', value: ({ ready }) => String(ready), align: 'right' },
    { header: 'BUSY', value: ({ busy }) => String(busy), align: 'right' },
  ],
  whenEmpty: 'no lane is reported yet: kraite status says what the operator waits for',
  key: ({ box, lane }) => `${box}/${lane}`,
  read: async ({ fleet }) =>
    (fleet.status?.boxes ?? []).flatMap(({ name: box, lanes = [] }) =>
      lanes.map(({ name: lane, desired: slots, ready, busy }) => ({
        box,
        lane,
        slots,
        ready,
        busy,
      })),
    ),
};
