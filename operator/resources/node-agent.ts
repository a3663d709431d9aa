import { LABELS, PATHS, PORTS, TAINTS } from '#operator/api';
import type { KubeObject, ResourceKind } from '#operator/runtime';
import { EGRESS_ROLES } from './fleet-context.ts';
import { KINDS } from './kinds.ts';
import type { Labels } from './naming.ts';
import { ANYWHERE, NAME_LOOKUPS } from './network-policies.ts';
import {
  CONTAINER_SECURITY,
  emptyFolder,
  HEALTH_PORT,
  healthProbes,
  podSecurity,
  type Fields,
} from './pod-parts.ts';

export interface NodeAgentOptions {
  /** Of the operator's own release: agents are the operator's hands, not the fleet's. */
  readonly image: string;
  readonly version: string;
  readonly logLevel: string;
  /**
   * Where the operator runs. Agents use the host's network and its folders, which Pod Security allows in a `privileged`
   * namespace only; a fleet's own stays `restricted`.
   */
  readonly systemNamespace: string;
}

/** Account of the agents; the operator's chart makes it and gives it its rights. */
const ACCOUNT = 'kraite-node-agent';
const AGENT = 'kraite-node-agent';
const PROBE = 'kraite-egress-probe';

/**
 * Returns what stands on every box that carries traffic to the venue: the agent that writes the rules of its node, and
 * beside it a probe on the pods' network, which takes the way that the fleet's pods take.
 *
 * All fleets of a cluster share them, so they belong to no fleet: the guard of a box outlives whoever was deleted.
 */
export function buildNodeAgents(options: NodeAgentOptions): readonly KubeObject[] {
  return [buildAgent(options), buildProbe(options), buildProbePolicy(options)];
}

function buildAgent(options: NodeAgentOptions): KubeObject {
  const folders = [
    hostFolder('egress', PATHS.egressFolder),
    hostFolder('probe', PATHS.probeFolder),
    hostFolder('boot', PATHS.bootFolder),
  ];
  return daemonSet(options, AGENT, {
    serviceAccountName: ACCOUNT,
    hostNetwork: true,
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'agent',
        image: options.image,
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '/app/cmd/node-agent/main.ts'],
        env: [
          fromField('KRAITE_NODE_NAME', 'spec.nodeName'),
          // The private address: on the host's network 0.0.0.0 would be the world.
          fromField('KRAITE_HEALTH_HOST', 'status.hostIP'),
          { name: 'KRAITE_HEALTH_PORT', value: String(PORTS.health) },
          { name: 'KRAITE_VERSION', value: options.version },
          { name: 'KRAITE_LOG_LEVEL', value: options.logLevel },
        ],
        ports: [{ ...HEALTH_PORT, hostPort: PORTS.health }],
        ...healthProbes(),
        resources: { requests: { cpu: '20m', memory: '96Mi' }, limits: { memory: '256Mi' } },
        securityContext: {
          ...CONTAINER_SECURITY,
          // Owner of the folders and of the rules.
          runAsUser: 0,
          runAsGroup: 0,
          capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
        },
        volumeMounts: [
          ...folders.map(({ name, path }) => ({ name, mountPath: path })),
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [...folders.map(({ volume }) => volume), emptyFolder('tmp', '64Mi')],
  });
}

function buildProbe(options: NodeAgentOptions): KubeObject {
  const { name, path, volume } = hostFolder('probe', PATHS.probeFolder);
  return daemonSet(options, PROBE, {
    automountServiceAccountToken: false,
    securityContext: podSecurity(),
    containers: [
      {
        name: 'probe',
        image: options.image,
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '/app/cmd/egress-probe/main.ts'],
        env: [{ name: 'KRAITE_LOG_LEVEL', value: options.logLevel }],
        resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [
          { name, mountPath: path, readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [volume, emptyFolder('tmp', '64Mi')],
  });
}

/** The probe asks services of the public network and answers to nobody but its agent, over a socket. */
function buildProbePolicy({ systemNamespace }: NodeAgentOptions): KubeObject {
  return {
    ...headOf(KINDS.NetworkPolicy, PROBE, systemNamespace),
    spec: {
      podSelector: { matchLabels: selectorOf(PROBE) },
      policyTypes: ['Ingress', 'Egress'],
      egress: [NAME_LOOKUPS, { to: [{ ipBlock: ANYWHERE }] }],
    },
  };
}

function daemonSet({ systemNamespace }: NodeAgentOptions, name: string, spec: Fields): KubeObject {
  const labels = selectorOf(name);
  const onEgressBoxes = { key: LABELS.nodeRole, operator: 'In', values: EGRESS_ROLES };
  return {
    ...headOf(KINDS.DaemonSet, name, systemNamespace),
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          enableServiceLinks: false,
          priorityClassName: 'system-node-critical',
          terminationGracePeriodSeconds: 30,
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [onEgressBoxes] }],
              },
            },
          },
          tolerations: [
            { key: TAINTS.role, operator: 'Exists', effect: 'NoSchedule' },
            { key: TAINTS.egressUnverified, operator: 'Exists', effect: 'NoSchedule' },
          ],
          ...spec,
        },
      },
    },
  };
}

function headOf(
  { apiVersion, kind }: ResourceKind,
  name: string,
  namespace: string,
): Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'> {
  const labels = {
    ...selectorOf(name),
    'app.kubernetes.io/part-of': 'kraite',
    'app.kubernetes.io/managed-by': 'kraite-operator',
  };
  return { apiVersion, kind, metadata: { name, namespace, labels } };
}

function selectorOf(name: string): Labels {
  return { 'app.kubernetes.io/name': name };
}

function hostFolder(name: string, path: string) {
  return { name, path, volume: { name, hostPath: { path, type: 'DirectoryOrCreate' } } };
}

function fromField(name: string, fieldPath: string): Fields {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
