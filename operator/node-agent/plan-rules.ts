import { isIPv4 } from 'node:net';
import { isSameStructure, isSameTable, type NodeListing, type TableListing } from './listing.ts';
import {
  GUARD_TABLE,
  renderElements,
  renderReplacement,
  renderTable,
  TABLE_NAMES,
  type EgressRules,
  type TableName,
} from './rules.ts';

export type WantedListing = Readonly<Record<TableName, TableListing>>;

export type RuleStep =
  | { readonly kind: 'load'; readonly script: string; readonly why: string }
  /** Ends what pods opened under another address; they connect anew under the right one. */
  | { readonly kind: 'forgetConnections'; readonly podCIDR: string };

/**
 * Returns what makes the rules of a box those that are wanted, in order; nothing when they are.
 *
 * A new address is allowed first, then given, then connections under the old one are ended, and only then is the old
 * one refused: at no point does the guard drop what is right. Connections are ended whenever the guard was not whole,
 * since only then can a wrong one have been opened. `hasTried` says that the gentle way was gone just now and did not
 * help, so a table holds what only its replacement removes; the other table protects meanwhile.
 */
export function planRules(
  found: NodeListing,
  wanted: WantedListing,
  { rules, hasTried }: { readonly rules: EgressRules; readonly hasTried: boolean },
): readonly RuleStep[] {
  const wrong = TABLE_NAMES.filter((table) => !isSameTable(found[table], wanted[table]));
  const old = allowedNow(found).filter((address) => address !== rules.egressIP);
  const changes = wrong.map((table): RuleStep => {
    const extraAllowed = table === GUARD_TABLE ? old : [];
    if (hasTried) {
      return load(`replace ${table}`, renderReplacement(table, rules, extraAllowed));
    }
    return isSameStructure(found[table], wanted[table])
      ? load(`set the elements of ${table}`, renderElements(table, rules, extraAllowed))
      : load(`make ${table}`, renderTable(table, rules, extraAllowed));
  });
  if (!wrong.includes(GUARD_TABLE)) return changes;
  return [
    ...changes,
    { kind: 'forgetConnections', podCIDR: rules.podCIDR },
    ...(old.length === 0
      ? []
      : [load(`refuse ${old.join(', ')}`, renderElements(GUARD_TABLE, rules))]),
  ];
}

function load(why: string, script: string): RuleStep {
  return { kind: 'load', script, why };
}

/** Addresses that the guard lets through; JSON strings in a listing. */
function allowedNow(found: NodeListing): readonly string[] {
  const elements = found[GUARD_TABLE]?.elements['allowed'] ?? [];
  return elements
    .map((element) => JSON.parse(element) as unknown)
    .filter((address): address is string => typeof address === 'string' && isIPv4(address));
}
