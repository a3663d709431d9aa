import { isDeepStrictEqual } from 'node:util';

import { formatPath, type FieldPath } from './mistake.ts';
import type { KraiteFleet } from './schema.ts';

/**
 * live     a running fleet takes the change without a new process
 * restart  some processes are started, stopped or replaced
 * refused  the fleet keeps what it has; `message` says what to do instead
 */
export type ChangeClass = 'live' | 'restart' | 'refused';

export interface FleetChange {
  /** Boxes of a list are written by name: `spec.trading.boxes[eos].lanes.orders`. */
  readonly path: string;
  readonly class: ChangeClass;
  /** Undefined where a box was added. */
  readonly before: unknown;
  /** Undefined where a box was removed. */
  readonly after: unknown;
  readonly message: string;
}

export interface FleetFacts {
  /** Positions that hold a slot now. */
  readonly openPositions: number;
}

/** Returns what `after` changes of `before`, in the order of the schema; empty when nothing does. */
export function diffFleets(
  before: KraiteFleet,
  after: KraiteFleet,
  facts: FleetFacts,
): readonly FleetChange[] {
  return collectDifferences(before, after, []).map((difference) => {
    const path = formatPath(difference.path).replaceAll('.[', '[');
    const verdict = classify(path, difference, facts);
    return { path, before: difference.before, after: difference.after, ...verdict };
  });
}

interface Difference {
  readonly path: FieldPath;
  readonly before: unknown;
  readonly after: unknown;
}

function collectDifferences(before: unknown, after: unknown, path: FieldPath): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isRecord(before) && isRecord(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) =>
      collectDifferences(before[name], after[name], [...path, name]),
    );
  }
  if (isNamedList(before) && isNamedList(after)) return collectByName(before, after, path);
  return [{ path, before, after }];
}

type NamedEntry = Readonly<Record<string, unknown>> & { readonly name: string };

function collectByName(
  before: readonly NamedEntry[],
  after: readonly NamedEntry[],
  path: FieldPath,
): Difference[] {
  const names = new Set([...before, ...after].map((entry) => entry.name));
  const fields = [...names].flatMap((name) =>
    collectDifferences(
      before.find((entry) => entry.name === name),
      after.find((entry) => entry.name === name),
      [...path, `[${name}]`],
    ),
  );
  const orderBefore = before.map((entry) => entry.name);
  const orderAfter = after.map((entry) => entry.name);
  const isReordered =
    isDeepStrictEqual(new Set(orderBefore), new Set(orderAfter)) &&
    !isDeepStrictEqual(orderBefore, orderAfter);
  return isReordered ? [{ path, before: orderBefore, after: orderAfter }, ...fields] : fields;
}

interface ChangeRule {
  readonly path: RegExp;
  readonly judge: (
    difference: Difference,
    facts: FleetFacts,
  ) => { readonly class: ChangeClass; readonly message: string };
}

const always = (kind: ChangeClass, message: string) => () => ({ class: kind, message });

/** The first that fits decides; what none names needs new processes. */
const CHANGE_RULES: readonly ChangeRule[] = [
  {
    path: /^metadata\.(name|namespace)$/,
    judge: always(
      'refused',
      'names the fleet that runs; stop it with `kraite down` and start the other',
    ),
  },
  { path: /^metadata\./, judge: always('live', 'taken over at once') },
  {
    path: /^spec\.core\.box$/,
    judge: always('refused', 'that box holds the data; move it with `kraite restore`'),
  },
  {
    path: /^spec\.core\.(mysql|redis)\.existing/,
    judge: always(
      'refused',
      'another server holds other rows; move them with `kraite restore` while the fleet is down',
    ),
  },
  {
    path: /^spec\.exchange\.(venue|mode)$/,
    judge: (_difference, { openPositions }) =>
      openPositions > 0
        ? {
            class: 'refused',
            message: `${openPositions} positions are open there; close them first`,
          }
        : { class: 'restart', message: 'every process starts anew on the other venue' },
  },
  { path: /^spec\.core\.mysql\.storage$/, judge: judgeStorage },
  { path: /^spec\.paused$/, judge: always('live', 'taken over at once') },
  { path: /^spec\.(update|core\.backup)\b/, judge: always('live', 'holds from the next time on') },
  { path: /\.lanes\./, judge: always('live', 'workers change their slots without a restart') },
  {
    path: /^spec\.trading\.boxes\[[^\]]+\]$/,
    judge: ({ before }) =>
      before === undefined
        ? { class: 'restart', message: 'the new box starts its workers' }
        : { class: 'restart', message: 'the box drains and stops; the others go on' },
  },
];

function classify(path: string, difference: Difference, facts: FleetFacts) {
  const rule = CHANGE_RULES.find((each) => each.path.test(path));
  return (
    rule?.judge(difference, facts) ?? {
      class: 'restart' as const,
      message: 'the processes that it concerns start anew',
    }
  );
}

const UNIT_BYTES: Readonly<Record<string, number>> = {
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function judgeStorage({ before, after }: Difference) {
  return sizeBytes(after) < sizeBytes(before)
    ? {
        class: 'refused' as const,
        message: 'a volume never shrinks; keep its size or restore into a new fleet',
      }
    : { class: 'live' as const, message: 'the volume grows while it is used' };
}

function sizeBytes(size: unknown): number {
  const [, digits, unit] = /^([0-9]+)([A-Z]i?)$/.exec(String(size)) ?? [];
  return Number(digits) * (UNIT_BYTES[unit ?? ''] ?? 1);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamedList(value: unknown): value is readonly NamedEntry[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((entry) => isRecord(entry) && typeof entry['name'] === 'string')
  );
}
