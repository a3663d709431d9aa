import type { CancelTimer, Clock } from '#pkg/base';
import { listenTo } from '#pkg/queues';
import { holdLease, whileHeld, type HeldLease } from '#pkg/schedule/leases';
import type { Store } from '#pkg/store';
import { startAdmission, type AdmissionGate } from './admission.ts';
import { startArchivist } from './archivist.ts';
import { startCaretaker, type CaretakerMetrics } from './caretaker.ts';
import type { TreeChangerDependencies } from './change-tree.ts';

export interface DispatcherDependencies extends Omit<TreeChangerDependencies, 'steps' | 'lease'> {
  readonly store: Pick<Store, 'steps' | 'leases' | 'events'>;
  readonly clock: Clock;
  /** Unique for this process. */
  readonly holder: string;
  readonly gate: AdmissionGate;
  readonly metrics?: CaretakerMetrics;
}

/** A worker that stands by takes care, and neither admits nor archives. */
export type StandbyDependencies = Omit<DispatcherDependencies, 'gate' | 'store'> & {
  readonly store: Pick<Store, 'steps' | 'leases'>;
};

export const DISPATCHER_LEASE = 'dispatcher';
export const CARETAKER_LEASE = 'caretaker';
const LEASE_TTL_MS = 3_000;
/** Workers look so often whether a dispatcher lives. */
const STANDBY_CHECK_MS = 4_000;
/** A leader tells so often that it leads, so that workers need not ask the database. */
const TELL_MS = 1_000;
/** Who heard of a leader asks nobody for so long: no longer than the lease of one that died a moment later. */
const HEARD_MS = LEASE_TTL_MS;
/** A leader looks so often for the caretaker's lease until it has it; no statement while it does not lead. */
const LEADER_CHECK_MS = 250;

export interface Dispatcher extends AsyncDisposable {
  /** True in the one process that admits. */
  isLeader(): boolean;
}

/** Starts a dispatcher: while it holds the lease, it admits and archives; and it takes care of what is admitted. */
export function createDispatcher(dependencies: DispatcherDependencies): Dispatcher {
  const { store, signals, clock, logger, holder } = dependencies;
  const admission = whileHeld((held) => {
    const under = { ...dependencies, steps: store.steps, lease: held };
    const archivist = startArchivist({ ...under, events: store.events });
    const admitting = startAdmission(under);
    return {
      [Symbol.asyncDispose]: async () => {
        await Promise.all([archivist[Symbol.asyncDispose](), admitting[Symbol.asyncDispose]()]);
      },
    };
  });
  const lease = holdLease(
    { leases: store.leases, signals, clock, logger },
    {
      name: DISPATCHER_LEASE,
      holder,
      ttlMs: LEASE_TTL_MS,
      ...admission,
    },
  );
  const caretaker = holdCaretakerLease(dependencies, {
    tryEveryMs: LEADER_CHECK_MS,
    isWanted: () => Promise.resolve(lease.isHeld()),
  });
  let cancelTelling: CancelTimer = () => undefined;
  const tell = (): void => {
    cancelTelling = clock.schedule(TELL_MS, tell);
    if (!lease.isHeld()) return;
    signals.publish('dispatcher', '').catch(() => logger.debug({}, 'leading not told'));
  };
  tell();
  return {
    isLeader: () => lease.isHeld(),
    [Symbol.asyncDispose]: async () => {
      cancelTelling();
      await caretaker[Symbol.asyncDispose]();
      await lease[Symbol.asyncDispose]();
      await admission.settle();
    },
  };
}

/** Starts the caretaker of a worker: it acts only while no dispatcher lives. */
export function createStandbyCaretaker(dependencies: StandbyDependencies): AsyncDisposable {
  const { store, clock } = dependencies;
  let heardAtMs = Number.NEGATIVE_INFINITY;
  const deafen = listenTo(dependencies, 'dispatcher', () => {
    heardAtMs = clock.monotonicMs();
  });
  const caretaker = holdCaretakerLease(dependencies, {
    tryEveryMs: STANDBY_CHECK_MS,
    isWanted: async () => {
      if (clock.monotonicMs() - heardAtMs <= HEARD_MS) return false;
      const lease = await store.leases.find(DISPATCHER_LEASE);
      return lease === undefined || lease.remainingMs <= 0;
    },
  });
  return {
    [Symbol.asyncDispose]: async () => {
      deafen();
      await caretaker[Symbol.asyncDispose]();
    },
  };
}

function holdCaretakerLease(
  dependencies: StandbyDependencies,
  standing: { readonly tryEveryMs: number; readonly isWanted: () => Promise<boolean> },
): AsyncDisposable {
  const { store, signals, clock, logger, holder, metrics } = dependencies;
  const caretaker = whileHeld((held) =>
    startCaretaker({ ...dependencies, steps: store.steps, lease: held }, metrics),
  );
  const lease: HeldLease = holdLease(
    { leases: store.leases, signals, clock, logger },
    {
      name: CARETAKER_LEASE,
      holder,
      ttlMs: LEASE_TTL_MS,
      ...standing,
      ...caretaker,
    },
  );
  return {
    [Symbol.asyncDispose]: async () => {
      await lease[Symbol.asyncDispose]();
      await caretaker.settle();
    },
  };
}
