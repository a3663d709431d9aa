/** Who holds which named role, by the database's clock; and what a holder's writes carry. */

export interface LeaseStore {
  /** Takes or renews the lease; undefined when somebody else holds it. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  release(name: string, holder: string): Promise<void>;
  find(name: string): Promise<Lease | undefined>;
}

export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly epoch: number;
  /** By the database's clock; zero or less means expired. */
  readonly remainingMs: number;
}

/**
 * The lease under which something is written: it changes nothing unless this holder has the lease in this epoch, by the
 * database's clock, at the moment of the commit.
 */
export interface LeaseFence {
  readonly name: string;
  readonly holder: string;
  readonly epoch: number;
}
