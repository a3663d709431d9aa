import type { Clock } from '#pkg/base';
import type { LeaseFence, LeaseStore } from '../lease-store.ts';

interface LeaseRow {
  readonly holder: string;
  readonly epoch: number;
  readonly expiresAtMs: number;
}

/** Tells whether a lease is held now; without one, whoever writes needs none. */
export type LeaseCheck = (lease: LeaseFence | undefined) => boolean;

/** Returns leases by `clock`, which stands for the database's. */
export function createMemoryLeaseStore(clock: Clock): LeaseStore & { readonly isOpen: LeaseCheck } {
  const rows = new Map<string, LeaseRow>();
  const find: LeaseStore['find'] = async (name) => {
    const row = rows.get(name);
    if (row === undefined) return undefined;
    const remainingMs = row.expiresAtMs - clock.nowMs();
    return { name, holder: row.holder, epoch: row.epoch, remainingMs };
  };
  return {
    isOpen: (lease) => {
      if (lease === undefined) return true;
      const row = rows.get(lease.name);
      const isValid = row !== undefined && row.expiresAtMs > clock.nowMs();
      return isValid && row.holder === lease.holder && row.epoch === lease.epoch;
    },
    find,
    acquire: async (name, holder, ttlMs) => {
      const nowMs = clock.nowMs();
      const held = rows.get(name);
      const isValid = held !== undefined && held.expiresAtMs > nowMs;
      if (isValid && held.holder !== holder) return undefined;
      const epoch = isValid ? held.epoch : (held?.epoch ?? 0) + 1;
      rows.set(name, { holder, epoch, expiresAtMs: nowMs + ttlMs });
      return find(name);
    },
    release: async (name, holder) => {
      const held = rows.get(name);
      const nowMs = clock.nowMs();
      if (held?.holder !== holder || held.expiresAtMs <= nowMs) return;
      rows.set(name, { ...held, expiresAtMs: nowMs });
    },
  };
}
