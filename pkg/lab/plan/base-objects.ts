import { KUBELET_CLIENT } from './identities.ts';
import type { LabPlan } from './lab-plan.ts';

export const COREDNS_IMAGE = 'kraite.lab/coredns:1.15.0';

type Fields = Readonly<Record<string, unknown>>;

const RBAC = 'rbac.authorization.k8s.io';

/** Returns what every cluster of k3s has from the start: rights of flannel and of the API server at kubelets, and CoreDNS. */
export function baseObjectsOf({ cluster, servers }: LabPlan): Fields {
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      role('kraite-lab-flannel', [
        { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      ]),
      binding('kraite-lab-flannel', 'kraite-lab-flannel', { kind: 'User', name: 'flannel' }),
      binding('kraite-lab-kubelets', 'system:kubelet-api-admin', {
        kind: 'User',
        name: KUBELET_CLIENT,
      }),
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: head('coredns') },
      role('kraite-lab-coredns', [
        {
          apiGroups: [''],
          resources: ['endpoints', 'services', 'pods', 'namespaces'],
          verbs: ['list', 'watch'],
        },
        {
          apiGroups: ['discovery.k8s.io'],
          resources: ['endpointslices'],
          verbs: ['list', 'watch'],
        },
      ]),
      binding('kraite-lab-coredns', 'kraite-lab-coredns', {
        kind: 'ServiceAccount',
        name: 'coredns',
        namespace: 'kube-system',
      }),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: head('coredns'),
        data: { Corefile: corefile(cluster.clusterDomain) },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { ...head('kube-dns'), labels: LABELS },
        spec: {
          clusterIP: cluster.clusterDNS,
          selector: LABELS,
          ports: [
            { name: 'dns', port: 53, protocol: 'UDP' },
            { name: 'dns-tcp', port: 53, protocol: 'TCP' },
          ],
        },
      },
      dnsDeployment(servers.map(({ name }) => name)),
    ],
  };
}

const LABELS = { 'k8s-app': 'kube-dns' };

function head(name: string): Fields {
  return { name, namespace: 'kube-system' };
}

function role(name: string, rules: readonly Fields[]): Fields {
  return { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name }, rules };
}

function binding(name: string, roleName: string, subject: Fields): Fields {
  const group = subject['kind'] === 'User' ? { apiGroup: RBAC } : {};
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: roleName },
    subjects: [{ ...group, ...subject }],
  };
}

function corefile(domain: string): string {
  return [
    '.:53 {',
    '    errors',
    '    health',
    '    ready',
    `    kubernetes ${domain} in-addr.arpa {`,
    '      pods insecure',
    '    }',
    '    cache 30',
    '    loadbalance',
    '}',
    '',
  ].join('\n');
}

/** On the servers, whatever they are tainted with: k3s' own tolerates less, and would wait for a box that verified its address. */
function dnsDeployment(servers: readonly string[]): Fields {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: head('coredns'),
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          serviceAccountName: 'coredns',
          priorityClassName: 'system-cluster-critical',
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  {
                    matchExpressions: [
                      { key: 'kubernetes.io/hostname', operator: 'In', values: servers },
                    ],
                  },
                ],
              },
            },
          },
          tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
          containers: [
            {
              name: 'coredns',
              image: COREDNS_IMAGE,
              imagePullPolicy: 'Never',
              args: ['-conf', '/etc/coredns/Corefile'],
              readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
              resources: { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '170Mi' } },
              volumeMounts: [{ name: 'settings', mountPath: '/etc/coredns' }],
            },
          ],
          volumes: [{ name: 'settings', configMap: { name: 'coredns' } }],
        },
      },
    },
  };
}
