import { ANNOTATIONS } from '#operator/api';
import { carries, hashOf, type KubeObject } from '#operator/runtime';

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

/** Returns whether `live` carries every field of `desired`, which names its own hash. */
export function isInPlace(live: KubeObject | undefined, desired: KubeObject): boolean {
  return live !== undefined && carries(live, desired);
}
