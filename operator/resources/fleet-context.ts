import {
  planFleet,
  type BoxRole,
  type FleetPlan,
  type PlannedBox,
  type Workload,
} from '#pkg/fleet-spec';
import type { FleetObject } from '#operator/api';

/** What manifests are made from. Everything follows from these, so equal contexts make equal manifests. */
export interface FleetContext {
  readonly fleet: FleetObject;
  readonly plan: FleetPlan;
  /** Where operator and node agents run; they may reach the health ports. */
  readonly systemNamespace: string;
  /** Where Prometheus runs; it may too. */
  readonly monitoringNamespace: string;
}

/** Returns the context of `fleet`; its plan is the one that the local runtime would run. */
export function createFleetContext(
  fleet: FleetObject,
  namespaces: Pick<FleetContext, 'systemNamespace' | 'monitoringNamespace'>,
): FleetContext {
  const plan = planFleet(fleet.spec, { fleet: fleet.metadata.name });
  return { fleet, plan, ...namespaces };
}

/** Returns the box that `workload` stands on. A plan names no workload without its box. */
export function boxOf({ plan }: FleetContext, workload: Workload): PlannedBox {
  const box = plan.boxes.find((each) => each.name === workload.box);
  if (box === undefined) throw new Error(`the plan has no box ${workload.box}`);
  return box;
}

/** Roles whose boxes carry traffic to the venue or the indicator provider. */
export const EGRESS_ROLES: readonly BoxRole[] = ['brain', 'trading', 'indicators'];

const IMAGE = 'ghcr.io/kraite/kraite';

/** Returns the image that the boxes run. It follows from the object alone, never from the operator's own version. */
export function imageOf({ spec }: Pick<FleetObject, 'spec'>): string {
  return spec.image ?? `${IMAGE}:${spec.version}`;
}
