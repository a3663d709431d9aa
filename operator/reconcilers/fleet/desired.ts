import type { Workload } from '#pkg/fleet-spec';
import { buildFleetObjects, type FleetContext, type FleetCredentials } from '#operator/resources';
import type { KubeObject } from '#operator/runtime';
import { withAppliedHash } from './in-place.ts';

/** What the object asks for, as manifests; when each of them is written is decided elsewhere. */
export interface Desired {
  readonly context: FleetContext;
  /** Written at once and put back at once, in this order. */
  readonly base: readonly KubeObject[];
  /** Written once, where they are missing. */
  readonly secrets: readonly KubeObject[];
  /** Brings the database to the schema of this version; its name says which. */
  readonly migration: KubeObject;
  /** The Deployment or StatefulSet of each workload, by the workload's name. */
  readonly workloads: ReadonlyMap<
    string,
    { readonly workload: Workload; readonly object: KubeObject }
  >;
}

/**
 * Returns the manifests of a fleet. They follow from the object alone, so whoever keeps them with the object's generation
 * need not build them again; `credentials` count only where a Secret is missing.
 */
export function buildDesired(context: FleetContext, credentials: FleetCredentials): Desired {
  const { foundation, secrets, core, migration, workloads } = buildFleetObjects(
    context,
    credentials,
  );
  return {
    context,
    base: foundation.map(withAppliedHash),
    secrets,
    migration: withAppliedHash(migration),
    workloads: new Map(
      [...core, ...workloads].map(({ workload, object }) => [
        workload.name,
        { workload, object: withAppliedHash(object) },
      ]),
    ),
  };
}
