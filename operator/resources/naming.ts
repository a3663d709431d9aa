import { createHash } from 'node:crypto';

import { API_VERSION, KRAITE_FLEET, LABELS, type FleetObject } from '#operator/api';
import type { KubeObject, ObjectMeta, ResourceKind } from '#operator/runtime';

/**
 * Longest name of an object of ours.
 *
 * A StatefulSet's pods carry a label with its name and eleven characters more, and a label ends at 63 (Kubernetes,
 * "Labels and Selectors"); what is shorter than that fits everywhere else too.
 */
const NAME_LENGTH_MAX = 52;
const LABEL_LENGTH_MAX = 63;
const DIGEST_LENGTH = 8;

/** Returns `parts` joined by `-`; one that is too long is cut and ends in a digest of the whole, so it stays unique. */
export function objectName(...parts: readonly string[]): string {
  const whole = parts.join('-');
  if (whole.length <= NAME_LENGTH_MAX) return whole;
  const kept = whole.slice(0, NAME_LENGTH_MAX - DIGEST_LENGTH - 1).replace(/-+$/, '');
  return `${kept}-${digestOf(whole, DIGEST_LENGTH)}`;
}

/** Returns the first `length` hex digits of the SHA-256 of `text`. */
export function digestOf(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** Returns `text` as a label value: cut to 63 characters and ending in a letter or digit. */
export function labelValue(text: string): string {
  return text.slice(0, LABEL_LENGTH_MAX).replace(/[^a-zA-Z0-9]+$/, '');
}

/** Names of what a fleet is made of, beside its workloads. */
export function fleetNames(fleet: FleetObject) {
  const name = fleet.metadata.name;
  return {
    mysql: objectName(name, 'mysql'),
    redis: objectName(name, 'redis'),
    web: objectName(name, 'web'),
    object: objectName(name, 'fleet'),
    process: objectName(name, 'process'),
    coreSecret: objectName(name, 'core'),
    accountKeySecret: objectName(name, 'account-key'),
    adminSecret: objectName(name, 'admin'),
    indicatorsSecret: objectName(name, 'indicators'),
  } as const;
}

export function namespaceOf(fleet: FleetObject): string {
  return fleet.metadata.namespace ?? 'default';
}

export type Labels = Readonly<Record<string, string>>;

/** Labels of everything of a fleet. None of them changes with a version, so selectors may name them. */
export function fleetLabels(fleet: FleetObject, component: string): Labels {
  return {
    'app.kubernetes.io/name': 'kraite',
    'app.kubernetes.io/instance': labelValue(fleet.metadata.name),
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/part-of': 'kraite',
    'app.kubernetes.io/managed-by': 'kraite-operator',
    [LABELS.fleet]: fleet.metadata.name,
  };
}

interface NamespacedOptions {
  readonly name: string;
  readonly component: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  /** Stays when the fleet is deleted: without an owner nothing collects it. */
  readonly isKept?: boolean;
}

/** Returns the head of an object in the fleet's namespace, owned by the fleet unless it is to outlive it. */
export function namespacedHead(
  fleet: FleetObject,
  kind: ResourceKind,
  options: NamespacedOptions,
): Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'> {
  const metadata: ObjectMeta = {
    name: options.name,
    namespace: namespaceOf(fleet),
    labels: { ...fleetLabels(fleet, options.component), ...options.labels },
    ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    ...(options.isKept === true ? {} : { ownerReferences: [ownerOf(fleet)] }),
  };
  return { apiVersion: kind.apiVersion, kind: kind.kind, metadata };
}

function ownerOf(fleet: FleetObject) {
  return {
    apiVersion: API_VERSION,
    kind: KRAITE_FLEET.kind,
    name: fleet.metadata.name,
    uid: fleet.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}
