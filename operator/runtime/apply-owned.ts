import { createHash } from 'node:crypto';
import type { KubeClient } from './client.ts';
import type { KubeObject } from './kube-object.ts';

export interface ApplyOwnedOptions {
  readonly client: Pick<KubeClient, 'apply'>;
  readonly fieldManager: string;
  /** Annotation that keeps the hash of what was applied last. */
  readonly hashAnnotation: string;
  readonly signal?: AbortSignal;
}

/**
 * Applies `desired` on the server side, unless `live` (the object in the cache) was made from the very same and still
 * carries it. Returns whether it wrote.
 *
 * The hash tells that nothing else is wanted now; the comparison tells that nobody has changed a field of ours since.
 * What the server added (defaults, other managers' fields) does not count.
 */
export async function applyOwned(
  desired: KubeObject,
  live: KubeObject | undefined,
  options: ApplyOwnedOptions,
): Promise<boolean> {
  const { client, fieldManager, hashAnnotation, signal } = options;
  const hash = hashOf(desired);
  const marked = withAnnotation(desired, hashAnnotation, hash);
  const isStanding =
    live !== undefined &&
    live.metadata.annotations?.[hashAnnotation] === hash &&
    carries(live, marked);
  if (isStanding) return false;
  await client.apply(marked, {
    fieldManager,
    isForced: true,
    ...(signal === undefined ? {} : { signal }),
  });
  return true;
}

/** Returns a hash that equal objects share, whatever the order of their fields. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 32);
}

/**
 * Whether `live` holds every field of `desired` with its value.
 *
 * Objects may hold more fields. Lists must be as long and hold the elements in order, each with its fields; those of
 * elements with a `name` may hold more elements, since other managers may add theirs.
 */
export function carries(live: unknown, desired: unknown): boolean {
  return carriesAt('', live, desired);
}

/** `place` is the name of the nearest field above that is no list. */
function carriesAt(place: string, live: unknown, desired: unknown): boolean {
  if (Array.isArray(desired)) return Array.isArray(live) && carriesList(place, live, desired);
  if (isRecord(desired)) {
    return (
      isRecord(live) &&
      Object.entries(desired).every(
        ([field, value]) =>
          value === undefined ||
          carriesField(HOLDS_QUANTITIES.has(place) ? place : field, live[field], value),
      )
    );
  }
  return live === desired || (HOLDS_QUANTITIES.has(place) && isSameQuantity(live, desired));
}

/** What is empty (a map, a list, a text) and not there is as good as there: the server leaves it out. */
function carriesField(field: string, live: unknown, desired: unknown): boolean {
  return carriesAt(field, live, desired) || (live === undefined && isEmpty(desired));
}

function carriesList(
  place: string,
  live: readonly unknown[],
  desired: readonly unknown[],
): boolean {
  const nameOf = (element: unknown): unknown => (isRecord(element) ? element['name'] : undefined);
  if (desired.length > 0 && desired.every((element) => nameOf(element) !== undefined)) {
    return desired.every((element) =>
      live.some((other) => nameOf(other) === nameOf(element) && carriesAt(place, other, element)),
    );
  }
  return (
    live.length === desired.length &&
    desired.every((element, index) => carriesAt(place, live[index], element))
  );
}

/** Fields whose values are quantities, which the server writes back in their shortest form (`1000m` is `1`). Elsewhere text is text. */
const HOLDS_QUANTITIES: ReadonlySet<string> = new Set([
  'limits',
  'requests',
  'capacity',
  'hard',
  'sizeLimit',
  'divisor',
]);

function isSameQuantity(live: unknown, desired: unknown): boolean {
  const [a, b] = [quantityOf(live), quantityOf(desired)];
  return a !== undefined && a === b;
}

const QUANTITY = /^([+-]?\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const FACTORS: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function quantityOf(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const [, digits, unit] = QUANTITY.exec(String(value)) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (unit === undefined ? 1 : (FACTORS[unit] ?? Number.NaN));
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value) || value === '') return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withAnnotation(object: KubeObject, name: string, value: string): KubeObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [name]: value } },
  };
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isRecord(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
