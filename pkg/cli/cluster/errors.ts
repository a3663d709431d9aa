import { FleetError, toError } from '#pkg/base';
import { KRAITE_FLEET } from '#operator/api';
import { KubeApiError, KubeUnreachableError } from '#operator/runtime';

/** The cluster, or the fleet in it, cannot be looked at; the message says what to do. */
export class ClusterError extends FleetError<'CLUSTER_UNUSABLE'> {
  constructor(message: string, cause?: unknown) {
    super('CLUSTER_UNUSABLE', message, cause === undefined ? {} : { cause });
  }
}

export interface AskedCluster {
  readonly context: string;
  readonly server: string;
  readonly namespace: string;
}

/** Returns what a person can do about a failed call of the API server; anything else is returned as it is. */
export function explainClusterError(thrown: unknown, asked: AskedCluster): Error {
  const error = toError(thrown);
  const { context, server } = asked;
  if (error instanceof KubeUnreachableError) {
    return new ClusterError(
      `the API server of context ${context} (${server}) does not answer: ${causeOf(error)}; try  kubectl cluster-info  or name another --context`,
      error,
    );
  }
  if (!(error instanceof KubeApiError)) return error;
  switch (error.status) {
    case 401:
      return new ClusterError(
        `the API server of context ${context} does not know who you are: renew the credentials of that context`,
        error,
      );
    case 403:
      return new ClusterError(
        `you may not do this in context ${context}: ${error.message}; whoever runs the cluster can allow you ${KRAITE_FLEET.plural} in namespace ${asked.namespace}`,
        error,
      );
    case 404:
      return new ClusterError(
        `the cluster of context ${context} knows no ${KRAITE_FLEET.plural}: install the operator's chart kraite-operator first`,
        error,
      );
    default:
      return new ClusterError(
        `the API server of context ${context} refuses: ${error.message}`,
        error,
      );
  }
}

/** Returns the innermost sentence: what the socket said. */
function causeOf(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return causeOf(cause);
}
