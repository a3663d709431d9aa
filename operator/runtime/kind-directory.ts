import type { ResourceKind } from './kube-object.ts';

/** Finds where the API serves a kind that an object only names. */
export interface KindDirectory {
  /** Remembers `kind` without asking anybody. */
  learn(kind: ResourceKind): void;
  /** Asks the API server once for each group version that is not known yet. */
  resolve(
    ref: { readonly apiVersion: string; readonly kind: string },
    signal?: AbortSignal,
  ): Promise<ResourceKind>;
}

interface DiscoveredResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The API server serves no such kind: its CRD is missing, or the version is another one. */
export class UnknownKindError extends Error {
  constructor(apiVersion: string, kind: string) {
    super(
      `the API server does not serve ${kind} in ${apiVersion}: install its CustomResourceDefinition`,
    );
    this.name = 'UnknownKindError';
  }
}

export function createKindDirectory(
  discover: (
    apiVersion: string,
    signal: AbortSignal | undefined,
  ) => Promise<readonly DiscoveredResource[]>,
): KindDirectory {
  const known = new Map<string, ResourceKind>();
  const keyOf = (ref: { readonly apiVersion: string; readonly kind: string }) =>
    `${ref.apiVersion} ${ref.kind}`;
  return {
    learn: (kind) => {
      known.set(keyOf(kind), kind);
    },
    resolve: async (ref, signal) => {
      const found = known.get(keyOf(ref));
      if (found !== undefined) return found;
      for (const resource of await discover(ref.apiVersion, signal)) {
        if (resource.name.includes('/')) continue;
        const { apiVersion } = ref;
        const { kind, name: plural, namespaced: isNamespaced } = resource;
        known.set(keyOf({ apiVersion, kind }), { apiVersion, kind, plural, isNamespaced });
      }
      const discovered = known.get(keyOf(ref));
      if (discovered === undefined) throw new UnknownKindError(ref.apiVersion, ref.kind);
      return discovered;
    },
  };
}
