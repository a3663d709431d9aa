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
