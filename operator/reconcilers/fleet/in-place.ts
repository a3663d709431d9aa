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

/** What each object of a cache was found to carry last. */
const carried = new WeakMap<KubeObject, KubeObject>();

/** Returns whether `live` carries every field of `desired`, which names its own hash. */
export function isInPlace(live: KubeObject | undefined, desired: KubeObject): boolean {
  if (live === undefined) return false;
  if (carried.get(live) === desired) return true;
  if (!carries(live, desired)) return false;
  // Objects of a cache are frozen: as long as both are these two, the answer stays.
  if (Object.isFrozen(live)) carried.set(live, desired);
  return true;
}
