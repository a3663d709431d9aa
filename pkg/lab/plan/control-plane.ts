import { paths } from '../paths.ts';
import type { LabNode, LabPlan } from './lab-plan.ts';

/** A program of a box that keeps running. */
export interface Daemon {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
}

export const API_PORT = 6443;
/** Where each box reaches whichever API server answers, as an agent of k3s does. */
export const BALANCER_PORT = 6444;

/** Returns etcd, API server, controller manager and scheduler of one server, as the settings of k3s ask for them. */
export function controlPlaneOf(plan: LabPlan, node: LabNode, isNew: boolean): readonly Daemon[] {
  return [
    etcd(plan, node, isNew),
    apiServer(plan, node),
    controllerManager(plan),
    { name: 'scheduler', command: ['kube-scheduler', ...clientFlags(plan, 'scheduler')] },
  ];
}

function etcd(plan: LabPlan, { name, privateIP }: LabNode, isNew: boolean): Daemon {
  const members = plan.servers.map((each) => `${each.name}=http://${each.privateIP}:2380`);
  return {
    name: 'etcd',
    command: [
      'etcd',
      `--name=${name}`,
      '--data-dir=/var/lib/etcd',
      `--listen-client-urls=http://${privateIP}:2379,http://127.0.0.1:2379`,
      `--advertise-client-urls=http://${privateIP}:2379`,
      `--listen-peer-urls=http://${privateIP}:2380`,
      `--initial-advertise-peer-urls=http://${privateIP}:2380`,
      `--initial-cluster=${members.join(',')}`,
      `--initial-cluster-state=${isNew ? 'new' : 'existing'}`,
      ...(plan.cluster.exposesEtcdMetrics
        ? [`--listen-metrics-urls=http://${privateIP}:2381,http://127.0.0.1:2381`]
        : []),
      // All boxes share one disk here, and what a power cut would lose is not what a lab on one kernel can show.
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
  };
}

function apiServer({ cluster }: LabPlan, { privateIP }: LabNode): Daemon {
  const certificate = [paths.key('cluster.crt'), paths.key('cluster.key')] as const;
  return {
    name: 'apiserver',
    command: [
      'kube-apiserver',
      '--etcd-servers=http://127.0.0.1:2379',
      '--bind-address=0.0.0.0',
      `--advertise-address=${privateIP}`,
      `--secure-port=${API_PORT}`,
      `--tls-cert-file=${certificate[0]}`,
      `--tls-private-key-file=${certificate[1]}`,
      `--token-auth-file=${paths.key('tokens.csv')}`,
      `--kubelet-client-certificate=${certificate[0]}`,
      `--kubelet-client-key=${certificate[1]}`,
      `--kubelet-certificate-authority=${certificate[0]}`,
      '--kubelet-preferred-address-types=InternalIP',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${paths.key('service-account.pub')}`,
      `--service-account-signing-key-file=${paths.key('service-account.key')}`,
      `--service-cluster-ip-range=${cluster.serviceCIDR}`,
      '--authorization-mode=Node,RBAC',
      '--anonymous-auth=false',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      ...(cluster.encryptsSecrets
        ? [`--encryption-provider-config=${paths.key('encryption.json')}`]
        : []),
      ...flagsOf(cluster.apiServerFlags),
    ],
  };
}

function controllerManager(plan: LabPlan): Daemon {
  const { cluster } = plan;
  return {
    name: 'controller-manager',
    command: [
      'kube-controller-manager',
      ...clientFlags(plan, 'controller-manager'),
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${paths.key('service-account.key')}`,
      `--root-ca-file=${paths.key('cluster.crt')}`,
      '--allocate-node-cidrs=true',
      `--cluster-cidr=${cluster.clusterCIDR}`,
      `--service-cluster-ip-range=${cluster.serviceCIDR}`,
      ...flagsOf(cluster.controllerManagerFlags),
    ],
  };
}

function clientFlags({ servers }: LabPlan, who: string): readonly string[] {
  return [
    `--kubeconfig=${paths.kubeconfig(who)}`,
    '--bind-address=127.0.0.1',
    `--leader-elect=${servers.length > 1}`,
    // With its own client limits it needs 8 s to start.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

function flagsOf(settings: readonly string[]): readonly string[] {
  return settings.map((setting) => `--${setting}`);
}
