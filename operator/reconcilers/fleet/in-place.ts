import { createHash } from 'node:crypto';

import { ANNOTATIONS } from '#operator/api';
import type { KubeObject } from '#operator/runtime';

/**
 * Returns `desired` with the hash of itself as an annotation.
 *
 * Server-side apply drops a field that its manager leaves out; the hash is how that shows without a comparison of owners.
 */
export function withAppliedHash(desired: KubeObject): KubeObject {
  // A pool brings its own, in which what a person scales does not count.
  if (desired.metadata.annotations?.[ANNOTATIONS.appliedHash] !== undefined) return desired;
  return withAnnotation(desired, ANNOTATIONS.appliedHash, hashOf(desired));
}

export function withAnnotation(object: KubeObject, name: string, value: string): KubeObject {
  const annotations = { ...object.metadata.annotations, [name]: value };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

/**
 * Returns whether `live` carries every field of `desired`.
 *
 * What the API server adds to an object counts for nothing, and what it leaves out because it says nothing (false, 0,
 * an empty list) counts as there. A list must be as long as it is wanted: an entry that a stranger added is drift.
 */
export function isInPlace(live: unknown, desired: unknown): boolean {
  if (live === desired) return true;
  if (live === undefined || live === null) return saysNothing(desired);
  if (Array.isArray(desired)) {
    return (
      Array.isArray(live) &&
      live.length === desired.length &&
      desired.every((each, index) => isInPlace(live[index], each))
    );
  }
  if (!isRecord(desired) || !isRecord(live)) return false;
  return Object.entries(desired).every(([name, value]) => isInPlace(live[name], value));
}

function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') {
    return true;
  }
  return typeof value === 'object' && Object.values(value).every(saysNothing);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
