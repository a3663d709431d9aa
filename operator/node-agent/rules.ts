/**
 * The nftables scripts of one box.
 *
 * Two tables: `kraite_egress` gives pods the address of the box, `kraite_guard` drops what leaves with any other, so a
 * mistake that loses the first leaves the second. Chains and rules never differ from box to box and are made once; what
 * differs stands in sets and in a map, and only their elements change while pods talk: replacing a whole table lets
 * single connections out unmapped between two generations of the ruleset.
 */
export interface EgressRules {
  /** Pods of this box, for example `10.42.1.0/24`. */
  readonly podCIDR: string;
  /** All pods of the cluster. */
  readonly clusterCIDR: string;
  readonly egressIP: string;
}

export const EGRESS_TABLE = 'kraite_egress';
export const GUARD_TABLE = 'kraite_guard';
export type TableName = typeof EGRESS_TABLE | typeof GUARD_TABLE;
/** In the order in which they are made: closed before open. */
export const TABLE_NAMES: readonly TableName[] = [GUARD_TABLE, EGRESS_TABLE];

/** Named counters of the guard, by what they count. */
export const GUARD_COUNTERS = {
  WrongSource: 'wrong_source',
  NoSourceNat: 'no_source_nat',
  Ipv6: 'ipv6',
} as const;
export type GuardReason = keyof typeof GUARD_COUNTERS;

/** Destinations that no box reaches through its public address (RFC 6890): left to the cluster's own network. */
const LOCAL_NETWORKS = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/4',
];

const LOCAL_SET = 'set NAME local4 { type ipv4_addr; flags interval; auto-merge; }';

/** Sets, maps and counters of each table, with NAME in place of family and name. */
const OBJECTS: Readonly<Record<TableName, readonly string[]>> = {
  [EGRESS_TABLE]: [LOCAL_SET, 'map NAME sources { type ipv4_addr : ipv4_addr; flags interval; }'],
  [GUARD_TABLE]: [
    LOCAL_SET,
    'set NAME pods { type ipv4_addr; flags interval; auto-merge; }',
    'set NAME allowed { type ipv4_addr; }',
    ...Object.values(GUARD_COUNTERS).map((counter) => `counter NAME ${counter}`),
  ],
};

/** Where the kernel calls a chain; fields as `nft -j` lists them. */
export interface ChainHook {
  readonly type: 'nat' | 'filter';
  readonly hook: 'postrouting' | 'forward';
  readonly prio: number;
  readonly policy: 'accept';
}

interface Chain {
  readonly hook: ChainHook;
  readonly rules: readonly string[];
}

/** Priority of the source NAT that flannel and kube-proxy do. */
const SRCNAT = 100;

const CHAINS: Readonly<Record<TableName, Readonly<Record<string, Chain>>>> = {
  [EGRESS_TABLE]: {
    post: {
      // Before their masquerade: at the same priority, the chain that was made last would win.
      hook: { type: 'nat', hook: 'postrouting', prio: SRCNAT - 10, policy: 'accept' },
      rules: ['ip daddr != @local4 snat ip to ip saddr map @sources fully-random'],
    },
  },
  [GUARD_TABLE]: {
    post: {
      // After every source NAT.
      hook: { type: 'filter', hook: 'postrouting', prio: SRCNAT + 200, policy: 'accept' },
      rules: [
        'ip daddr @local4 accept',
        `ip saddr @pods counter name ${GUARD_COUNTERS.NoSourceNat} drop`,
        `ct original ip saddr @pods ip saddr != @allowed counter name ${GUARD_COUNTERS.WrongSource} drop`,
      ],
    },
    forward6: {
      hook: { type: 'filter', hook: 'forward', prio: 0, policy: 'accept' },
      // Pods have no global IPv6 address of the box to leave from.
      rules: [`ip6 daddr 2000::/3 counter name ${GUARD_COUNTERS.Ipv6} drop`],
    },
  },
};

/** Returns where each chain of a table is called from. */
export function hooksOf(table: TableName): Readonly<Record<string, ChainHook>> {
  return Object.fromEntries(Object.entries(CHAINS[table]).map(([name, { hook }]) => [name, hook]));
}

