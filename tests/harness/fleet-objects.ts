/** The sample as an object that a cluster holds, and everything that follows from it. */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';

import type { FleetObject } from '#operator/api';
import {
  buildDisruptionBudget,
  buildFleetObjects,
  buildNodeAgents,
  buildWorkerPool,
  buildWorkloadConfig,
  createFleetContext,
  makeCredentials,
  type FleetContext,
  type FleetCredentials,
} from '#operator/resources';
import type { KubeObject } from '#operator/runtime';
import { fleetOf, SAMPLE } from './sample-fleet.ts';

const UID = '7d1a4c8e-0000-4000-8000-000000000001';

export const SYSTEM_NAMESPACE = 'kraite-system';

/** Returns the context of `text` (the sample unless given), changed before anything is built from it. */
export function contextOf(
  change: (fleet: FleetObject) => FleetObject = (fleet) => fleet,
  text: string = SAMPLE,
): FleetContext {
  const { metadata, ...rest } = fleetOf(text);
  const fleet: FleetObject = { ...rest, metadata: { ...metadata, uid: UID } };
  return createFleetContext(change(fleet), {
    systemNamespace: SYSTEM_NAMESPACE,
    monitoringNamespace: 'monitoring',
  });
}

/** Returns a context whose spec is changed. */
export function contextWith(change: (spec: FleetObject['spec']) => FleetObject['spec']) {
  return contextOf((fleet) => ({ ...fleet, spec: change(fleet.spec) }));
}

/** Looks generated and is the same each time. */
export const CREDENTIALS: FleetCredentials = makeCredentials((size) =>
  createHash('sha256').update(String(size)).digest().subarray(0, size),
);

/** Returns every object of a new fleet, in the order in which it is applied. */
export function allObjects(context: FleetContext): readonly KubeObject[] {
  const { foundation, secrets, core, migration, workloads } = buildFleetObjects(
    context,
    CREDENTIALS,
  );
  return [
    ...foundation,
    ...secrets,
    ...core.map(({ object }) => object),
    migration,
    ...workloads.flatMap(({ workload, object }) => [
      ...(workload.lane === undefined ? [] : ordersOf(context, workload)),
      buildDisruptionBudget(context, workload),
      object,
    ]),
  ];
}

type Worker = FleetContext['plan']['workloads'][number];

function ordersOf(context: FleetContext, workload: Worker): readonly KubeObject[] {
  const slots = workload.slots ?? 0;
  return [
    buildWorkloadConfig(context, workload, { slots, isDraining: false, generation: 1 }),
    buildWorkerPool(context, workload, { slots }),
  ];
}

/** Returns what all fleets of a cluster share, beside the priority classes. */
export function sharedObjects(): readonly KubeObject[] {
  return buildNodeAgents({
    image: 'ghcr.io/kraite/kraite:0.1.0',
    version: '0.1.0',
    logLevel: 'info',
    systemNamespace: SYSTEM_NAMESPACE,
  });
}

export function renderYaml(objects: readonly KubeObject[]): string {
  return objects
    .map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}

export function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`;
}
