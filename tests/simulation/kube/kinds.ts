import type { ResourceKind } from '#operator/runtime';

export const CONFIG_MAP: ResourceKind = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  isNamespaced: true,
};

export const LEASE: ResourceKind = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  isNamespaced: true,
};

export const EVENT: ResourceKind = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  plural: 'events',
  isNamespaced: true,
};

/** What the small operators of the simulations watch. */
export const PARENT: ResourceKind = {
  apiVersion: 'test.example/v1',
  kind: 'Parent',
  plural: 'parents',
  isNamespaced: true,
};
