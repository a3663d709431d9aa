import {
  STATUS_FIELD_MANAGER,
  type FleetObject,
  type FleetStatus,
  type WorkerPoolStatus,
} from '#operator/api';
import type { KubeClient, KubeObject } from '#operator/runtime';
import { isDeepStrictEqual } from 'node:util';

/** A figure that only counts work is written no more often than this. */
const FIGURES_MS = 60_000;
/** Until the caches show a status of ours, the one that was written last counts. */
const UNSEEN_MS = 5_000;

interface Written<T> {
  readonly status: T;
  readonly atMs: number;
}

export interface StatusWriter {
  /** Returns `fleet` with the status that was written last, where the cache does not show it yet. */
  recall(fleet: FleetObject, nowMs: number): FleetObject;
  write(
    fleet: FleetObject,
    status: FleetStatus,
    context: { readonly nowMs: number; readonly signal: AbortSignal },
  ): Promise<boolean>;
  writePool(
    pool: KubeObject,
    status: WorkerPoolStatus,
    context: { readonly nowMs: number; readonly signal: AbortSignal },
  ): Promise<boolean>;
  forget(uid: string): void;
}

/** Writes a status when it says something new, and otherwise nothing. */
export function createStatusWriter(client: Pick<KubeClient, 'apply'>): StatusWriter {
  const written = new Map<string, Written<unknown>>();
  const write = async (
    object: KubeObject,
    status: unknown,
    { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
  ): Promise<boolean> => {
    const uid = object.metadata.uid ?? '';
    const last = written.get(uid);
    const isRecent = last !== undefined && nowMs - last.atMs < UNSEEN_MS;
    const standing = plain(isRecent ? last.status : object['status']);
    const wanted = plain(status);
    if (isDeepStrictEqual(standing, wanted)) return false;
    const areFiguresDue = last === undefined || nowMs - last.atMs >= FIGURES_MS;
    if (!areFiguresDue && isDeepStrictEqual(withoutFigures(standing), withoutFigures(wanted))) {
      return false;
    }
    const { apiVersion, kind, metadata } = object;
    const { name, namespace } = metadata;
    await client.apply(
      {
        apiVersion,
        kind,
        metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
        status,
      },
      { fieldManager: STATUS_FIELD_MANAGER, isForced: true, subresource: 'status', signal },
    );
    written.set(uid, { status, atMs: nowMs });
    return true;
  };
  return {
    recall: (fleet, nowMs) => {
      const last = written.get(fleet.metadata.uid ?? '');
      if (last === undefined || nowMs - last.atMs >= UNSEEN_MS) return fleet;
      return { ...fleet, status: last.status as FleetStatus };
    },
    write,
    writePool: write,
    forget: (uid) => {
      written.delete(uid);
    },
  };
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

const FIGURES: readonly string[] = ['busy', 'verifiedAt'];

function withoutFigures(value: unknown): unknown {
  return value === undefined
    ? undefined
    : (JSON.parse(
        JSON.stringify(value, (name, part: unknown) => (FIGURES.includes(name) ? undefined : part)),
      ) as unknown);
}
