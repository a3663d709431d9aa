import { readFileSync } from 'node:fs';

import type { Clock } from '#pkg/base';
import { parseWorkloadFile, watchMountedFile, type WorkloadFile } from '#pkg/config';
import { LANES } from '#pkg/domain';
import type { WorkerOrders } from '#pkg/steps';

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
  return watchMountedFile(clock, path, look);
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
