import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where an API server is and how a process proves who it is. */
export interface KubeAccess {
  /** Base URL, without a slash at the end. */
  readonly server: string;
  /** Namespace of the context, or of the pod. */
  readonly namespace: string;
  /** Name of the context of the kubeconfig, or `in-cluster`. */
  readonly context: string;
  /** Headers (a token that may change) and TLS material, asked again now and then. */
  credentials(): Promise<KubeCredentials>;
}

/** Headers and TLS material of one moment. */
export interface KubeCredentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: {
    readonly ca?: string | Buffer;
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
}

/** No cluster is named, or its description cannot be read. */
export class KubeAccessError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'KubeAccessError';
  }
}

export interface LoadKubeAccessOptions {
  /** A file that kubectl reads; KUBECONFIG, else ~/.kube/config, when absent. */
  readonly kubeconfig?: string | undefined;
  /** A context of it; its current one when absent. */
  readonly context?: string | undefined;
  /** Of a process that may run in a pod: where the cluster names itself there, its service account is taken. */
  readonly pod?: PodPlace | undefined;
}

/** What a kubelet gives every pod that may talk to the API server. */
export interface PodPlace {
  /** Holds KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, and no KUBECONFIG. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of `token`, `ca.crt` and `namespace`; Kubernetes' own place when absent. */
  readonly serviceAccountFolder?: string | undefined;
}

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
