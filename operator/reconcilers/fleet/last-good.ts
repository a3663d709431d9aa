import { API_VERSION, KRAITE_FLEET, LABELS, type FleetObject } from '#operator/api';
import { KINDS } from '#operator/resources';
import type { KubeObject } from '#operator/runtime';

/** Name of the ConfigMap that holds the spec which was last Ready. */
export function lastGoodName(fleet: FleetObject): string {
  return `${fleet.metadata.name.slice(0, 42)}-last-good`;
}

/** Returns the spec that is Ready now, kept for `kraite rollback`. It never holds data: rows do not go back. */
export function buildLastGood(fleet: FleetObject): KubeObject {
  const { name, namespace, uid, generation } = fleet.metadata;
  return {
    apiVersion: KINDS.ConfigMap.apiVersion,
    kind: KINDS.ConfigMap.kind,
    metadata: {
      name: lastGoodName(fleet),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [LABELS.fleet]: name, 'app.kubernetes.io/managed-by': 'kraite-operator' },
      ownerReferences: [
        {
          apiVersion: API_VERSION,
          kind: KRAITE_FLEET.kind,
          name,
          uid: uid ?? '',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    data: { generation: String(generation ?? 0), 'spec.json': `${JSON.stringify(fleet.spec)}\n` },
  };
}
