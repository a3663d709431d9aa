import type { FleetSpec } from '../schema.ts';

/** Where the object is to run: some fields are filled in locally and must be written for a cluster. */
export type FleetTarget = 'local' | 'cluster';

export interface Finding {
  /** For example `spec.trading.boxes[2].egressIP`. */
  readonly path: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** One thing that must hold between fields; each becomes one CEL rule of the CRD. */
export interface FleetRule {
  readonly name: string;
  /** The field that the rule belongs to. */
  readonly path: string;
  /** What must hold, as one sentence, for the reference page and the CRD. */
  readonly sentence: string;
  /** Where it does not hold. Reads objects whose fields may be empty after a mistake of their own. */
  readonly find: (spec: FleetSpec, target: FleetTarget) => readonly Finding[];
}

/** Something that was named, and where. */
export interface Named {
  readonly name: string;
  readonly path: string;
}

/** Returns each entry whose name stood before, with the entry that had it first; empty names are nobody's. */
export function findRepeats<Entry extends Named>(
  entries: readonly Entry[],
): readonly { readonly first: Entry; readonly again: Entry }[] {
  const firsts = new Map<string, Entry>();
  return entries.flatMap((entry) => {
    if (entry.name === '') return [];
    const first = firsts.get(entry.name);
    if (first !== undefined) return [{ first, again: entry }];
    firsts.set(entry.name, entry);
    return [];
  });
}
