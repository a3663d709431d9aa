import type { KubeObject, ObjectMeta, OwnerReference } from './kube-object.ts';

/** Returns the reference that makes `owner` the controller of an object: both go together. */
export function controllerReference(owner: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Returns the one owner that controls `object`, if any. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

/**
 * Returns the merge patch that puts `finalizer` on the object or takes it off, or undefined when nothing is to do.
 *
 * It carries the resourceVersion: a list is replaced whole by a merge patch, and a stranger's finalizer must not get lost.
 */
export function finalizerPatch(
  object: KubeObject,
  finalizer: string,
  isWanted: boolean,
): { readonly metadata: Pick<ObjectMeta, 'resourceVersion' | 'finalizers'> } | undefined {
  if (hasFinalizer(object, finalizer) === isWanted) return undefined;
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  const { resourceVersion } = object.metadata;
  return {
    metadata: {
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      finalizers: isWanted ? [...others, finalizer] : others,
    },
  };
}
