import type { PlannedBox } from '#pkg/fleet-spec';
import { LABELS, PATHS, type FleetObject } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import { EGRESS_ROLES, type FleetContext } from './fleet-context.ts';
import { KINDS } from './kinds.ts';
import { fleetLabels, fleetNames, namespacedHead, namespaceOf, objectName } from './naming.ts';
import type { Fields } from './pod-parts.ts';

/** Name of the claim by which the pods of `box` read what its node agent wrote. */
export function egressClaimName(fleet: FleetObject, box: Pick<PlannedBox, 'name'>): string {
  return objectName(fleet.metadata.name, box.name, 'egress');
}

/**
 * Returns the folder of `box` that its node agent writes, as a volume that the box's pods may read.
 *
 * A pod that mounted the folder itself would break the `restricted` level, and so would every other of the namespace.
 */
export function buildEgressVolume(
  { fleet }: FleetContext,
  box: PlannedBox,
): readonly [KubeObject, KubeObject] {
  return bindVolume(fleet, {
    claim: egressClaimName(fleet, box),
    component: 'egress',
    box: box.name,
    size: '1Mi',
    access: 'ReadOnlyMany',
    source: { hostPath: { path: PATHS.egressFolder, type: 'DirectoryOrCreate' } },
    isKept: false,
  });
}

/** Redis holds lanes, budgets and prices: megabytes, twice while it rewrites its file. */
const REDIS_STORAGE = '8Gi';

/**
 * Returns the folder of the core box that `server` keeps its data in. It outlives the fleet, and so does its claim.
 *
 * The folder must be there (Kubernetes makes none for a local volume); the pod's `fsGroup` makes it the server's own.
 */
export function buildDataVolume(
  { fleet }: FleetContext,
  server: 'mysql' | 'redis',
): readonly [KubeObject, KubeObject] {
  const { box, mysql } = fleet.spec.core;
  return bindVolume(fleet, {
    claim: fleetNames(fleet)[server],
    component: server,
    box,
    size: server === 'mysql' ? mysql.storage : REDIS_STORAGE,
    access: 'ReadWriteOnce',
    source: { local: { path: PATHS.dataFolders[server] } },
    isKept: true,
  });
}

/** Returns the volumes of every box and server of the fleet. */
export function buildVolumes(context: FleetContext): readonly KubeObject[] {
  const { core } = context.fleet.spec;
  const servers = (['mysql', 'redis'] as const).filter((each) => core[each].existing === null);
  return [
    ...servers.flatMap((server) => buildDataVolume(context, server)),
    ...context.plan.boxes
      .filter(({ role }) => EGRESS_ROLES.includes(role))
      .flatMap((box) => buildEgressVolume(context, box)),
  ];
}

interface VolumeOptions {
  readonly claim: string;
  readonly component: string;
  readonly box: string;
  readonly size: string;
  readonly access: 'ReadOnlyMany' | 'ReadWriteOnce';
  readonly source: Fields;
  /** Whether the claim outlives the fleet. */
  readonly isKept: boolean;
}

/** Returns volume and claim, each naming the other, so that no storage class and no stranger comes between. */
function bindVolume(fleet: FleetObject, options: VolumeOptions): readonly [KubeObject, KubeObject] {
  const { claim, component, box, size, source, isKept } = options;
  const namespace = namespaceOf(fleet);
  const labels = { [LABELS.box]: box };
  const accessModes = [options.access];
  const volumeName = volumeNameOf(fleet, claim);
  const onBox = { key: LABELS.nodeBox, operator: 'In', values: [box] };
  const volume: KubeObject = {
    apiVersion: KINDS.PersistentVolume.apiVersion,
    kind: KINDS.PersistentVolume.kind,
    metadata: { name: volumeName, labels: { ...fleetLabels(fleet, component), ...labels } },
    spec: {
      capacity: { storage: size },
      volumeMode: 'Filesystem',
      accessModes,
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claim },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onBox] }] } },
      ...source,
    },
  };
  const claimed: KubeObject = {
    ...namespacedHead(fleet, KINDS.PersistentVolumeClaim, {
      name: claim,
      component,
      labels,
      isKept,
    }),
    spec: {
      accessModes,
      volumeMode: 'Filesystem',
      storageClassName: '',
      volumeName,
      resources: { requests: { storage: size } },
    },
  };
  return [volume, claimed];
}

/** Volumes have no namespace, so theirs stands in the name; a dot is in neither part. */
function volumeNameOf(fleet: FleetObject, claim: string): string {
  return `${namespaceOf(fleet)}.${claim}`;
}
