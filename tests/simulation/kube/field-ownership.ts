/**
 * Server-side apply, as far as an operator meets it: who owns which leaf, conflicts, forced take-over, removal of what
 * is no longer applied, and lists that merge by key.
 *
 * After https://kubernetes.io/docs/reference/using-api/server-side-apply/ ("Merge strategy", "Conflicts").
 */
type Json = unknown;
export type JsonObject = Record<string, Json>;

/** A field name, or the key of an item of a list that merges by key. */
type Segment = string | { readonly key: Readonly<Record<string, Json>> };
type Path = readonly Segment[];

/** Leaves by written path. */
export type Leaves = Map<string, { readonly path: Path; readonly value: Json }>;

/** Keys of the lists that merge, by the field they stand under. Other lists are replaced whole. */
const LIST_KEYS: Readonly<Record<string, readonly string[]>> = {
  conditions: ['type'],
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  imagePullSecrets: ['name'],
  ownerReferences: ['uid'],
};
const SETS = new Set(['finalizers']);
const PORT_KEYS = ['containerPort', 'port', 'protocol'];

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the key of a list item, or undefined when the list is replaced whole. */
function itemKey(path: Path, item: Json): Readonly<Record<string, Json>> | undefined {
  const field = path.at(-1);
  if (typeof field !== 'string') return undefined;
  if (SETS.has(field)) return { '': item };
  if (!isObject(item)) return undefined;
  const names =
    field === 'ports' ? PORT_KEYS.filter((name) => item[name] !== undefined) : LIST_KEYS[field];
  if (names === undefined || names.some((name) => item[name] === undefined)) return undefined;
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}

export function readLeaves(value: Json, path: Path = [], into: Leaves = new Map()): Leaves {
  if (isObject(value) && Object.keys(value).length > 0) {
    for (const [name, child] of Object.entries(value)) readLeaves(child, [...path, name], into);
    return into;
  }
  if (Array.isArray(value) && value.length > 0) {
    const keys = value.map((item) => itemKey(path, item));
    if (keys.every((key) => key !== undefined)) {
      value.forEach((item, index) => readLeaves(item, [...path, { key: keys[index] ?? {} }], into));
      return into;
    }
  }
  into.set(writePath(path), { path, value });
  return into;
}

export function writePath(path: Path): string {
  return JSON.stringify(path);
}

function matches(item: Json, key: Readonly<Record<string, Json>>): boolean {
  if ('' in key) return item === key[''];
  return isObject(item) && Object.entries(key).every(([name, value]) => item[name] === value);
}

function step(parent: Json, segment: Segment): Json {
  if (typeof segment === 'string') return isObject(parent) ? parent[segment] : undefined;
  return Array.isArray(parent)
    ? parent.find((item: unknown) => matches(item, segment.key))
    : undefined;
}

function readAt(root: Json, path: Path): Json {
  return path.reduce(step, root);
}

function setAt(root: JsonObject, path: Path, value: Json): void {
  let parent: Json = root;
  path.forEach((segment, index) => {
    const isLast = index === path.length - 1;
    const next = path[index + 1];
    const empty = (): Json => (typeof next === 'string' || next === undefined ? {} : []);
    if (typeof segment === 'string') {
      const holder = parent as JsonObject;
      if (isLast) {
        const isKept =
          isObject(value) && Object.keys(value).length === 0 && isObject(holder[segment]);
        if (!isKept) holder[segment] = structuredClone(value);
      } else if (typeof holder[segment] !== 'object' || holder[segment] === null) {
        holder[segment] = empty();
      }
      parent = holder[segment];
      return;
    }
    const list = parent as Json[];
    let item = list.find((candidate) => matches(candidate, segment.key));
    if (item === undefined) {
      item = '' in segment.key ? segment.key[''] : { ...segment.key };
      list.push(item);
    }
    parent = item;
  });
}