/** Returns the script that makes both tables, whatever of them is there: what the box loads when it starts. */
export function renderBoot(rules: EgressRules): string {
  return [
    '# Written by the node agent of kraite; kraite-egress.service loads it before k3s starts.',
    ...TABLE_NAMES.map((table) => renderTable(table, rules)),
  ].join('\n');
}

/** Returns the script that makes one table whole without taking it away for an instant. */
export function renderTable(
  table: TableName,
  rules: EgressRules,
  extraAllowed: readonly string[] = [],
): string {
  return lines(table, ['add table NAME', ...contentsOf(table, rules, { extraAllowed })]);
}

/** Returns the script that replaces a table that holds what it should not; the other table must stand meanwhile. */
export function renderReplacement(
  table: TableName,
  rules: EgressRules,
  extraAllowed: readonly string[] = [],
): string {
  return lines(table, [
    'add table NAME',
    'delete table NAME',
    'add table NAME',
    ...contentsOf(table, rules, { extraAllowed }),
  ]);
}

/** Name of the table that is loaded only to see how the kernel lists it. */
export function draftName(table: TableName): string {
  return `${table}_draft`;
}

/** Returns the script of a table that no packet meets, its chains having no hook, and that otherwise is `table`. */
export function renderDraft(table: TableName, rules: EgressRules): string {
  const script = [
    'add table NAME',
    'delete table NAME',
    'add table NAME',
    ...contentsOf(table, rules, { extraAllowed: [], isHooked: false }),
  ];
  return lines(draftName(table), script);
}

export function renderDraftRemoval(table: TableName): string {
  return lines(draftName(table), ['delete table NAME']);
}

/** Returns the script that makes the elements of one table those of `rules`; `extraAllowed` may leave as well. */
export function renderElements(
  table: TableName,
  rules: EgressRules,
  extraAllowed: readonly string[] = [],
): string {
  return lines(table, elementsOf(table, rules, extraAllowed));
}

/** Returns the script that takes both tables away: the box is released. */
export function renderRelease(): string {
  return TABLE_NAMES.map((table) => lines(table, ['add table NAME', 'delete table NAME'])).join('');
}

function contentsOf(
  table: TableName,
  rules: EgressRules,
  { extraAllowed, isHooked = true }: { extraAllowed: readonly string[]; isHooked?: boolean },
): readonly string[] {
  return [
    ...OBJECTS[table].map((object) => `add ${object}`),
    ...elementsOf(table, rules, extraAllowed),
    ...Object.entries(CHAINS[table]).flatMap(([name, chain]) => [
      `add chain NAME ${name}${isHooked ? renderHook(chain.hook) : ''}`,
      `flush chain NAME ${name}`,
      ...chain.rules.map((rule) => `add rule NAME ${name} ${rule}`),
    ]),
  ];
}

function renderHook({ type, hook, prio, policy }: ChainHook): string {
  return ` { type ${type} hook ${hook} priority ${prio}; policy ${policy}; }`;
}

function elementsOf(
  table: TableName,
  { podCIDR, clusterCIDR, egressIP }: EgressRules,
  extraAllowed: readonly string[],
): readonly string[] {
  const local = filled('set', 'local4', [...LOCAL_NETWORKS, clusterCIDR]);
  switch (table) {
    case EGRESS_TABLE:
      return [...local, ...filled('map', 'sources', [`${podCIDR} : ${egressIP}`])];
    case GUARD_TABLE:
      return [
        ...local,
        ...filled('set', 'pods', [clusterCIDR]),
        ...filled('set', 'allowed', [...new Set([egressIP, ...extraAllowed])]),
      ];
  }
}

function filled(kind: 'set' | 'map', name: string, elements: readonly string[]): readonly string[] {
  return [`flush ${kind} NAME ${name}`, `add element NAME ${name} { ${elements.join(', ')} }`];
}

function lines(table: string, script: readonly string[]): string {
  return `${script.join('\n')}\n`.replaceAll('NAME', `inet ${table}`);
}
