import type { Clock } from '#pkg/base';
import { holdLease, type HeldLease } from '#pkg/schedule/leases';
import type { Store } from '#pkg/store';
import { startAdmission, type AdmissionGate } from './admission.ts';
import { startCaretaker, type CaretakerMetrics } from './caretaker.ts';
import type { TreeChangerDependencies } from './change-tree.ts';

export interface DispatcherDependencies extends Omit<TreeChangerDependencies, 'steps'> {
  readonly store: Pick<Store, 'steps' | 'leases'>;
  readonly clock: Clock;
  /** Unique for this process. */
  readonly holder: string;
  readonly gate: AdmissionGate;
  readonly metrics?: CaretakerMetrics;
}

export const DISPATCHER_LEASE = 'dispatcher';
export const CARETAKER_LEASE = 'caretaker';
const LEASE_TTL_MS = 3_000;
/** Workers look so often whether a dispatcher lives. */
const STANDBY_CHECK_MS = 4_000;
/** A leader looks so often for the caretaker's lease until it has it; no statement while it does not lead. */
const LEADER_CHECK_MS = 250;

export interface Dispatcher extends AsyncDisposable {
  /** True in the one process that admits. */
  isLeader(): boolean;
}

/** Starts a dispatcher: while it holds the lease, it admits; and it takes care of what is admitted. */
export function createDispatcher(dependencies: DispatcherDependencies): Dispatcher {
  const { store, clock, logger, holder } = dependencies;
  const steps = { ...dependencies, steps: store.steps };
  const admission = createOneAtATime(() => startAdmission(steps));
  const lease = holdLease(
    { leases: store.leases, clock, logger },
    {
      name: DISPATCHER_LEASE,
      holder,
      ttlMs: LEASE_TTL_MS,
      onAcquired: admission.start,
      onLost: admission.stop,
    },
  );
  const caretaker = holdCaretakerLease(dependencies, {
    tryEveryMs: LEADER_CHECK_MS,
    isWanted: () => Promise.resolve(lease.isHeld()),
  });
  return {
    isLeader: () => lease.isHeld(),
    [Symbol.asyncDispose]: async () => {
      await caretaker[Symbol.asyncDispose]();
      await lease[Symbol.asyncDispose]();
      await admission.ended();
    },
  };
}

/** Starts the caretaker of a worker: it acts only while no dispatcher lives. */
export function createStandbyCaretaker(
  dependencies: Omit<DispatcherDependencies, 'gate'>,
): AsyncDisposable {
  const { store } = dependencies;
  return holdCaretakerLease(dependencies, {
    tryEveryMs: STANDBY_CHECK_MS,
    isWanted: async () => {
      const lease = await store.leases.find(DISPATCHER_LEASE);
      return lease === undefined || lease.remainingMs <= 0;
    },
  });
}

function holdCaretakerLease(
  dependencies: Omit<DispatcherDependencies, 'gate'>,
  standing: { readonly tryEveryMs: number; readonly isWanted: () => Promise<boolean> },
): AsyncDisposable {
  const { store, clock, logger, holder, metrics } = dependencies;
  const caretaker = createOneAtATime(() =>
    startCaretaker({ ...dependencies, steps: store.steps }, metrics),
  );
  const lease: HeldLease = holdLease(
    { leases: store.leases, clock, logger },
    {
      name: CARETAKER_LEASE,
      holder,
      ttlMs: LEASE_TTL_MS,
      ...standing,
      onAcquired: caretaker.start,
      onLost: caretaker.stop,
    },
  );
  return {
    [Symbol.asyncDispose]: async () => {
      await lease[Symbol.asyncDispose]();
      await caretaker.ended();
    },
  };
}

/** Starts and stops something in order, so that a quick loss and return never has two of it. */
function createOneAtATime(start: () => AsyncDisposable): {
  readonly start: () => void;
  readonly stop: () => void;
  readonly ended: () => Promise<void>;
} {
  let running: AsyncDisposable | undefined;
  let tail: Promise<void> = Promise.resolve();
  const then = (act: () => Promise<void> | void): void => {
    tail = tail.then(act);
  };
  return {
    start: () => {
      then(() => {
        running ??= start();
      });
    },
    stop: () => {
      then(async () => {
        const ending = running;
        running = undefined;
        await ending?.[Symbol.asyncDispose]();
      });
    },
    ended: () => tail,
  };
}
