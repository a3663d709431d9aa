import type { ControllerMetrics, Logger } from '#pkg/observability';
import type { Clock, Random } from '#pkg/base';
import { applyOwned } from './apply-owned.ts';
import { createManager } from './create-manager.ts';
import type { KubeObject, ResourceKind } from './kube-object.ts';
import { controllerReference } from './owners.ts';
import type { Manager } from './manager.ts';
import type { WatchingKubeClient } from './watch-client.ts';

const NAMESPACE: ResourceKind = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  isNamespaced: false,
};
const CONFIG_MAP: ResourceKind = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  isNamespaced: true,
};
const TEAM_LABEL = 'example.dev/team';

/** What the example needs of its process. */
export interface ExampleOptions {
  readonly client: WatchingKubeClient;
  /** Where its Lease stands. */
  readonly namespace: string;
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: ControllerMetrics;
  readonly onLeaseLost: () => void;
}

/**
 * Returns an operator that keeps a ConfigMap `team` in each namespace with the label `example.dev/team`.
 *
 * The example of README.md, and a whole operator all the same: it puts drift back, removes what is wanted no more, writes
 * nothing when nothing changes, and may run in any number of replicas.
 */
export function createTeamOperator(options: ExampleOptions): Manager {
  const { client } = options;
  const manager = createManager({ ...options, name: 'team-operator' });
  manager.add({
    name: 'team',
    watched: NAMESPACE,
    mapped: [
      {
        kind: CONFIG_MAP,
        toRequests: ({ metadata }) =>
          metadata.name === 'team' ? [{ namespace: '', name: metadata.namespace ?? '' }] : [],
      },
    ],
    reconciler: {
      reconcile: async ({ name }, signal) => {
        const namespace = manager.cache.find(NAMESPACE, { name });
        const live = manager.cache.find(CONFIG_MAP, { namespace: name, name: 'team' });
        const team = namespace?.metadata.labels?.[TEAM_LABEL];
        if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) {
          return { kind: 'settled' };
        }
        if (team !== undefined) {
          await applyOwned(teamConfigMap(namespace, team), live, {
            client,
            fieldManager: 'team-operator',
            hashAnnotation: 'example.dev/hash',
            signal,
          });
        } else if (live !== undefined && isOurs(live, namespace)) {
          // A cache that may be old is no ground to delete on.
          if (!manager.cache.isFresh(NAMESPACE)) return { kind: 'checkAgain', afterMs: 1_000 };
          await client.delete(
            { apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'team' },
            { ...(live.metadata.uid === undefined ? {} : { uid: live.metadata.uid }), signal },
          );
          manager.recorder.record(namespace, {
            type: 'Normal',
            reason: 'TeamRemoved',
            action: 'Delete',
            note: `the label ${TEAM_LABEL} is gone`,
          });
        }
        return { kind: 'settled' };
      },
    },
  });
  return manager;
}

function teamConfigMap(namespace: KubeObject, team: string): KubeObject {
  return {
    apiVersion: CONFIG_MAP.apiVersion,
    kind: CONFIG_MAP.kind,
    metadata: {
      namespace: namespace.metadata.name,
      name: 'team',
      ownerReferences: [controllerReference(namespace)],
    },
    data: { team },
  };
}

function isOurs({ metadata }: KubeObject, namespace: KubeObject): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === namespace.metadata.uid) === true;
}
