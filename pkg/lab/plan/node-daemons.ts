import { join } from 'node:path';
import { paths } from '../paths.ts';
import type { Daemon } from './control-plane.ts';
import type { LabNode, LabPlan } from './lab-plan.ts';

/** Sockets and state of a node's programs, as the node sees them. */
const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';
export const PAUSE_IMAGE = 'kraite.lab/pause:1';
export const FLANNEL_LEASE = 'run/flannel/subnet.env';
export const CNI_FILE = 'etc/cni/net.d/10-flannel.conflist';

export interface ConfigFile {
  /** Absolute, as everybody sees it. */
  readonly path: string;
  readonly text: string;
}

/** Returns containerd and the file that it reads. `root` holds its images; it outlives the lab. */
export function containerdOf(node: LabNode, root: string): { daemon: Daemon; file: ConfigFile } {
  const file = join(paths.node(node.name), 'containerd.toml');
  const cri = "plugins.'io.containerd.cri.v1";
  const text = [
    'version = 3',
    `root = "${root}"`,
    'state = "/run/containerd"',
    '[grpc]',
    `  address = "${CONTAINERD_SOCKET}"`,
    `[${cri}.images'.pinned_images]`,
    `  sandbox = "${PAUSE_IMAGE}"`,
    `[${cri}.runtime']`,
    // A container's root may lack the right to lower it, and every pod would then fail to start.
    '  restrict_oom_score_adj = true',
    `[${cri}.runtime'.cni]`,
    `  bin_dirs = ["${paths.bin}"]`,
    '  conf_dir = "/etc/cni/net.d"',
    `[${cri}.runtime'.containerd.runtimes.runc]`,
    '  runtime_type = "io.containerd.runc.v2"',
    `[${cri}.runtime'.containerd.runtimes.runc.options]`,
    `  BinaryName = "${join(paths.bin, 'runc')}"`,
    '  SystemdCgroup = false',
    '',
  ].join('\n');
  return {
    daemon: { name: 'containerd', command: ['containerd', '--config', file] },
    file: { path: file, text },
  };
}

/** Returns kubelet, kube-proxy and flannel of a node, and the files that they read. */
export function nodeDaemonsOf(
  plan: LabPlan,
  node: LabNode,
): { readonly daemons: readonly Daemon[]; readonly files: readonly ConfigFile[] } {
  const file = (name: string): string => join(paths.node(node.name), name);
  const { k3s } = node;
  const labels = k3s.labels.length === 0 ? [] : [`--node-labels=${k3s.labels.join(',')}`];
  return {
    daemons: [
      {
        name: 'kubelet',
        command: [
          'kubelet',
          `--config=${file('kubelet.json')}`,
          `--kubeconfig=${paths.kubeconfig(`kubelet-${node.name}`)}`,
          `--hostname-override=${k3s.nodeName}`,
          `--node-ip=${k3s.nodeIP}`,
          '--cert-dir=/var/lib/kubelet/pki',
          ...labels,
        ],
      },
      { name: 'kube-proxy', command: ['kube-proxy', `--config=${file('kube-proxy.json')}`] },
      {
        name: 'flannel',
        command: [
          'flanneld',
          '--kube-subnet-mgr',
          `--kubeconfig-file=${paths.kubeconfig('flannel')}`,
          `--net-config-path=${file('flannel.json')}`,
          `--iface=${k3s.flannelInterface}`,
          '--ip-masq',
          '--healthz-port=0',
        ],
      },
    ],
    files: [
      { path: file('kubelet.json'), text: JSON.stringify(kubeletSettings(plan, node)) },
      { path: file('kube-proxy.json'), text: JSON.stringify(proxySettings(plan, node)) },
      {
        path: file('flannel.json'),
        text: JSON.stringify({
          Network: plan.cluster.clusterCIDR,
          Backend: { Type: plan.cluster.flannelBackend },
        }),
      },
    ],
  };
}

function kubeletSettings(
  { cluster }: LabPlan,
  { k3s }: LabNode,
): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    // Machines with the older cgroups are good enough for a lab.
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    protectKernelDefaults: k3s.protectKernelDefaults,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: paths.key('cluster.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: paths.key('cluster.crt'),
    tlsPrivateKeyFile: paths.key('cluster.key'),
    clusterDNS: [cluster.clusterDNS],
    clusterDomain: cluster.clusterDomain,
    resolvConf: '/etc/resolv.conf',
    registerWithTaints: k3s.taints.map(taintOf),
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    nodeStatusUpdateFrequency: '5s',
    // One disk is every box's disk: its filling up must not evict pods of all seven.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  };
}

function taintOf(text: string): Readonly<Record<string, string>> {
  const [, key = '', value = '', effect = ''] = /^([^=]+)=([^:]*):(.+)$/.exec(text) ?? [];
  return { key, value, effect };
}

function proxySettings({ cluster }: LabPlan, { k3s }: LabNode): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: paths.kubeconfig('kube-proxy') },
    hostnameOverride: k3s.nodeName,
    mode: 'iptables',
    clusterCIDR: cluster.clusterCIDR,
    // The kernel lets only its first network namespace set these.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    oomScoreAdj: 0,
  };
}

/** Returns the network configuration of pods that follows from what flannel wrote of its lease. */
export function cniConfigOf(lease: string): string {
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(lease)?.[1] ?? '';
  const subnet = value('FLANNEL_SUBNET').replace(/\.\d+\//, '.0/');
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'cbr0',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        isDefaultGateway: true,
        hairpinMode: true,
        ipMasq: false,
        mtu: Number(value('FLANNEL_MTU')),
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet }]],
          dataDir: '/var/lib/cni/networks',
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}
