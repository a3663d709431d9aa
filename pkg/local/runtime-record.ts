import { findJson, replaceJson } from './json-file.ts';
import { findLockHolder } from './state-lock.ts';
import type { StatePaths } from './state-paths.ts';
import type { SiteAddress } from './status.ts';

/** How to reach the fleet that runs on a state folder; written by the supervisor, read by the other verbs. */
export interface RuntimeRecord {
  readonly pid: number;
  readonly fleet: string;
  readonly startedAtMs: number;
  readonly mode: 'simulated' | 'testnet' | 'live';
  readonly mysqlUrl: string;
  readonly redisUrl: string;
  readonly controlUrl: string;
  readonly controlToken: string;
  readonly venueAdminUrl: string | undefined;
  readonly sites: readonly SiteAddress[];
}

export function writeRuntimeRecord(paths: StatePaths, record: RuntimeRecord): void {
  replaceJson(paths.runtime, record);
}

/** Returns the record of the fleet that runs on this folder now, or undefined when none runs. */
export function findRuntimeRecord(paths: StatePaths): RuntimeRecord | undefined {
  const holder = findLockHolder(paths.lock);
  const record = findJson(paths.runtime) as RuntimeRecord | undefined;
  return holder !== undefined && record?.pid === holder.pid ? record : undefined;
}
