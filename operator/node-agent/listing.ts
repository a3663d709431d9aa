import { createHash } from 'node:crypto';
import {
  GUARD_COUNTERS,
  TABLE_NAMES,
  type ChainHook,
  type GuardReason,
  type TableName,
} from './rules.ts';

/** One table as the kernel lists it, without what says nothing about what it does: handles, counts, order of sets. */
export interface TableListing {
  /** Chains, rules, sets and their types. */
  readonly structure: string;
  /** What stands in its sets and maps, by name; sorted. */
  readonly elements: Readonly<Record<string, readonly string[]>>;
  /** Packets of each named counter. */
  readonly counters: Readonly<Record<string, number>>;
}

/** Both tables; undefined where there is none. */
export type NodeListing = Readonly<Record<TableName, TableListing | undefined>>;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the output of `nft -j list table`; `hooks` is what the chains of a draft, which have none, would have.
 *
 * What cannot be read (nft 1.0.6 writes no valid JSON of some tables, a dormant one for instance) is like no other table.
 */
export function parseListing(
  text: string,
  hooks: Readonly<Record<string, ChainHook>> = {},
): TableListing {
  let nftables: readonly Readonly<Record<string, Fields>>[];
  try {
    ({ nftables } = JSON.parse(text) as { nftables: typeof nftables });
  } catch {
    return { structure: 'unreadable', elements: {}, counters: {} };
  }
  const structure: unknown[] = [];
  const elements: Record<string, readonly string[]> = {};
  const counters: Record<string, number> = {};
  for (const entry of nftables) {
    const [kind = '', fields = {}] = Object.entries(entry)[0] ?? [];
    if (kind === 'metainfo') continue;
    const name = String(fields['name']);
    const { handle: _handle, table: _table, elem, packets, bytes: _bytes, ...rest } = fields;
    if (kind === 'set' || kind === 'map') elements[name] = sorted(elem);
    if (kind === 'counter') counters[name] = Number(packets);
    if (kind === 'table') {
      const { name: _name, ...others } = rest;
      structure.push([kind, others]);
    } else {
      structure.push([kind, kind === 'chain' ? { ...rest, ...hooks[name] } : rest]);
    }
  }
  return { structure: canonical(ordered(structure)), elements, counters };
}

/** The order of rules matters; that of the objects around them does not. */
function ordered(structure: readonly unknown[]): readonly unknown[] {
  const isRule = (entry: unknown): boolean => Array.isArray(entry) && entry[0] === 'rule';
  const objects = structure.filter((entry) => !isRule(entry)).map(canonical);
  return [...objects.toSorted(), ...structure.filter(isRule)];
}

function sorted(elem: unknown): readonly string[] {
  return Array.isArray(elem) ? elem.map(canonical).toSorted() : [];
}

/** JSON with its keys in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Returns what names the rules of a box: equal when they do the same. */
export function hashListing(listing: NodeListing): string {
  const parts = TABLE_NAMES.map((table) => {
    const found = listing[table];
    return found === undefined ? 'none' : canonical([found.structure, found.elements]);
  });
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

/** Tells whether a table is as it should be. */
export function isSameTable(found: TableListing | undefined, wanted: TableListing): boolean {
  return (
    isSameStructure(found, wanted) && canonical(found?.elements) === canonical(wanted.elements)
  );
}

export function isSameStructure(found: TableListing | undefined, wanted: TableListing): boolean {
  return found?.structure === wanted.structure;
}

/** Packets that the guard dropped, by why. */
export function readDrops(listing: NodeListing): Readonly<Record<GuardReason, number>> {
  const counters = listing.kraite_guard?.counters ?? {};
  return Object.fromEntries(
    Object.entries(GUARD_COUNTERS).map(([reason, name]) => [reason, counters[name] ?? 0]),
  ) as Record<GuardReason, number>;
}
