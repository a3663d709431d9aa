import { FIELD_MANAGER, KRAITE_FLEET, type FleetObject } from '#operator/api';
import { buildNodeAgents, KINDS, type NodeAgentOptions } from '#operator/resources';
import type { Cache, ControllerOptions, KubeClient, KubeObject, Request } from '#operator/runtime';
import { isInPlace, withAppliedHash } from '../fleet/in-place.ts';
import { isPaused } from '../fleet/plan-operations.ts';

export interface NodeAgentDependencies {
  readonly cache: Cache;
  readonly client: Pick<KubeClient, 'apply'>;
  readonly agents: NodeAgentOptions;
}

/** What {@link buildNodeAgents} makes. */
const AGENT_KINDS = [KINDS.DaemonSet, KINDS.NetworkPolicy];

/**
 * Returns the controller of the node agents, which all fleets of a cluster share.
 *
 * They stand beside the operator and not beside the fleets, so they are watched there, and they have no owner: they stay
 * when a fleet goes. They are put in place as long as one fleet that is not paused asks for them.
 */
export function createNodeAgentController({
  cache,
  client,
  agents,
}: NodeAgentDependencies): ControllerOptions {
  const wanted = buildNodeAgents(agents).map((object) => withAppliedHash(object));
  const isOurs = (object: KubeObject): boolean =>
    wanted.some(
      ({ kind, metadata }) =>
        kind === object.kind &&
        metadata.name === object.metadata.name &&
        metadata.namespace === object.metadata.namespace,
    );
  return {
    name: 'kraitenodeagent',
    watched: KRAITE_FLEET,
    mapped: AGENT_KINDS.map((kind) => ({
      kind,
      namespaces: [agents.systemNamespace],
      toRequests: (object: KubeObject) => (isOurs(object) ? askingFleet(cache) : []),
    })),
    reconciler: {
      reconcile: async (request, signal) => {
        const fleet = cache.find(KRAITE_FLEET, request) as FleetObject | undefined;
        if (fleet === undefined || isPaused(fleet)) return { kind: 'settled' };
        for (const object of wanted) {
          const kind = AGENT_KINDS.find((each) => each.kind === object.kind);
          const live = kind === undefined ? undefined : cache.find(kind, object.metadata);
          if (isInPlace(live, object)) continue;
          await client.apply(object, { fieldManager: FIELD_MANAGER, isForced: true, signal });
        }
        return { kind: 'settled' };
      },
    },
  };
}

function askingFleet(cache: Cache): readonly Request[] {
  return (cache.list(KRAITE_FLEET) as readonly FleetObject[])
    .filter((fleet) => !isPaused(fleet))
    .slice(0, 1)
    .map(({ metadata: { name, namespace = '' } }) => ({ name, namespace }));
}
