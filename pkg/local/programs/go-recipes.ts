/**
 * Which Go module holds which program that is built here: those of Kubernetes, and Pebble. Versions and sums stand in `go/<module>/go.mod` and `go.sum`; the
 * version here names the folder of the cache, and a test holds it to the module file.
 */
export const BUILT_PROGRAM_NAMES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'helm',
  'kwok',
  'pebble',
] as const;
export type BuiltProgramName = (typeof BUILT_PROGRAM_NAMES)[number];

export interface GoRecipe {
  /** Folder of its go.mod beside this file. */
  readonly module: 'etcd' | 'kubernetes' | 'helm' | 'kwok' | 'pebble';
  readonly version: string;
  /** Not of Kubernetes: built also where KRAITE_KUBE_BIN names a folder. */
  readonly isAlwaysBuilt?: true;
  /** Go packages, by the program they make. */
  readonly packages: Readonly<Partial<Record<BuiltProgramName, string>>>;
  /** Variables that the linker sets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Files of the module that the program needs beside it: joined, in this order, to the file of that name. */
  readonly joined?: {
    readonly file: string;
    readonly ofModule: string;
    readonly parts: readonly string[];
  };
  /** On two cores with nothing cached, with the downloads. */
  readonly aboutSeconds: number;
}

const KUBERNETES_VERSION = '1.36.3';

/** What the linker sets, because no repository tells it. */
const COMPONENT = 'k8s.io/component-base/version';

export const GO_RECIPES: readonly GoRecipe[] = [
  {
    module: 'etcd',
    version: '3.7.3',
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
    variables: {},
    aboutSeconds: 36,
  },
  {
    module: 'kubernetes',
    version: KUBERNETES_VERSION,
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    variables: {
      [`${COMPONENT}.gitVersion`]: `v${KUBERNETES_VERSION}`,
      [`${COMPONENT}.gitMajor`]: '1',
      [`${COMPONENT}.gitMinor`]: '36',
    },
    aboutSeconds: 360,
  },
  {
    module: 'helm',
    version: '4.3.1',
    packages: { helm: 'helm.sh/helm/v4/cmd/helm' },
    variables: { 'helm.sh/helm/v4/internal/version.version': 'v4.3.1' },
    aboutSeconds: 180,
  },
  {
    module: 'kwok',
    version: '0.8.0',
    packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
    variables: {},
    joined: {
      file: 'kwok-stages.yaml',
      ofModule: 'sigs.k8s.io/kwok',
      parts: [
        'kustomize/stage/node/fast/node-initialize.yaml',
        'kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
        'kustomize/stage/pod/fast/pod-complete.yaml',
        'kustomize/stage/pod/fast/pod-delete.yaml',
        'kustomize/stage/pod/fast/pod-ready.yaml',
      ],
    },
    aboutSeconds: 80,
  },
  {
    // The test authority of Let's Encrypt, for the certificates of the sites.
    module: 'pebble',
    version: '2.10.3',
    isAlwaysBuilt: true,
    packages: { pebble: 'github.com/letsencrypt/pebble/v2/cmd/pebble' },
    variables: {},
    aboutSeconds: 35,
  },
];

export function isBuilt(name: string): name is BuiltProgramName {
  return BUILT_PROGRAM_NAMES.some((each) => each === name);
}
