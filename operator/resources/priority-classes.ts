import type { WorkloadKind } from '#pkg/fleet-spec';
import type { KubeObject } from '#operator/runtime';
import { KINDS } from './kinds.ts';
import type { Fields } from './pod-parts.ts';

/** From the last to be evicted to the first. Below the system's own classes (2,000,000,000), above all else. */
const CLASSES = {
  'kraite-core': { value: 1_000_000, description: 'Database and Redis of a trading fleet.' },
  'kraite-trading': { value: 900_000, description: 'Workers and streams that guard positions.' },
  'kraite-brain': { value: 800_000, description: 'Dispatcher and scheduler of a trading fleet.' },
  'kraite-web': { value: 100_000, description: 'Sites of a trading fleet.' },
} as const satisfies Readonly<Record<string, Fields>>;

type ClassName = keyof typeof CLASSES;

const CLASS_OF: Readonly<Record<WorkloadKind, ClassName>> = {
  mysql: 'kraite-core',
  redis: 'kraite-core',
  worker: 'kraite-trading',
  'market-stream': 'kraite-trading',
  'user-stream': 'kraite-trading',
  dispatcher: 'kraite-brain',
  scheduler: 'kraite-brain',
  web: 'kraite-web',
};

export function priorityClassOf(kind: WorkloadKind): ClassName {
  return CLASS_OF[kind];
}

/** Returns the classes that all fleets of a cluster share; a pod that names a missing one is refused. */
export function buildPriorityClasses(): readonly KubeObject[] {
  return Object.entries(CLASSES).map(([name, { value, description }]) => ({
    apiVersion: KINDS.PriorityClass.apiVersion,
    kind: KINDS.PriorityClass.kind,
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'kraite-operator' } },
    value,
    description,
    preemptionPolicy: 'PreemptLowerPriority',
  }));
}
