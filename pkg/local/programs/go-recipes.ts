/**
 * Which Go module holds which program that is built here: those of Kubernetes and of its nodes, and Pebble. Versions and sums stand in `go/<module>/go.mod` and `go.sum`; the
 * version here names the folder of the cache, and a test holds it to the module file.
 */
export const BUILT_PROGRAM_NAMES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
  'containerd',
  'containerd-shim-runc-v2',
  'ctr',
  'bridge',
  'loopback',
  'host-local',
  'portmap',
  'flanneld',
  'coredns',
  'pause',
  'helm',
  'kwok',
  'pebble',
] as const;
export type BuiltProgramName = (typeof BUILT_PROGRAM_NAMES)[number];

export interface GoRecipe {
  /** Folder of its go.mod beside this file. */
  readonly module:
    | 'etcd'
    | 'kubernetes'
    | 'containerd'
    | 'cni'
    | 'flannel'
    | 'coredns'
    | 'pause'
    | 'helm'
    | 'kwok'
    | 'pebble';
  readonly version: string;
  /** Not among the programs that KRAITE_KUBE_BIN holds: built also where KRAITE_KUBE_BIN names a folder. */
  readonly isAlwaysBuilt?: true;
  /** Go packages, by the program they make. */
  readonly packages: Readonly<Partial<Record<BuiltProgramName, string>>>;
  /** Variables that the linker sets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Build tags, for parts that would need a C compiler. */
  readonly tags?: string;
  /** The `main.go` of a module is taken without the imports of these packages; the package to build is then `.`. */
  readonly mainWithout?: { readonly ofModule: string; readonly imports: readonly string[] };
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
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    variables: {
      [`${COMPONENT}.gitVersion`]: `v${KUBERNETES_VERSION}`,
      [`${COMPONENT}.gitMajor`]: '1',
      [`${COMPONENT}.gitMinor`]: '36',
    },
    aboutSeconds: 420,
  },
  {
    module: 'containerd',
    version: '2.1.9',
    packages: {
      containerd: 'github.com/containerd/containerd/v2/cmd/containerd',
      'containerd-shim-runc-v2': 'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
      ctr: 'github.com/containerd/containerd/v2/cmd/ctr',
    },
    variables: { 'github.com/containerd/containerd/v2/version.Version': 'v2.1.9' },
    tags: 'no_btrfs,no_zfs,no_devmapper',
    isAlwaysBuilt: true,
    aboutSeconds: 110,
  },
  {
    module: 'cni',
    version: '1.9.1',
    packages: {
      bridge: 'github.com/containernetworking/plugins/plugins/main/bridge',
      loopback: 'github.com/containernetworking/plugins/plugins/main/loopback',
      'host-local': 'github.com/containernetworking/plugins/plugins/ipam/host-local',
      portmap: 'github.com/containernetworking/plugins/plugins/meta/portmap',
    },
    variables: {},
    isAlwaysBuilt: true,
    aboutSeconds: 20,
  },
  {
    module: 'flannel',
    version: '0.28.10',
    packages: { flanneld: '.' },
    variables: { 'github.com/flannel-io/flannel/pkg/version.Version': 'v0.28.10' },
    // One stands on a module that the proxy does not have, the other needs a C compiler.
    mainWithout: {
      ofModule: 'github.com/flannel-io/flannel',
      imports: [
        'github.com/flannel-io/flannel/pkg/backend/tencentvpc',
        'github.com/flannel-io/flannel/pkg/backend/udp',
      ],
    },
    isAlwaysBuilt: true,
    aboutSeconds: 118,
  },
  {
    module: 'coredns',
    version: '1.15.0',
    packages: { coredns: 'github.com/coredns/coredns' },
    variables: {},
    isAlwaysBuilt: true,
    aboutSeconds: 124,
  },
  {
    // Ours, of a few lines: the real one is C.
    module: 'pause',
    version: '1',
    packages: { pause: '.' },
    variables: {},
    isAlwaysBuilt: true,
    aboutSeconds: 3,
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
