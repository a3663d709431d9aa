import type { KraiteFleet } from '#pkg/fleet-spec';
import { CLUSTER_DNS, POD_NETWORK, SERVICE_NETWORK } from './cluster-networks.ts';
import type { Section } from './sections.ts';
import type { Topology } from './topology.ts';

/** Kubernetes waits this long for a silent node, and this long again before it replaces pods that say nothing else. */
const NODE_GRACE = '40s';
const TOLERATION_SECONDS = 60;

/** Every six hours, a week of them. */
const SNAPSHOT_CRON = '17 */6 * * *';
const SNAPSHOTS_KEPT = 28;

/** Returns what all servers have in common; nothing here may depend on which one it is. */
export function serverSections(fleet: KraiteFleet, topology: Topology): readonly Section[] {
  return [
    {
      why: 'From here on the same on every server, or a server cannot join.',
      settings: {
        'agent-token-file': '/etc/rancher/k3s/agent-token',
        'cluster-cidr': POD_NETWORK,
        'service-cidr': SERVICE_NETWORK,
        'cluster-dns': CLUSTER_DNS,
        'cluster-domain': 'cluster.local',
        'flannel-backend': 'vxlan',
        'secrets-encryption': true,
      },
    },
    {
      why: 'Web brings its own TLS, and Helm is run where a person sees it fail.',
      settings: { disable: ['traefik', 'servicelb'], 'disable-helm-controller': true },
    },
    {
      why: 'What the certificate of the API server names; the host firewall keeps its port private.',
      settings: {
        'tls-san': topology.servers.flatMap(({ name, privateIP }) => [privateIP, name]),
        'write-kubeconfig-mode': '0600',
      },
    },
    {
      why: 'A lost box is noticed in less than a minute; pods say by role whether they move at all.',
      settings: {
        'kube-apiserver-arg': [
          `default-not-ready-toleration-seconds=${TOLERATION_SECONDS}`,
          `default-unreachable-toleration-seconds=${TOLERATION_SECONDS}`,
        ],
        'kube-controller-manager-arg': [`node-monitor-grace-period=${NODE_GRACE}`],
      },
    },
    {
      why: 'Metrics of etcd, for the alert on slow disks.',
      settings: { 'etcd-expose-metrics': true },
    },
    ...snapshotSections(fleet),
  ];
}

/** File that a person writes on each server; k3s reads every file of this folder after config.yaml. */
export const SNAPSHOT_KEYS_FILE = '/etc/rancher/k3s/config.yaml.d/etcd-s3-keys.yaml';

function snapshotSections({ metadata, spec }: KraiteFleet): readonly Section[] {
  const schedule = {
    'etcd-snapshot-schedule-cron': SNAPSHOT_CRON,
    'etcd-snapshot-retention': SNAPSHOTS_KEPT,
  };
  const { s3 } = spec.core.backup;
  if (s3 === null) {
    return [
      {
        why: 'Snapshots of etcd stay on this box: spec.core.backup.s3 names no object storage.',
        settings: schedule,
      },
    ];
  }
  const { host, protocol } = new URL(s3.endpoint);
  return [
    {
      why: `Snapshots of etcd go to object storage. The keys stand in ${SNAPSHOT_KEYS_FILE}\n(etcd-s3-access-key, etcd-s3-secret-key; mode 0600), never here.`,
      settings: {
        ...schedule,
        'etcd-s3': true,
        'etcd-s3-endpoint': host,
        'etcd-s3-bucket': s3.bucket,
        'etcd-s3-region': s3.region,
        'etcd-s3-folder': `${metadata.name}/etcd`,
        ...(protocol === 'http:' ? { 'etcd-s3-insecure': true } : {}),
      },
    },
  ];
}