function removeAt(root: JsonObject, path: Path): void {
  const segment = path.at(-1);
  const parent = readAt(root, path.slice(0, -1));
  if (segment === undefined || parent === undefined) return;
  if (typeof segment === 'string') {
    if (isObject(parent)) delete parent[segment];
  } else if (Array.isArray(parent)) {
    const index = parent.findIndex((item: unknown) => matches(item, segment.key));
    if (index >= 0) parent.splice(index, 1);
  }
}

/** Removes a leaf together with the outermost list item or map around it that nobody owns anything of any more. */
function removeUnowned(root: JsonObject, path: Path, owned: ReadonlySet<string>): void {
  for (let length = 1; length < path.length; length += 1) {
    const holder = path.slice(0, length);
    const written = `${writePath(holder).slice(0, -1)},`;
    const isItem = typeof holder.at(-1) !== 'string';
    if (isItem && ![...owned].some((other) => other.startsWith(written))) {
      return removeAt(root, holder);
    }
  }
  removeAt(root, path);
  for (let length = path.length - 1; length > 0; length -= 1) {
    const value = readAt(root, path.slice(0, length));
    const isEmpty = Array.isArray(value)
      ? value.length === 0
      : isObject(value) && Object.keys(value).length === 0;
    if (!isEmpty) return;
    removeAt(root, path.slice(0, length));
  }
}

/** Which leaves each manager owns. */
export type Ownership = Map<string, Set<string>>;

export interface ApplyOutcome {
  /** Managers that hold a field which the applier wants otherwise; empty when it went through. */
  readonly conflicts: readonly string[];
  readonly object: JsonObject;
}

/** Applies `desired` to a copy of `live` and moves the ownership; with conflicts and no force, nothing moves. */
export function applyFields(
  live: JsonObject,
  desired: JsonObject,
  options: { readonly manager: string; readonly isForced: boolean; readonly ownership: Ownership },
): ApplyOutcome {
  const { manager, isForced, ownership } = options;
  const wanted = readLeaves(desired);
  const others = [...ownership].filter(([name]) => name !== manager);
  const isOther = (path: string, value: Json, leaf: Path): boolean =>
    JSON.stringify(readAt(live, leaf)) !== JSON.stringify(value) &&
    others.some(([, paths]) => paths.has(path));
  const clashes = [...wanted].filter(([path, leaf]) => isOther(path, leaf.value, leaf.path));
  if (clashes.length > 0 && !isForced) {
    const holders = others.filter(([, paths]) => clashes.some(([path]) => paths.has(path)));
    return { conflicts: holders.map(([name]) => name), object: live };
  }
  const object = structuredClone(live);
  for (const [path] of clashes) for (const [, paths] of others) paths.delete(path);
  const mine = ownership.get(manager) ?? new Set();
  ownership.set(manager, new Set(wanted.keys()));
  const owned = new Set([...ownership.values()].flatMap((paths) => [...paths]));
  for (const path of mine) {
    if (owned.has(path)) continue;
    removeUnowned(object, JSON.parse(path) as Path, owned);
  }
  for (const { path, value } of wanted.values()) setAt(object, path, value);
  return { conflicts: [], object };
}

/** After an update by `manager`: what it changed is its own now. */
export function claimChanges(
  before: JsonObject,
  after: JsonObject,
  options: { readonly manager: string; readonly ownership: Ownership },
): void {
  const old = readLeaves(before);
  const now = readLeaves(after);
  for (const [path, { value }] of now) {
    if (JSON.stringify(old.get(path)?.value) === JSON.stringify(value) && old.has(path)) continue;
    for (const paths of options.ownership.values()) paths.delete(path);
    const mine = options.ownership.get(options.manager) ?? new Set();
    mine.add(path);
    options.ownership.set(options.manager, mine);
  }
  for (const path of old.keys()) {
    if (!now.has(path)) for (const paths of options.ownership.values()) paths.delete(path);
  }
}
