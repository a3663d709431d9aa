import {
  KRAITE_FLEET,
  KRAITE_NODE_EGRESS,
  LABELS,
  type FleetObject,
  type NodeEgressObject,
} from '#operator/api';
import { KINDS } from '#operator/resources';
import type { Cache, KubeObject } from '#operator/runtime';
import type { Observed } from './observed.ts';
import { KEPT_KINDS, OBSERVED_KINDS, OWNED_KINDS, SHARED_KINDS } from './watched-kinds.ts';

/** Returns what the caches show of `fleet`; what its pods say is added by whoever asked them. */
export function observeFleet(
  cache: Cache,
  fleet: FleetObject,
  nowMs: number,
): Omit<Observed, 'facts'> {
  const { name, namespace = 'default', uid = '' } = fleet.metadata;
  const labels = { [LABELS.fleet]: name };
  return {
    nowMs,
    fleet,
    staleKinds: OBSERVED_KINDS.filter((kind) => !cache.isFresh(kind)).map(({ kind }) => kind),
    otherFleets: (cache.list(KRAITE_FLEET) as readonly FleetObject[]).filter(
      (each) => each.metadata.uid !== uid,
    ),
    objects: [
      ...OWNED_KINDS.flatMap((kind) => cache.listOwned(kind, uid)),
      ...KEPT_KINDS.flatMap((kind) =>
        cache.list(kind, kind.isNamespaced ? { namespace, labels } : { labels }),
      ),
      ...SHARED_KINDS.flatMap((kind) => cache.list(kind)),
    ],
    pods: cache.list(KINDS.Pod, { namespace, labels }),
    nodes: cache.list(KINDS.Node),
    nodeEgresses: cache.list(KRAITE_NODE_EGRESS) as readonly NodeEgressObject[],
  };
}

/** Returns which fleets a change of `object` concerns: those of its label, or those that name the box of its node. */
export function fleetsOfNode(
  node: KubeObject,
  cache: Cache,
): readonly { readonly namespace: string; readonly name: string }[] {
  const boxes = [LABELS.box, LABELS.nodeBox].map((label) => node.metadata.labels?.[label]);
  return (cache.list(KRAITE_FLEET) as readonly FleetObject[])
    .filter(({ spec }) => spec.network.boxes.some(({ name }) => boxes.includes(name)))
    .map(requestOf);
}

/** Returns the fleet that an identity belongs to. */
export function fleetOfEgress(
  object: KubeObject,
): readonly { readonly namespace: string; readonly name: string }[] {
  const { fleet, fleetNamespace } = (object as NodeEgressObject).spec;
  return [{ namespace: fleetNamespace, name: fleet }];
}

/** Returns the fleet whose label an object carries, wherever it has no owner. */
export function fleetOfLabel(
  object: KubeObject,
  cache: Cache,
): readonly { readonly namespace: string; readonly name: string }[] {
  const name = object.metadata.labels?.[LABELS.fleet];
  if (name === undefined) return [];
  const { namespace } = object.metadata;
  if (namespace !== undefined) return [{ namespace, name }];
  return cache
    .list(KRAITE_FLEET)
    .filter(({ metadata }) => metadata.name === name)
    .map(requestOf);
}

export function everyFleet(
  _object: KubeObject,
  cache: Cache,
): readonly { readonly namespace: string; readonly name: string }[] {
  return cache.list(KRAITE_FLEET).map(requestOf);
}

function requestOf({ metadata }: KubeObject) {
  return { namespace: metadata.namespace ?? 'default', name: metadata.name };
}
