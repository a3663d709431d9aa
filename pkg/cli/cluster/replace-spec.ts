import type { FleetObject } from '#operator/api';
import { KubeApiError, type KubeObject } from '#operator/runtime';
import { ClusterError } from './errors.ts';

/** What {@link replaceSpec} needs of the API server. */
export interface SpecWriter {
  read(): Promise<FleetObject>;
  /** Throws {@link KubeApiError} with status 409 when the object was written since its version was read. */
  replace(object: KubeObject): Promise<KubeObject>;
}

/** The operator writes the status of a fleet some times a second at most while it rolls. */
const TRIES_MAX = 20;

/**
 * Returns the fleet after it was given the spec.
 *
 * The operator writes the status and its notes on the same object all the time: those are read again and kept. A spec
 * that somebody changed since the fleet was read is not overwritten: throws {@link ClusterError}.
 */
export async function replaceSpec(
  writer: SpecWriter,
  { fleet, spec }: { readonly fleet: FleetObject; readonly spec: FleetObject['spec'] },
): Promise<KubeObject> {
  let current = fleet;
  for (let tries = 1; ; tries += 1) {
    try {
      return await writer.replace({ ...current, spec });
    } catch (error) {
      const isConflict = error instanceof KubeApiError && error.status === 409;
      if (!isConflict || tries === TRIES_MAX) throw error;
    }
    current = await writer.read();
    if (!isSameSpec(current, fleet)) {
      throw new ClusterError(
        `somebody changed the spec of ${fleet.metadata.name} meanwhile (generation ${fleet.metadata.generation} became ${current.metadata.generation}): look at it and run this again`,
      );
    }
  }
}

function isSameSpec(one: FleetObject, other: FleetObject): boolean {
  return (
    one.metadata.uid === other.metadata.uid && one.metadata.generation === other.metadata.generation
  );
}
