import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  KubeAccessError,
  type KubeAccess,
  type LoadKubeAccessOptions,
  type PodPlace,
} from './kube-access.ts';

const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Reads how to reach the API server: in a pod by its service account, else by a context of the kubeconfig.
 *
 * Throws KubeAccessError. Kubeconfig files, with all their ways to prove who one is, are read by `@kubernetes/client-node`,
 * which is loaded only then: it weighs 85 MB (resident, Node 24), and a pod needs three small files.
 */
export async function loadKubeAccess(options: LoadKubeAccessOptions = {}): Promise<KubeAccess> {
  const { kubeconfig, context, pod } = options;
  if (kubeconfig === undefined && context === undefined && pod !== undefined) {
    const access = await findPodAccess(pod);
    if (access !== undefined) return access;
  }
  const { loadKubeconfigAccess } = await import('./kubeconfig-access.ts');
  return loadKubeconfigAccess(options);
}

/** Returns the access of a pod's service account; undefined outside of pods, and where a kubeconfig is named. */
async function findPodAccess({
  environment,
  serviceAccountFolder = SERVICE_ACCOUNT_FOLDER,
}: PodPlace): Promise<KubeAccess | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, KUBECONFIG } = environment;
  if (host === undefined || port === undefined || KUBECONFIG !== undefined) return undefined;
  const read = (name: string): Promise<string> =>
    readFile(join(serviceAccountFolder, name), 'utf8');
  try {
    return {
      // An IPv6 address stands in brackets.
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      namespace: (await read('namespace')).trim(),
      context: 'in-cluster',
      // Both files change under way: the kubelet rotates the token, and the authority may be replaced.
      credentials: async () => ({
        headers: { Authorization: `Bearer ${(await read('token')).trim()}` },
        tls: { ca: await read('ca.crt') },
      }),
    };
  } catch (error) {
    throw new KubeAccessError(
      `this pod has no service account in ${serviceAccountFolder}: give it one, and let automountServiceAccountToken be true`,
      { cause: error },
    );
  }
}
