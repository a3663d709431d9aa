import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';

import {
  KubeAccessError,
  type KubeAccess,
  type KubeCredentials,
  type LoadKubeAccessOptions,
} from './kube-access.ts';

const NO_CLUSTER =
  'no cluster is named: set KUBECONFIG, or write ~/.kube/config, or run in a pod with a service account';

/** Where client-node finds no file and no service account it goes to this address, which nobody named. */
function isLastResort(config: KubeConfig): boolean {
  const isNamedByItself = config.getCurrentContext() === 'loaded-context';
  return isNamedByItself && config.getCurrentCluster()?.server === 'http://localhost:8080';
}

/** Reads a context of a kubeconfig as kubectl does. Throws KubeAccessError. */
export function loadKubeconfigAccess(options: LoadKubeAccessOptions): KubeAccess {
  const config = new KubeConfig();
  try {
    if (options.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(options.kubeconfig);
  } catch (error) {
    throw new KubeAccessError(
      'the kubeconfig cannot be read: look at KUBECONFIG, or name a file that kubectl reads',
      { cause: error },
    );
  }
  if (isLastResort(config)) throw new KubeAccessError(NO_CLUSTER);
  if (options.context !== undefined) {
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(options.context)) {
      throw new KubeAccessError(
        `the kubeconfig has no context ${options.context}; it has ${known.join(', ') || 'none'}`,
      );
    }
    config.setCurrentContext(options.context);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null || cluster.server === '') throw new KubeAccessError(NO_CLUSTER);
  const context = config.getContextObject(config.getCurrentContext());
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: context?.namespace ?? 'default',
    context: config.getCurrentContext(),
    credentials: () => readCredentials(config),
  };
}

async function readCredentials(config: KubeConfig): Promise<KubeCredentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  if (typeof options.auth === 'string') {
    headers['Authorization'] ??= `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  const { ca, cert, key, servername, rejectUnauthorized } = options as KubeCredentials['tls'];
  return {
    headers,
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    },
  };
}
