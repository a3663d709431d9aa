/**
 * The `restricted` level of Pod Security (Kubernetes, "Pod Security Standards"), as far as pods of ours use fields of it.
 *
 * It asks for the safe value to be written, where the API server also takes the pod's for a container's; stricter is fine.
 */
import type { KubeObject } from '#operator/runtime';

interface Security {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly seccompProfile?: { readonly type?: string };
}

interface Container {
  readonly name: string;
  readonly securityContext?: Security;
  readonly ports?: readonly { readonly hostPort?: number }[];
}

export interface PodSpec {
  readonly securityContext?: Security;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}

const VOLUME_KINDS = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** Returns the spec of the pods that `object` makes, or undefined when it makes none. */
export function podSpecOf(object: KubeObject): PodSpec | undefined {
  const { template } = (object['spec'] ?? {}) as { readonly template?: { spec: PodSpec } };
  return template?.spec;
}

/** Returns what about `pod` breaks the level, and what a read-only root would add. */
export function breachesOf(pod: PodSpec): readonly string[] {
  const { securityContext: shared = {}, volumes = [] } = pod;
  return [
    ...said(pod.hostNetwork === true, 'hostNetwork'),
    ...said(pod.hostPID === true, 'hostPID'),
    ...said(pod.hostIPC === true, 'hostIPC'),
    ...said(shared.runAsNonRoot !== true, 'runAsNonRoot'),
    ...said(shared.runAsUser === undefined || shared.runAsUser === 0, 'runAsUser'),
    ...said(shared.seccompProfile?.type !== 'RuntimeDefault', 'seccompProfile'),
    ...volumes.flatMap(({ name, ...source }) =>
      said(
        !Object.keys(source).every((kind) => VOLUME_KINDS.includes(kind)),
        `volume ${String(name)}`,
      ),
    ),
    ...[...pod.containers, ...(pod.initContainers ?? [])].flatMap(breachesOfContainer),
  ];
}

function breachesOfContainer({ name, securityContext = {}, ports = [] }: Container) {
  const { capabilities = {} } = securityContext;
  return [
    ...said(securityContext.privileged === true, 'privileged'),
    ...said(securityContext.allowPrivilegeEscalation !== false, 'allowPrivilegeEscalation'),
    ...said(securityContext.readOnlyRootFilesystem !== true, 'readOnlyRootFilesystem'),
    ...said(securityContext.runAsNonRoot === false, 'runAsNonRoot'),
    ...said(securityContext.runAsUser === 0, 'runAsUser'),
    ...said(capabilities.drop?.includes('ALL') !== true, 'capabilities.drop'),
    ...said((capabilities.add ?? []).length > 0, 'capabilities.add'),
    ...said(
      ports.some(({ hostPort }) => hostPort !== undefined),
      'hostPort',
    ),
  ].map((breach) => `${name}: ${breach}`);
}

function said(isSo: boolean, sentence: string): readonly string[] {
  return isSo ? [sentence] : [];
}
