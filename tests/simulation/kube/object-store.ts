import { formatInstant, type Clock } from '#pkg/base';
import { isObject, type JsonObject, type Ownership } from './field-ownership.ts';

export interface StoredObject {
  readonly plural: string;
  readonly ownership: Ownership;
  body: JsonObject & { metadata: StoredMeta };
}

export interface StoredMeta extends JsonObject {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation: number;
  deletionTimestamp?: string;
  finalizers?: string[];
  ownerReferences?: { uid: string }[];
  labels?: Record<string, string>;
}

export interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly group: string;
  readonly plural: string;
  readonly object: JsonObject & { metadata: StoredMeta };
}

const HISTORY_MAX = 1_000;

/** Objects, versions, history, finalizers and garbage collection: the etcd of the simulated API server. */
export class ObjectStore {
  readonly #clock: Clock;
  readonly #objects = new Map<string, StoredObject>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #version = 1;
  #uids = 0;
  /** Versions up to this one are compacted away. */
  #oldestVersion = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get version(): number {
    return this.#version;
  }

  key(
    group: string,
    plural: string,
    name: { readonly namespace?: string | undefined; readonly name: string },
  ): string {
    return `${group}/${plural}/${name.namespace ?? ''}/${name.name}`;
  }

  find(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  list(group: string, plural: string, namespace: string | undefined): readonly StoredObject[] {
    const prefix =
      namespace === undefined ? `${group}/${plural}/` : `${group}/${plural}/${namespace}/`;
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  insert(key: string, group: string, plural: string, body: JsonObject): StoredObject {
    const given = (isObject(body['metadata']) ? body['metadata'] : {}) as unknown as StoredMeta;
    this.#uids += 1;
    const metadata: StoredMeta = {
      ...given,
      uid: `00000000-0000-4000-8000-${String(this.#uids).padStart(12, '0')}`,
      resourceVersion: '',
      generation: 1,
      creationTimestamp: this.#now(),
    };
    const stored: StoredObject = { plural, ownership: new Map(), body: { ...body, metadata } };
    this.#objects.set(key, stored);
    this.#publish('ADDED', group, stored);
    return stored;
  }

  /** Stores `body` under the next version, with a new generation when something but metadata and status changed. */
  update(key: string, group: string, stored: StoredObject, body: JsonObject): void {
    const metadata = { ...(body['metadata'] as StoredMeta) };
    const { uid, generation, creationTimestamp, deletionTimestamp, name, namespace } =
      stored.body.metadata;
    Object.assign(metadata, { uid, generation, creationTimestamp, name });
    if (namespace !== undefined) metadata.namespace = namespace;
    if (deletionTimestamp !== undefined) metadata.deletionTimestamp = deletionTimestamp;
    metadata.resourceVersion = stored.body.metadata.resourceVersion;
    const next = { ...body, metadata };
    if (JSON.stringify(sortKeys(next)) === JSON.stringify(sortKeys(stored.body))) return;
    const specOf = ({ metadata: _metadata, status: _status, ...rest }: JsonObject): string =>
      JSON.stringify(sortKeys(rest));
    if (specOf(next) !== specOf(stored.body)) metadata.generation = generation + 1;
    stored.body = next;
    if (metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0) {
      this.#remove(key, group, stored);
    } else {
      this.#publish('MODIFIED', group, stored);
    }
  }

  /** Marks the object, or removes it with all that it owns when no finalizer holds it. */
  delete(key: string, group: string, stored: StoredObject, propagation = 'Background'): void {
    const { metadata } = stored.body;
    if (propagation === 'Orphan') this.#orphan(metadata.uid);
    if ((metadata.finalizers ?? []).length === 0) return this.#remove(key, group, stored);
    if (metadata.deletionTimestamp !== undefined) return undefined;
    stored.body = {
      ...stored.body,
      metadata: {
        ...metadata,
        deletionTimestamp: this.#now(),
        generation: metadata.generation + 1,
      },
    };
    return this.#publish('MODIFIED', group, stored);
  }

  /** Changes after `version`, or undefined when they are compacted away. */
  since(version: number): readonly Change[] | undefined {
    if (version < this.#oldestVersion) return undefined;
    return this.#history.filter((change) => change.version > version);
  }

  /** Forgets the history: every older version is too old from now on. */
  compact(): void {
    this.#history = [];
    this.#oldestVersion = this.#version;
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #now(): string {
    return formatInstant(this.#clock.nowMs()).replace(/\.\d+Z$/, 'Z');
  }

  #remove(key: string, group: string, stored: StoredObject): void {
    if (this.#objects.get(key) !== stored) return;
    this.#objects.delete(key);
    this.#publish('DELETED', group, stored);
    for (const [otherKey, other] of this.#ownedBy(stored.body.metadata.uid)) {
      const remaining = (other.body.metadata.ownerReferences ?? []).filter(
        (owner) => owner.uid !== stored.body.metadata.uid && this.#hasUid(owner.uid),
      );
      const otherGroup = otherKey.slice(0, otherKey.indexOf(`/${other.plural}/`));
      if (remaining.length === 0) this.delete(otherKey, otherGroup, other);
    }
  }

  /** Removes what was written after its last owner had gone, as the garbage collector of a cluster does in time. */
  collectGarbage(): void {
    for (const [key, stored] of [...this.#objects]) {
      const owners = stored.body.metadata.ownerReferences ?? [];
      if (owners.length === 0 || owners.some(({ uid }) => this.#hasUid(uid))) continue;
      this.delete(key, key.slice(0, key.indexOf(`/${stored.plural}/`)), stored);
    }
  }

  #orphan(uid: string): void {
    for (const [key, other] of this.#ownedBy(uid)) {
      const group = key.slice(0, key.indexOf(`/${other.plural}/`));
      const ownerReferences = (other.body.metadata.ownerReferences ?? []).filter(
        (owner) => owner.uid !== uid,
      );
      const metadata = { ...other.body.metadata, ownerReferences };
      this.update(key, group, other, { ...other.body, metadata });
    }
  }

  #ownedBy(uid: string): readonly [string, StoredObject][] {
    return [...this.#objects].filter(([, { body }]) =>
      (body.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid),
    );
  }

  #hasUid(uid: string): boolean {
    return [...this.#objects.values()].some(({ body }) => body.metadata.uid === uid);
  }

  #publish(type: Change['type'], group: string, stored: StoredObject): void {
    this.#version += 1;
    stored.body = {
      ...stored.body,
      metadata: { ...stored.body.metadata, resourceVersion: String(this.#version) },
    };
    const change: Change = {
      version: this.#version,
      type,
      group,
      plural: stored.plural,
      object: stored.body,
    };
    this.#history.push(change);
    if (this.#history.length > HISTORY_MAX) {
      this.#oldestVersion = this.#history.shift()?.version ?? this.#oldestVersion;
    }
    for (const listener of this.#listeners) listener(change);
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((name) => [name, sortKeys(value[name])]),
  );
}
