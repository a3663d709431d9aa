import { expect, test } from 'vitest';
import { hashListing, parseListing, type NodeListing } from './listing.ts';
import { planRules, type RuleStep, type WantedListing } from './plan-rules.ts';
import { hooksOf, type EgressRules } from './rules.ts';

const rules: EgressRules = {
  podCIDR: '10.42.1.0/24',
  clusterCIDR: '10.42.0.0/16',
  egressIP: '203.0.113.13',
};

/** What `nft -j` says of the two tables, as far as plans read it. */
function listing(
  egressIP: string,
  { rule = 'drop', isDraft = false, handle = 1, packets = 0 } = {},
): WantedListing {
  const table = (name: 'kraite_guard' | 'kraite_egress', entries: readonly object[]) => {
    const hooks = hooksOf(name);
    const chains = Object.keys(hooks).map((chain) => ({
      chain: { table: name, name: chain, handle, ...(isDraft ? {} : hooks[chain]) },
    }));
    const text = JSON.stringify({ nftables: [{ table: { name, handle } }, ...entries, ...chains] });
    return parseListing(text, isDraft ? hooks : {});
  };
  return {
    kraite_guard: table('kraite_guard', [
      { set: { name: 'allowed', handle, elem: [egressIP] } },
      { counter: { name: 'wrong_source', handle, packets, bytes: packets } },
      { rule: { chain: 'post', handle, expr: [{ [rule]: null }] } },
    ]),
    kraite_egress: table('kraite_egress', [
      { map: { name: 'sources', handle, elem: [[rules.podCIDR, egressIP]] } },
    ]),
  };
}

const plan = (found: NodeListing, hasTried = false): readonly RuleStep[] =>
  planRules(found, listing(rules.egressIP, { isDraft: true }), { rules, hasTried });
const names = (steps: readonly RuleStep[]): readonly string[] =>
  steps.map((step) => (step.kind === 'load' ? step.why : step.kind));

test('rules that are right are left alone, whatever their handles and counts', () => {
  const found = listing(rules.egressIP, { handle: 77, packets: 5 });
  expect(plan(found)).toEqual([]);
  expect(hashListing(found)).toBe(hashListing(listing(rules.egressIP)));
});

test('a box without rules gets the guard first', () => {
  const none = { kraite_guard: undefined, kraite_egress: undefined };
  expect(names(plan(none))).toEqual([
    'make kraite_guard',
    'make kraite_egress',
    'forgetConnections',
  ]);
});

test('a new address is allowed, then given, then old connections end, then the old one is refused', () => {
  const steps = plan(listing('203.0.113.14'));
  expect(names(steps)).toEqual([
    'set the elements of kraite_guard',
    'set the elements of kraite_egress',
    'forgetConnections',
    'refuse 203.0.113.14',
  ]);
  const scripts = steps.map((step) => (step.kind === 'load' ? step.script : ''));
  expect(scripts[0]).toContain('allowed { 203.0.113.13, 203.0.113.14 }');
  expect(scripts[3]).toContain('allowed { 203.0.113.13 }');
  // Nothing but elements.
  expect(scripts.join('').match(/^(?!(flush (set|map)|add element) )./gm)).toBeNull();
});

test('a guard with another rule is made whole in place, and replaced when that did not help', () => {
  const found = listing(rules.egressIP, { rule: 'accept' });
  expect(names(plan(found))).toEqual(['make kraite_guard', 'forgetConnections']);
  const [replace] = plan(found, true);
  expect(names(plan(found, true))).toEqual(['replace kraite_guard', 'forgetConnections']);
  expect(replace).toMatchObject({ script: expect.stringContaining('delete table') as string });
});

test('what nft cannot list is replaced', () => {
  const found = { ...listing(rules.egressIP), kraite_egress: parseListing('') };
  expect(names(plan(found))).toEqual(['make kraite_egress']);
});
