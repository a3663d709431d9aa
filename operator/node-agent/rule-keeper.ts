import { assert, toError } from '#pkg/base';
import type { NodeNetwork } from './node-network.ts';
import {
  hashListing,
  isSameTable,
  parseListing,
  readDrops,
  type NodeListing,
  type TableListing,
} from './listing.ts';
import { planRules, type RuleStep, type WantedListing } from './plan-rules.ts';
import {
  draftName,
  EGRESS_TABLE,
  GUARD_TABLE,
  hooksOf,
  renderDraft,
  renderDraftRemoval,
  renderRelease,
  TABLE_NAMES,
  type EgressRules,
  type GuardReason,
  type TableName,
} from './rules.ts';

/** What stands on the box after a look, and what was done about it. */
export interface RulesReport {
  readonly isGuardRight: boolean;
  readonly isEgressRight: boolean;
  readonly hash: string;
  readonly drops: Readonly<Record<GuardReason, number>>;
  /** What was changed, in order; empty when all was right. */
  readonly changes: readonly string[];
}

/** Keeps the rules of one box. Calls must not overlap. */
export interface RuleKeeper {
  /** Makes the rules those of `rules`. Throws NetworkToolError when the box refuses; what was right before stays. */
  keep(rules: EgressRules): Promise<RulesReport>;
  /** Takes all rules away: pods leave as the cluster's network decides. */
  release(): Promise<void>;
}

export function createRuleKeeper(network: NodeNetwork): RuleKeeper {
  let wantedFor: string | undefined;
  let wanted: WantedListing | undefined;

  const list = async (): Promise<NodeListing> => {
    const texts = await Promise.all(TABLE_NAMES.map((table) => network.listTable(table)));
    return tables((_table, index) => {
      const text = texts[index];
      return text === undefined ? undefined : parseListing(text);
    });
  };
  const learnWanted = async (rules: EgressRules): Promise<WantedListing> => {
    const key = JSON.stringify(rules);
    if (wanted === undefined || wantedFor !== key) {
      wanted = await readDrafts(network, rules);
      wantedFor = key;
    }
    return wanted;
  };
  const carryOut = async (steps: readonly RuleStep[]): Promise<readonly string[]> => {
    const done: string[] = [];
    for (const step of steps) {
      switch (step.kind) {
        case 'load':
          await network.load(step.script);
          done.push(step.why);
          break;
        case 'forgetConnections':
          await network.forgetConnections(step.podCIDR);
          done.push(`forget the connections of ${step.podCIDR}`);
          break;
      }
    }
    return done;
  };
  return {
    keep: async (rules) => {
      const should = await learnWanted(rules);
      let found = await list();
      const changes: string[] = [];
      for (const hasTried of [false, true]) {
        const steps = planRules(found, should, { rules, hasTried });
        if (steps.length === 0) break;
        changes.push(...(await tryGently(() => carryOut(steps), { isLast: hasTried })));
        found = await list();
      }
      return {
        isGuardRight: isSameTable(found[GUARD_TABLE], should[GUARD_TABLE]),
        isEgressRight: isSameTable(found[EGRESS_TABLE], should[EGRESS_TABLE]),
        hash: hashListing(found),
        drops: readDrops(found),
        changes,
      };
    },
    release: () => network.load(renderRelease()),
  };
}

/** What the kernel refuses to change in place is replaced in the next round. */
async function tryGently(
  act: () => Promise<readonly string[]>,
  { isLast }: { readonly isLast: boolean },
): Promise<readonly string[]> {
  if (isLast) return act();
  return act().catch((error: unknown) => [`could not change in place: ${toError(error).message}`]);
}

/** Asks the kernel how it lists what is wanted, from copies that no packet meets. */
async function readDrafts(network: NodeNetwork, rules: EgressRules): Promise<WantedListing> {
  const read = async (table: TableName): Promise<TableListing> => {
    await network.load(renderDraft(table, rules));
    try {
      const text = await network.listTable(draftName(table));
      assert(text !== undefined, 'a table that was just loaded is there');
      const listing = parseListing(text, hooksOf(table));
      assert(listing.structure !== 'unreadable', 'nft lists in JSON what was just loaded');
      return listing;
    } finally {
      await network.load(renderDraftRemoval(table));
    }
  };
  return { [GUARD_TABLE]: await read(GUARD_TABLE), [EGRESS_TABLE]: await read(EGRESS_TABLE) };
}

function tables<T>(each: (table: TableName, index: number) => T): Readonly<Record<TableName, T>> {
  const entries = TABLE_NAMES.map((table, index) => [table, each(table, index)] as const);
  return Object.fromEntries(entries) as Record<TableName, T>;
}
