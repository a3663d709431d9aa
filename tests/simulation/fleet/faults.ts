import type { PortFaults } from '../engine/faulty-port.ts';
import type { QueueFaults } from '../engine/simulated-queues.ts';

/** What may befall one request to the venue. */
export type Fate =
  | 'request-lost'
  | 'reply-lost'
  | 'held-back'
  | 'unknown-executed'
  | 'unknown-not-executed'
  | 'busy'
  | 'not-connected'
  | 'delivered-twice'
  | 'throttled'
  | 'banned'
  | 'rejected'
  | 'out-of-time';

/** What goes wrong just now; shares of requests, frames and calls. All of it is nothing in a calm. */
export interface FleetFaults {
  requests: Partial<Record<Fate, number>>;
  frames: { doubled: number; delayed: number; lost: number };
  port: PortFaults;
  queue: QueueFaults;
  deadlockShare: number;
  freezeShare: number;
  /** Share of awaits at which a process ends. */
  deathShare: number;
  /** Share of answers that take a moment. */
  lateShare: number;
  /** What the wall clock of a box is off by, ms. */
  readonly skewMs: Map<string, number>;
  isStoreAway: boolean;
  isQueueAway: boolean;
  /** Boxes without power. */
  readonly boxesAway: Set<string>;
  /** Processes that are kept from starting, by name. */
  readonly processesAway: Set<string>;
}

const CALM = {
  requests: {},
  frames: { doubled: 0, delayed: 0, lost: 0 },
  port: { refused: 0, lost: 0 },
  queue: { doubled: 0, delayed: 0, refused: 0, signalLost: 0 },
  deadlockShare: 0,
  freezeShare: 0,
  deathShare: 0,
  lateShare: 0.1,
  isStoreAway: false,
  isQueueAway: false,
};

export function createFaults(): FleetFaults {
  return {
    ...CALM,
    requests: {},
    boxesAway: new Set(),
    processesAway: new Set(),
    skewMs: new Map(),
  };
}

/** Ends everything that goes wrong. */
export function calmDown(faults: FleetFaults): void {
  Object.assign(faults, { ...CALM, requests: {} });
  faults.boxesAway.clear();
  faults.processesAway.clear();
  faults.skewMs.clear();
}
