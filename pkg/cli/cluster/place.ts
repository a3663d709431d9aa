import { isPlugin, UsageError, type CliContext } from '../context.ts';

/** Options by which a person says that a fleet in a cluster is meant, and which one. */
export interface ClusterOptions {
  readonly cluster?: true;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly fleet?: string;
}

/** Which KraiteFleet, through which kubeconfig; what is undefined follows from the kubeconfig. */
export type ClusterPlace = Omit<ClusterOptions, 'cluster'>;

/**
 * Returns where the fleet in a cluster is, or undefined when the one on this machine is meant.
 *
 * `kubectl kraite` means a cluster; `kraite` does when it is told `--cluster` or anything that only a cluster has. Throws
 * UsageError when it is told both.
 */
export function findClusterPlace(
  context: CliContext,
  options: ClusterOptions & { readonly state?: string },
): ClusterPlace | undefined {
  const { cluster, state, context: name, kubeconfig, namespace, fleet } = options;
  const place = { context: name, kubeconfig, namespace, fleet };
  const given = Object.fromEntries(
    Object.entries(place).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const isNamed = cluster === true || Object.keys(given).length > 0;
  if (state !== undefined) {
    if (!isNamed) return undefined;
    throw new UsageError(
      '--state is a fleet on this machine and the other options are one in a cluster: leave one of them out',
    );
  }
  return isNamed || isPlugin(context) ? given : undefined;
}
