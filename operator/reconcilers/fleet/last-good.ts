import { LABELS, type FleetObject } from '#operator/api';
import { KINDS } from '#operator/resources';
import { controllerReference, type KubeObject } from '#operator/runtime';

/** Name of the ConfigMap that holds the spec which was last Ready. */
export function lastGoodName(fleet: FleetObject): string {
  return `${fleet.metadata.name.slice(0, 42)}-last-good`;
}

/** Returns the spec that is Ready now, kept for `kraite rollback`. It never holds data: rows do not go back. */
export function buildLastGood(fleet: FleetObject): KubeObject {
  const { name, namespace, generation } = fleet.metadata;
  return {
    apiVersion: KINDS.ConfigMap.apiVersion,
    kind: KINDS.ConfigMap.kind,
    metadata: {
      name: lastGoodName(fleet),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [LABELS.fleet]: name, 'app.kubernetes.io/managed-by': 'kraite-operator' },
      ownerReferences: [controllerReference(fleet)],
    },
    data: { generation: String(generation ?? 0), 'spec.json': `${JSON.stringify(fleet.spec)}\n` },
  };
}

/** Returns the spec that such a ConfigMap holds, or undefined when it holds none. */
export function readLastGood(
  kept: KubeObject | undefined,
): { readonly generation: string; readonly spec: FleetObject['spec'] } | undefined {
  const { generation, 'spec.json': text } = (kept?.['data'] ?? {}) as Partial<
    Readonly<Record<string, string>>
  >;
  if (generation === undefined || text === undefined) return undefined;
  return { generation, spec: JSON.parse(text) as FleetObject['spec'] };
}
