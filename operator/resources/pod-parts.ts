/** What pods of ours are put together from. */
import type { BoxRole } from '#pkg/fleet-spec';
import { HEALTH_PATHS, LABELS, PORTS, TAINTS } from '#operator/api';
import { digestOf, type Labels } from './naming.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** The user of our image; it needs no entry in /etc/passwd. */
const PROCESS_USER = 65_532;

/** Returns what the `restricted` level of Pod Security asks of a pod. */
export function podSecurity(user: number = PROCESS_USER): Fields {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

export const CONTAINER_SECURITY: Fields = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** Pins to one box by the labels that a kubelet cannot write (NodeRestriction), so no box can call itself another. */
export function nodeSelector(box: { readonly name: string; readonly role: BoxRole }): Labels {
  return { [LABELS.nodeBox]: box.name, [LABELS.nodeRole]: box.role };
}

/** Seconds that a pod stays bound to a box that is away; undefined is for ever. */
const PATIENCE_SECONDS: Readonly<Record<BoxRole, number | undefined>> = {
  // Data is on that box, and so is the address: there is nowhere else to go, and the box trades on without the API.
  core: undefined,
  trading: undefined,
  brain: 30,
  indicators: 30,
};

/** Returns tolerations of the box's own taint and of its absence. An unverified address is tolerated by no process. */
export function tolerations(role: BoxRole): readonly Fields[] {
  const seconds = PATIENCE_SECONDS[role];
  const away = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    ...(seconds === undefined ? {} : { tolerationSeconds: seconds }),
  }));
  return [toleratesRole(role), ...away];
}

export function toleratesRole(role: BoxRole): Fields {
  return { key: TAINTS.role, operator: 'Equal', value: role, effect: 'NoSchedule' };
}

/** The database and Redis leave to nobody, so an address that is not verified does not keep them away. */
export const TOLERATES_UNVERIFIED: Fields = {
  key: TAINTS.egressUnverified,
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** Returns probes of the health port; a process listens before it is composed, so it starts at once. */
export function healthProbes(): Fields {
  const get = (path: string) => ({ httpGet: { path, port: 'health' } });
  return {
    startupProbe: { ...get(HEALTH_PATHS.live), periodSeconds: 1, failureThreshold: 120 },
    livenessProbe: {
      ...get(HEALTH_PATHS.live),
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    readinessProbe: {
      ...get(HEALTH_PATHS.ready),
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
  };
}

export const HEALTH_PORT: Fields = { name: 'health', containerPort: PORTS.health, protocol: 'TCP' };

/** Returns a probe that runs `command` in the container. */
export function execProbe(
  command: readonly string[],
  timing: { readonly periodSeconds: number; readonly failureThreshold: number },
): Fields {
  return { exec: { command }, timeoutSeconds: 5, ...timing };
}

export function emptyFolder(name: string, sizeLimit: string): Fields {
  return { name, emptyDir: { sizeLimit } };
}

export function fromSecret(name: string, secret: string, key: string): Fields {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/** Returns the hash of what makes a pod another one, whatever the order of its fields. */
export function templateHash(template: Fields): string {
  return digestOf(JSON.stringify(sorted(template)), 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, sorted(each)]),
  );
}
