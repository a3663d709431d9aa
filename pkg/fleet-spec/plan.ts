/** What a KraiteFleet turns into: the same value for the local runtime, the operator and `simulate`. */
import type { BoxName, Lane } from '#pkg/domain';

export type BoxRole = 'core' | 'brain' | 'trading' | 'indicators';

export type WorkloadKind =
  | 'mysql'
  | 'redis'
  | 'dispatcher'
  | 'scheduler'
  | 'market-stream'
  | 'user-stream'
  | 'web'
  | 'worker';

/** One thing that runs on one box. A worker serves exactly one lane; local runs a box's lanes in one process. */
export interface Workload {
  /** Unique in the plan and stable: `eos-orders`, `athena-dispatcher`, `hyperion-mysql`. */
  readonly name: string;
  readonly kind: WorkloadKind;
  readonly box: BoxName;
  /** Workers only. */
  readonly lane: Lane | undefined;
  readonly slots: number | undefined;
  /** Identity and budget key of what calls the venue or the provider; undefined for everything else. */
  readonly egressAddress: string | undefined;
  /** Local runtime: the address of its box that such calls leave from; in a pod binding would fail. */
  readonly bindAddress: string | undefined;
  /** What the object says to the process (names of pkg/config); the applier adds URLs, files and ports. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface PlannedBox {
  readonly name: BoxName;
  readonly role: BoxRole;
  readonly privateIP: string | undefined;
  readonly egressAddress: string | undefined;
  /** Local runtime: the n-th box of the object leaves from 127.0.n.1. */
  readonly bindAddress: string;
  readonly isLost: boolean;
}

export interface FleetPlan {
  readonly fleet: string;
  readonly boxes: readonly PlannedBox[];
  readonly workloads: readonly Workload[];
  /** For each lane: slots with all boxes, and with the lost ones away. */
  readonly capacity: Readonly<Record<Lane, { readonly slots: number; readonly slotsLeft: number }>>;
}
