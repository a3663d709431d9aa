import { assert } from '#pkg/base';
import type { ResourceKind } from './kube-object.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Returns where the API serves a group version: `/api/v1` or `/apis/apps/v1`. */
export function groupVersionPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Returns the path of a kind's collection, in one namespace or in all. */
export function collectionPath(kind: ResourceKind, namespace: string | undefined): string {
  const inside =
    kind.isNamespaced && namespace !== undefined
      ? `/namespaces/${encodeURIComponent(namespace)}`
      : '';
  return `${groupVersionPath(kind.apiVersion)}${inside}/${kind.plural}`;
}

/** Returns the path of one object, or of its subresource. */
export function objectPath(
  kind: ResourceKind,
  name: { readonly namespace?: string | undefined; readonly name: string },
  subresource?: string,
): string {
  assert(name.name !== '', `an object of kind ${kind.kind} needs a name`);
  assert(
    !kind.isNamespaced || (name.namespace !== undefined && name.namespace !== ''),
    `${kind.kind} ${name.name} needs a namespace`,
  );
  const path = `${collectionPath(kind, name.namespace)}/${encodeURIComponent(name.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** Returns `path` with the given parameters behind it; absent ones are left out. */
export function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}
