import type { Cache } from './client.ts';
import type { KubeObject, ResourceKind } from './kube-object.ts';

/** What changed in a store: `old` is absent for a new object, `object` for one that is gone. */
export interface StoreChange {
  readonly old?: KubeObject;
  readonly object?: KubeObject;
}

/** The newest known objects of one kind, indexed by namespace and by owner. Written by one reflector, read by everybody. */
export interface KindStore {
  readonly kind: ResourceKind;
  find(namespace: string | undefined, name: string): KubeObject | undefined;
  /** Of one namespace, or of all. */
  list(namespace?: string): Iterable<KubeObject>;
  listOwned(uid: string): readonly KubeObject[];
  isFresh(): boolean;
  /**
   * Calls `onChange` after each change, and `onListed` after a new list: what came and went again since the version before
   * it makes no change. They must not throw and must not wait.
   */
  subscribe(onChange: (change: StoreChange) => void, onListed?: () => void): void;
}

/** The writing side of {@link KindStore}. */
export interface WritableKindStore extends KindStore {
  put(object: KubeObject): void;
  remove(object: KubeObject): void;
  /** Makes the store hold exactly `objects` (of one namespace, when it is named); what is missing among them is gone. */
  replaceAll(objects: readonly KubeObject[], namespace?: string): void;
  /** Each namespace with a reflector of its own has a say: the store is fresh when all of them are. */
  setFresh(isFresh: boolean, namespace?: string): void;
}

export function createKindStore(kind: ResourceKind): WritableKindStore {
  return new MemoryKindStore(kind);
}

class MemoryKindStore implements WritableKindStore {
  readonly kind: ResourceKind;
  /** By namespace, then by name. */
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #owned = new Map<string, Map<string, KubeObject>>();
  readonly #onChange: ((change: StoreChange) => void)[] = [];
  readonly #onListed: (() => void)[] = [];
  readonly #freshness = new Map<string, boolean>();

  constructor(kind: ResourceKind) {
    this.kind = kind;
  }

  find(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(namespace ?? '')?.get(name);
  }

  *list(namespace?: string): Iterable<KubeObject> {
    if (namespace !== undefined) return yield* this.#objects.get(namespace)?.values() ?? [];
    for (const objects of this.#objects.values()) yield* objects.values();
  }

  listOwned(uid: string): readonly KubeObject[] {
    return [...(this.#owned.get(uid)?.values() ?? [])];
  }

  isFresh(): boolean {
    return this.#freshness.size > 0 && [...this.#freshness.values()].every(Boolean);
  }

  setFresh(isFresh: boolean, namespace = ''): void {
    this.#freshness.set(namespace, isFresh);
  }

  subscribe(onChange: (change: StoreChange) => void, onListed?: () => void): void {
    this.#onChange.push(onChange);
    if (onListed !== undefined) this.#onListed.push(onListed);
  }

  put(object: KubeObject): void {
    const { namespace = '', name, resourceVersion } = object.metadata;
    const key = keyOf(object.metadata);
    const old = this.find(namespace, name);
    if (old !== undefined && old.metadata.resourceVersion === resourceVersion) return;
    const slim = freeze(withoutManagedFields(object));
    this.#unindex(key, old);
    const beside = this.#objects.get(namespace) ?? new Map<string, KubeObject>();
    this.#objects.set(namespace, beside.set(name, slim));
    for (const { uid } of slim.metadata.ownerReferences ?? []) {
      const owned = this.#owned.get(uid) ?? new Map<string, KubeObject>();
      owned.set(key, slim);
      this.#owned.set(uid, owned);
    }
    this.#tell({ ...(old === undefined ? {} : { old }), object: slim });
  }

  remove(object: KubeObject): void {
    const { namespace = '', name } = object.metadata;
    const old = this.find(namespace, name);
    if (old === undefined) return;
    this.#unindex(keyOf(object.metadata), old);
    const beside = this.#objects.get(namespace);
    beside?.delete(name);
    if (beside?.size === 0) this.#objects.delete(namespace);
    this.#tell({ old });
  }

  replaceAll(objects: readonly KubeObject[], namespace?: string): void {
    const kept = new Set(objects.map(({ metadata }) => keyOf(metadata)));
    for (const old of [...this.list(namespace)]) {
      if (!kept.has(keyOf(old.metadata))) this.remove(old);
    }
    for (const object of objects) this.put(object);
    for (const tell of this.#onListed) tell();
  }

  #unindex(key: string, old: KubeObject | undefined): void {
    for (const { uid } of old?.metadata.ownerReferences ?? []) {
      const owned = this.#owned.get(uid);
      owned?.delete(key);
      if (owned?.size === 0) this.#owned.delete(uid);
    }
  }

  #tell(change: StoreChange): void {
    for (const tell of this.#onChange) tell(change);
  }
}

/** Returns the cache over some kinds; asking it for another kind is a mistake of the caller and throws. */
export function createCache(stores: ReadonlyMap<string, KindStore>): Cache {
  const storeOf = (kind: ResourceKind): KindStore => {
    const store = stores.get(kindKey(kind));
    if (store === undefined) {
      throw new Error(`no controller watches ${kind.kind}: name it in owned or mapped`);
    }
    return store;
  };
  return {
    find: (kind, { namespace, name }) => storeOf(kind).find(namespace, name),
    list: (kind, { namespace, labels = {} } = {}) => {
      const wanted = Object.entries(labels);
      return [...storeOf(kind).list(namespace)].filter(({ metadata }) =>
        wanted.every(([label, value]) => metadata.labels?.[label] === value),
      );
    },
    listOwned: (kind, uid) => storeOf(kind).listOwned(uid),
    isFresh: (kind) => storeOf(kind).isFresh(),
  };
}

/** Returns what tells two kinds apart. */
export function kindKey(kind: Pick<ResourceKind, 'apiVersion' | 'plural'>): string {
  return `${kind.apiVersion}/${kind.plural}`;
}

function keyOf(name: { readonly namespace?: string | undefined; readonly name: string }): string {
  return `${name.namespace ?? ''}/${name.name}`;
}

/** They are half of an object's size, and nobody here reads them. */
function withoutManagedFields(object: KubeObject): KubeObject {
  if (!('managedFields' in object.metadata)) return object;
  const { managedFields: _, ...metadata } = object.metadata as KubeObject['metadata'] & {
    readonly managedFields?: unknown;
  };
  return { ...object, metadata };
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
