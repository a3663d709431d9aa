import { readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';

import type { Clock } from '#pkg/base';
import { parseWorkloadFile, type WorkloadFile } from '#pkg/config';
import { LANES } from '#pkg/domain';
import type { WorkerOrders } from '#pkg/steps';

/** Where a folder cannot be watched (or an event is missed), the file is read again so often. */
const REREAD_MS = 2_000;

/** Returns the file's orders now. Throws when there is no whole one: the applier writes it before it starts us. */
export function readOrders(path: string): WorkerOrders {
  const file = findFile(path);
  if (file === undefined) {
    throw new Error(
      `KRAITE_WORKLOAD_FILE: ${path} holds no workload; the applier must write it first`,
    );
  }
  return toOrders(file);
}

/** Calls `apply` with each new generation of the file. Dispose to end. */
export function watchOrders(
  clock: Clock,
  path: string,
  apply: (orders: WorkerOrders) => void,
): Disposable {
  let generation = findFile(path)?.generation ?? 0;
  const look = (): void => {
    const file = findFile(path);
    if (file === undefined || file.generation === generation) return;
    generation = file.generation;
    apply(toOrders(file));
  };
  // The folder, not the file: a rename (and a ConfigMap's symlink swap) replaces the file itself.
  const watcher = watch(dirname(path), { persistent: false }, look);
  watcher.on('error', () => watcher.close());
  let cancel = (): void => undefined;
  const reread = (): void => {
    look();
    cancel = clock.schedule(REREAD_MS, reread);
  };
  cancel = clock.schedule(REREAD_MS, reread);
  return {
    [Symbol.dispose]: () => {
      watcher.close();
      cancel();
    },
  };
}

function findFile(path: string): WorkloadFile | undefined {
  try {
    return parseWorkloadFile(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function toOrders(file: WorkloadFile): WorkerOrders {
  return {
    generation: file.generation,
    isDraining: file.isDraining,
    lanes: LANES.flatMap((lane) => {
      const slots = file.lanes[lane];
      return slots === undefined ? [] : [{ lane, slots }];
    }),
  };
}
