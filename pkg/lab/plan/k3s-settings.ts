import { parse } from 'yaml';
import { LabError } from '../lab-error.ts';

/** What the lab reads of a rendered `/etc/rancher/k3s/config.yaml`. */
export interface K3sSettings {
  readonly nodeName: string;
  readonly nodeIP: string;
  readonly labels: readonly string[];
  /** `key=value:Effect`. */
  readonly taints: readonly string[];
  readonly flannelInterface: string;
  readonly protectKernelDefaults: boolean;
  /** Undefined on the server that begins the cluster. */
  readonly joins: string | undefined;
  /** Undefined on an agent. */
  readonly server: ServerSettings | undefined;
}

export interface ServerSettings {
  readonly clusterCIDR: string;
  readonly serviceCIDR: string;
  readonly clusterDNS: string;
  readonly clusterDomain: string;
  readonly flannelBackend: string;
  readonly encryptsSecrets: boolean;
  readonly names: readonly string[];
  readonly exposesEtcdMetrics: boolean;
  readonly apiServerFlags: readonly string[];
  readonly controllerManagerFlags: readonly string[];
}

/** What k3s does with a setting in a way that the lab has no need of. */
const LEFT_TO_K3S = [
  'cluster-init',
  'token-file',
  'agent-token-file',
  'node-external-ip',
  'prefer-bundled-bin',
  'disable',
  'disable-helm-controller',
  'write-kubeconfig-mode',
];

const TAKEN = [
  'server',
  'node-name',
  'node-ip',
  'node-label',
  'node-taint',
  'flannel-iface',
  'protect-kernel-defaults',
  'cluster-cidr',
  'service-cidr',
  'cluster-dns',
  'cluster-domain',
  'flannel-backend',
  'secrets-encryption',
  'tls-san',
  'etcd-expose-metrics',
  'kube-apiserver-arg',
  'kube-controller-manager-arg',
];

/**
 * Reads one box's rendered configuration. A setting that the lab knows nothing of is an error, so that a change of
 * `kraite k3s-config` cannot pass the lab by.
 */
export function readK3sSettings(text: string): K3sSettings {
  const values = parse(text) as Readonly<Record<string, string | boolean | readonly string[]>>;
  const unknown = Object.keys(values).filter(
    (key) =>
      !TAKEN.includes(key) && !LEFT_TO_K3S.includes(key) && !/^etcd-(s3|snapshot)(-|$)/.test(key),
  );
  if (unknown.length > 0) {
    throw new LabError(
      'FLEET_REFUSED',
      `the lab does not know what to do with ${unknown.join(', ')} of the k3s configuration; teach it in pkg/lab/plan`,
    );
  }
  const one = (key: string): string => {
    const value = values[key];
    return typeof value === 'string' ? value : '';
  };
  const list = (key: string): readonly string[] => (values[key] ?? []) as readonly string[];
  const isServer = values['cluster-cidr'] !== undefined;
  return {
    nodeName: one('node-name'),
    nodeIP: one('node-ip'),
    labels: list('node-label'),
    taints: list('node-taint'),
    flannelInterface: one('flannel-iface'),
    protectKernelDefaults: values['protect-kernel-defaults'] === true,
    joins: values['server'] === undefined ? undefined : one('server'),
    server: isServer
      ? {
          clusterCIDR: one('cluster-cidr'),
          serviceCIDR: one('service-cidr'),
          clusterDNS: one('cluster-dns'),
          clusterDomain: one('cluster-domain'),
          flannelBackend: one('flannel-backend'),
          encryptsSecrets: values['secrets-encryption'] === true,
          names: list('tls-san'),
          exposesEtcdMetrics: values['etcd-expose-metrics'] === true,
          apiServerFlags: list('kube-apiserver-arg'),
          controllerManagerFlags: list('kube-controller-manager-arg'),
        }
      : undefined,
  };
}
