/**
 * leases: one holder at a time for a named role (dispatcher, caretaker, scheduler, streams).
 *
 * Time is the database's, inside the statement; a holder gives the lease up by its own monotonic clock before
 * the database can give it to somebody else. An orderly end hands it over: the next holder tries at once. Not a lock for a single write: what a holder writes is guarded by
 * its rows, or carries the epoch.
 */
export { holdLease, type HeldLease, type LeaseOptions } from './hold-lease.ts';
export { whileHeld } from './while-held.ts';
