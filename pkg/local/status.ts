/** What the supervisor says of itself; the answer to `status` and the base of the live screen. */
import type { BoxRole } from '#pkg/fleet-spec';

/**
 * The life of one supervised process.
 *
 *   starting ──▶ listening ──▶ ready ──▶ stopping ──▶ stopped
 *       │            │           │
 *       └────────────┴───────────┴──▶ crashed ──(back-off)──▶ starting
 *   any ──▶ killed (by kill-box; stays down until start-box)
 */
export type ProcessState =
  | 'starting'
  | 'listening'
  | 'ready'
  | 'crashed'
  | 'killed'
  | 'stopping'
  | 'stopped';

export interface ProcessStatus {
  readonly name: string;
  readonly kind: string;
  readonly box: string;
  readonly pid: number | undefined;
  readonly state: ProcessState;
  /** Why it is not ready, as the process itself says. */
  readonly reason: string | undefined;
  readonly healthPort: number | undefined;
  readonly restarts: number;
}

export type BoxState = 'starting' | 'ready' | 'degraded' | 'killed' | 'stopping' | 'stopped';

export interface BoxStatus {
  readonly name: string;
  readonly role: BoxRole;
  readonly state: BoxState;
  readonly reason: string | undefined;
  readonly egressAddress: string | undefined;
  readonly bindAddress: string;
  readonly processes: readonly ProcessStatus[];
}

export interface SiteAddress {
  readonly name: 'admin' | 'public' | 'docs';
  readonly url: string;
}

export interface FleetStatus {
  readonly fleet: string;
  readonly uid: string;
  readonly pid: number;
  readonly mode: 'simulated' | 'testnet' | 'live';
  readonly phase: 'starting' | 'running' | 'draining' | 'stopping';
  readonly startedAtMs: number;
  readonly readyMs: number | undefined;
  readonly seed: number;
  readonly sites: readonly SiteAddress[];
  readonly boxes: readonly BoxStatus[];
}

/** Returns the state of a box from the states of its processes; the least advanced one decides. */
export function concludeBoxState(states: readonly ProcessState[]): BoxState {
  if (states.length === 0) return 'ready';
  if (states.every((state) => state === 'killed')) return 'killed';
  if (states.every((state) => state === 'stopped')) return 'stopped';
  if (states.some((state) => state === 'stopping' || state === 'stopped')) return 'stopping';
  if (states.some((state) => state === 'crashed' || state === 'killed')) return 'degraded';
  return states.every((state) => state === 'ready') ? 'ready' : 'starting';
}
