import type { Workload } from '#pkg/fleet-spec';
import type { KubeObject } from '#operator/runtime';
import { buildServer, buildServerService, buildServerSettings } from './core-servers.ts';
import type { FleetContext } from './fleet-context.ts';
import { buildMigration } from './migration.ts';
import { buildNetworkPolicies } from './network-policies.ts';
import { buildPriorityClasses } from './priority-classes.ts';
import { buildFleetConfig, buildProcess, buildServiceAccount } from './processes.ts';
import { buildSecrets, type FleetCredentials } from './secrets.ts';

import { buildVolumes } from './storage.ts';
import { buildWebService } from './web-address.ts';

/** The Deployment or StatefulSet of a workload of the plan. */
export interface WorkloadObject {
  readonly workload: Workload;
  readonly object: KubeObject;
}

/** Everything that follows from the object alone, phase by phase, each phase in the order in which it is applied. */
export interface FleetObjects {
  /** What pods refer to and are bound by; may be put back at any time. */
  readonly foundation: readonly KubeObject[];
  /** Created where missing, never written again. */
  readonly secrets: readonly KubeObject[];
  /** The servers that the fleet runs itself. */
  readonly core: readonly WorkloadObject[];
  /** Runs to its end before the processes of its version start. */
  readonly migration: KubeObject;
  /** Brain and workers. */
  readonly workloads: readonly WorkloadObject[];
}

/**
 * Returns the manifests of a whole fleet.
 *
 * Not among them is what also depends on the time: the orders and the pool of a worker, budgets, and what stands on
 * nodes.
 */
export function buildFleetObjects(
  context: FleetContext,
  credentials: FleetCredentials,
): FleetObjects {
  const { fleet, plan } = context;
  const servers = (['mysql', 'redis'] as const).filter(
    (server) => fleet.spec.core[server].existing === null,
  );
  const isServer = ({ kind }: Workload) => kind === 'mysql' || kind === 'redis';
  return {
    foundation: [
      ...buildPriorityClasses(),
      buildServiceAccount(fleet),
      // Before any pod that they bind.
      ...buildNetworkPolicies(context),
      ...servers.map((server) => buildServerSettings(context, server)),
      buildFleetConfig(context),
      ...buildVolumes(context),
      ...servers.map((server) => buildServerService(context, server)),
      buildWebService(context),
    ],
    secrets: buildSecrets(fleet, credentials),
    core: plan.workloads
      .filter(isServer)
      .map((workload) => ({ workload, object: buildServer(context, workload) })),
    migration: buildMigration(context),
    workloads: plan.workloads
      .filter((workload) => !isServer(workload))
      .map((workload) => ({ workload, object: buildProcess(context, workload) })),
  };
}
