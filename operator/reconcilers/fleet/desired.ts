import type { Workload } from '#pkg/fleet-spec';
import type { FleetContext } from '#operator/resources';
import {
  buildFleetConfig,
  buildPriorityClasses,
  buildProcess,
  buildServiceAccount,
} from '#operator/resources';
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
  readonly migration: KubeObject | undefined;
  /** The Deployment or StatefulSet of each workload, by the workload's name. */
  readonly workloads: ReadonlyMap<
    string,
    { readonly workload: Workload; readonly object: KubeObject }
  >;
}

/** Follows from the object alone, so whoever keeps it with the object's generation need not build it again. */
export function buildDesired(context: FleetContext): Desired {
  const { workloads } = context.plan;
  return {
    context,
    base: [
      ...buildPriorityClasses(),
      buildServiceAccount(context.fleet),
      buildFleetConfig(context),
    ].map(withAppliedHash),
    secrets: [],
    migration: undefined,
    workloads: new Map(
      workloads
        .filter(({ kind }) => kind !== 'mysql' && kind !== 'redis')
        .map((workload) => [
          workload.name,
          { workload, object: withAppliedHash(buildProcess(context, workload)) },
        ]),
    ),
  };
}
