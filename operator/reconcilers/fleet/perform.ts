import { FIELD_MANAGER } from '#operator/api';
import {
  hashOf,
  isAlreadyExists,
  isConflict,
  isNotFound,
  KubeApiError,
  refOf,
  type KubeClient,
  type KubeObject,
  type ObjectRef,
} from '#operator/runtime';
import type { Operation } from './operations.ts';

export interface PerformOptions {
  readonly client: Pick<KubeClient, 'apply' | 'create' | 'mergePatch' | 'delete'>;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** What the decision saw of an object, to tell a write that is not seen yet from drift. */
  readonly versionOf: (ref: ObjectRef) => string | undefined;
}

/** What the API server refused; the rest was carried out. */
export interface PerformedOperations {
  readonly written: number;
  /** Writes that were carried out a moment ago and that the caches do not show yet. */
  readonly unseen: number;
  readonly refusals: readonly { readonly ref: ObjectRef; readonly message: string }[];
}

const AT_ONCE = 8;
/** A watch tells of a write of ours within milliseconds; until then the same write is not repeated. */
export const UNSEEN_MS = 5_000;

/** Carries the operations of one fleet out, and remembers what it wrote until the caches show it. */
export interface Performer {
  perform(operations: readonly Operation[], options: PerformOptions): Promise<PerformedOperations>;
}

interface Write {
  readonly ref: ObjectRef;
  readonly digest: string;
  readonly seenVersion: string | undefined;
  readonly atMs: number;
}

export function createPerformer(): Performer {
  const writes = new Map<string, Write>();
  return {
    perform: async (operations, options) => {
      forget(writes, options);
      const fresh = operations.filter((each) => !isUnseen(writes, each, options));
      const refusals: PerformedOperations['refusals'][number][] = [];
      for (const group of groupAlike(fresh)) {
        await inParallel(group, async (operation) => {
          const refusal = await performOne(operation, options);
          if (refusal !== undefined) refusals.push({ ref: targetOf(operation), message: refusal });
          else remember(writes, operation, options);
        });
      }
      const unseen = operations.length - fresh.length;
      return { written: fresh.length - refusals.length, unseen, refusals };
    },
  };
}

function isUnseen(
  writes: ReadonlyMap<string, Write>,
  operation: Operation,
  { versionOf }: PerformOptions,
): boolean {
  const ref = targetOf(operation);
  const write = writes.get(keyOf(ref, operation.kind));
  return (
    write !== undefined &&
    write.seenVersion === versionOf(ref) &&
    write.digest === hashOf(operation)
  );
}

function remember(
  writes: Map<string, Write>,
  operation: Operation,
  { nowMs, versionOf }: PerformOptions,
): void {
  const ref = targetOf(operation);
  const digest = hashOf(operation);
  writes.set(keyOf(ref, operation.kind), {
    ref,
    digest,
    seenVersion: versionOf(ref),
    atMs: nowMs,
  });
}

/** A write that was seen must not hide the same one that is needed again, say for an object that is deleted twice. */
function forget(writes: Map<string, Write>, { nowMs, versionOf }: PerformOptions): void {
  for (const [key, { ref, seenVersion, atMs }] of writes) {
    if (versionOf(ref) !== seenVersion || nowMs - atMs > UNSEEN_MS) writes.delete(key);
  }
}

function keyOf({ kind, namespace, name }: ObjectRef, operation: string): string {
  return `${operation} ${kind}/${namespace ?? ''}/${name}`;
}

export function targetOf(operation: Operation): ObjectRef {
  return 'ref' in operation ? operation.ref : refOf(operation.object);
}

/** Consecutive operations of one sort on one kind do not depend on each other. */
function groupAlike(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const groups: Operation[][] = [];
  for (const operation of operations) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    const isAlike =
      first !== undefined &&
      first.kind === operation.kind &&
      targetOf(first).kind === targetOf(operation).kind;
    if (isAlike) group?.push(operation);
    else groups.push([operation]);
  }
  return groups;
}

/** Acts on all items, a few at a time; rejects with the first failure, when what is under way may still go on. */
export async function inParallel<T>(
  items: readonly T[],
  act: (item: T) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  const lanes = Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await act(item);
  });
  await Promise.all(lanes);
}

/** Returns the API server's sentence when it refuses what no repetition would make right. */
async function performOne(
  operation: Operation,
  options: PerformOptions,
): Promise<string | undefined> {
  try {
    await write(operation, options);
    return undefined;
  } catch (error) {
    if (operation.kind === 'create' && isAlreadyExists(error)) return undefined;
    // It is gone: the watch is about to tell.
    if (operation.kind !== 'create' && isNotFound(error)) return undefined;
    if (isConflict(error) || !isRefusal(error)) throw error;
    return error.message;
  }
}

function isRefusal(error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && error.status >= 400 && error.status < 500;
}

async function write(
  operation: Operation,
  { client, signal }: PerformOptions,
): Promise<KubeObject | boolean> {
  switch (operation.kind) {
    case 'apply':
      return client.apply(operation.object, {
        fieldManager: FIELD_MANAGER,
        isForced: true,
        ...(operation.subresource === undefined ? {} : { subresource: operation.subresource }),
        signal,
      });
    case 'create':
      return client.create(operation.object, signal);
    case 'delete':
      return client.delete(operation.ref, { uid: operation.uid, signal });
    case 'patch':
      return client.mergePatch(operation.ref, operation.patch, {
        fieldManager: FIELD_MANAGER,
        signal,
      });
  }
}
