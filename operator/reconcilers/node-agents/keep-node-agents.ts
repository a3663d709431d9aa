import { ANNOTATIONS, FIELD_MANAGER } from '#operator/api';
import { buildNodeAgents, KINDS, type NodeAgentOptions } from '#operator/resources';
import { applyOwned, type KubeClient } from '#operator/runtime';

export interface NodeAgentKeeper {
  /** Makes the agents stand as this release wants them; looks again only after a while. */
  keep(nowMs: number, signal: AbortSignal): Promise<void>;
}

/** They stand outside the fleets' namespaces, where nothing is watched, so they are looked at now and then. */
const LOOK_AGAIN_MS = 600_000;

/** Keeps the node agents of a cluster, which all of its fleets share; without an image nobody asks for them. */
export function createNodeAgentKeeper(
  client: KubeClient,
  options: NodeAgentOptions | undefined,
): NodeAgentKeeper {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  return {
    keep: async (nowMs, signal) => {
      if (options === undefined || nowMs - lookedAtMs < LOOK_AGAIN_MS) return;
      for (const object of buildNodeAgents(options)) {
        const kind = Object.values(KINDS).find((each) => each.kind === object.kind);
        const live =
          kind === undefined ? undefined : await client.find(kind, object.metadata, signal);
        await applyOwned(object, live, {
          client,
          fieldManager: FIELD_MANAGER,
          hashAnnotation: ANNOTATIONS.appliedHash,
          signal,
        });
      }
      lookedAtMs = nowMs;
    },
  };
}
