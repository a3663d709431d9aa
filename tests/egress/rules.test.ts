import { expect, test } from 'vitest';
import { createRuleKeeper, renderBoot, type EgressRules } from '#operator/node-agent';
import { ADDRESSES, openLab, RULES, type Lab } from './lab/index.ts';

const { egress, otherEgress, nodeOwn, pod } = ADDRESSES;
const MOVED: EgressRules = { ...RULES, egressIP: otherEgress };
const CONNECTIONS = 60_000;

/** Addresses that reached the venue and are none of `allowed`. */
async function wrongSources(lab: Lab, allowed: readonly string[]): Promise<readonly string[]> {
  const sources = Object.keys(await lab.readCapture());
  return sources.filter((source) => !allowed.includes(source));
}

async function openKept(): Promise<{ lab: Lab; keeper: ReturnType<typeof createRuleKeeper> }> {
  const lab = await openLab();
  const keeper = createRuleKeeper(lab.network);
  await keeper.keep(RULES);
  await lab.startServer();
  return { lab, keeper };
}

test('without rules pods leave with the first address of the node, with rules as the box', async () => {
  await using lab = await openLab();
  await lab.startServer();
  expect(Object.keys((await lab.talk(50)).seen)).toEqual([nodeOwn]);
  await createRuleKeeper(lab.network).keep(RULES);
  expect(Object.keys((await lab.talk(50)).seen)).toEqual([egress]);
});

test('60,000 connections while the map changes as fast as nft takes it: no packet with a wrong source', async () => {
  const { lab, keeper } = await openKept();
  await using _ = lab;
  await lab.nft('node', `add element inet kraite_guard allowed { ${otherEgress} }`);
  const over = new AbortController();
  const mapTo = (address: string): string =>
    `flush map inet kraite_egress sources; add element inet kraite_egress sources { ${RULES.podCIDR} : ${address} }`;
  const swapping = lab.repeat([mapTo(otherEgress), mapTo(egress)], over.signal);
  const { seen } = await lab.talk(CONNECTIONS);
  over.abort();
  const swaps = await swapping;
  expect(swaps).toBeGreaterThan(500);
  // It was not the guard that caught them: nothing wrong came as far as that.
  expect((await keeper.keep(RULES)).drops.WrongSource).toBe(0);
  expect(Object.keys(seen).toSorted()).toEqual([egress, otherEgress]);
  expect(await wrongSources(lab, [egress, otherEgress])).toEqual([]);
});

test('60,000 connections while the agent moves the box to and fro: no packet with a wrong source', async () => {
  const { lab, keeper } = await openKept();
  await using _ = lab;
  let [moves, isOver] = [0, false];
  const moving = (async () => {
    while (!isOver) await keeper.keep(moves++ % 2 === 0 ? MOVED : RULES);
  })();
  const { seen } = await lab.talk(CONNECTIONS);
  isOver = true;
  await moving;
  expect(moves).toBeGreaterThan(2);
  expect(Object.keys(seen).toSorted()).toEqual([egress, otherEgress]);
  expect(await wrongSources(lab, [egress, otherEgress])).toEqual([]);
  await keeper.keep(MOVED);
  expect(Object.keys((await lab.talk(50)).seen)).toEqual([otherEgress]);
});

test('rules gone and guard on: nothing leaves, and all is well again when the agent looks', async () => {
  const { lab, keeper } = await openKept();
  await using _ = lab;
  await lab.nft('node', 'delete table inet kraite_egress');
  const { seen, errors } = await lab.talk(1, { atOnce: 30 });
  expect(seen).toEqual({});
  expect(Object.keys(errors)).toEqual(['timeout']);
  expect(await lab.readCapture()).toEqual({});
  const report = await keeper.keep(RULES);
  expect(report.changes).toEqual(['make kraite_egress']);
  expect(report.drops.WrongSource).toBeGreaterThan(0);
  expect(Object.keys((await lab.talk(50)).seen)).toEqual([egress]);
});

test('rules and masquerade gone and guard on: no packet with the address of a pod', async () => {
  const { lab, keeper } = await openKept();
  await using _ = lab;
  await lab.nft('node', 'delete table inet kraite_egress');
  await lab.flushFlannel();
  expect((await lab.talk(1, { atOnce: 30 })).seen).toEqual({});
  expect(await lab.readCapture()).toEqual({});
  expect((await keeper.keep(RULES)).drops.NoSourceNat).toBeGreaterThan(0);
});

test('flannel flushes and makes its rules anew: the address stays', async () => {
  const { lab } = await openKept();
  await using _ = lab;
  await lab.flushFlannel();
  expect(Object.keys((await lab.talk(200)).seen)).toEqual([egress]);
  await lab.addFlannel();
  expect(Object.keys((await lab.talk(200)).seen)).toEqual([egress]);
  expect(await wrongSources(lab, [egress])).toEqual([]);
});

test('a connection under the old address is reset when the box moves', async () => {
  const { lab, keeper } = await openKept();
  await using _ = lab;
  const held = lab.hold();
  expect((await held.next()).value).toBe(egress);
  await keeper.keep(MOVED);
  expect((await held.next()).value).toMatch(/ECONNRESET|EPIPE/);
  expect(await wrongSources(lab, [egress, otherEgress])).toEqual([]);
});

const DRIFTS: readonly (readonly [name: string, ...script: readonly string[]])[] = [
  ['the table of addresses is deleted', 'delete table inet kraite_egress'],
  ['the guard is deleted', 'delete table inet kraite_guard'],
  ['everything is flushed', 'flush ruleset'],
  ['a chain is flushed', 'flush chain inet kraite_guard post'],
  ['a rule comes first', 'insert rule inet kraite_guard post accept'],
  ['another address is allowed', 'add element inet kraite_guard allowed { 203.0.113.99 }'],
  ['the pods are forgotten', 'flush set inet kraite_guard pods'],
  ['the map is emptied', 'flush map inet kraite_egress sources'],
  [
    'the venue is called local',
    'add element inet kraite_egress local4 { 203.0.113.0/24 }',
    'add element inet kraite_guard local4 { 203.0.113.0/24 }',
  ],
  [
    'a foreign chain is added',
    'add chain inet kraite_guard other { type nat hook postrouting priority 50; }',
    'add rule inet kraite_guard other ip saddr 10.42.0.0/16 snat ip to 203.0.113.14',
  ],
  [
    'a chain is hooked elsewhere',
    'flush chain inet kraite_egress post',
    'delete chain inet kraite_egress post',
    'add chain inet kraite_egress post { type nat hook postrouting priority 110; }',
    'add rule inet kraite_egress post ip daddr != @local4 snat ip to ip saddr map @sources fully-random',
  ],
  ['a table is put to sleep', 'add table inet kraite_guard { flags dormant; }'],
];

test.for(DRIFTS)('drift: %s, and one look puts it right', async ([, ...script]) => {
  const { lab, keeper } = await openKept();
  await using _ = lab;
  const before = await keeper.keep(RULES);
  expect(before.changes).toEqual([]);
  await lab.nft('node', script.join('\n'));
  const after = await keeper.keep(RULES);
  expect(after.changes.length).toBeGreaterThan(0);
  expect(after).toMatchObject({ isGuardRight: true, isEgressRight: true, hash: before.hash });
  expect(Object.keys((await lab.talk(50)).seen)).toEqual([egress]);
  expect(await wrongSources(lab, [egress])).toEqual([]);
});

test('what the box loads when it starts is what the agent wants, loaded once or twice', async () => {
  await using lab = await openLab();
  await lab.nft('node', renderBoot(RULES));
  await lab.nft('node', renderBoot(RULES));
  const report = await createRuleKeeper(lab.network).keep(RULES);
  expect(report).toMatchObject({ changes: [], isGuardRight: true, isEgressRight: true });
});

test('who comes in from outside is answered from the address he came to', async () => {
  const { lab } = await openKept();
  await using _ = lab;
  await lab.nft(
    'node',
    `table ip web { chain pre { type nat hook prerouting priority dstnat; policy accept; ip daddr ${nodeOwn} tcp dport 80 dnat to ${pod}:8001; }; }`,
  );
  await lab.startServer('pod');
  expect((await lab.talk(1, { atOnce: 1, from: 'venue', to: nodeOwn, port: 80 })).seen).toEqual({
    [ADDRESSES.venue]: 1,
  });
});

test('pods do not leave over IPv6, where no address is theirs', async () => {
  await using lab = await openLab();
  await lab.addIpv6();
  const call = () => lab.talk(1, { atOnce: 4, to: '2001:db8::250', port: 8001 });
  // Nobody listens there, and the venue says so.
  expect(Object.keys((await call()).errors).join()).toContain('ECONNREFUSED');
  const keeper = createRuleKeeper(lab.network);
  await keeper.keep(RULES);
  expect(Object.keys((await call()).errors)).toEqual(['timeout']);
  expect((await keeper.keep(RULES)).drops.Ipv6).toBeGreaterThan(0);
});

test('a released box leaves as the network of the cluster decides', async () => {
  const { lab, keeper } = await openKept();
  await using _ = lab;
  await keeper.release();
  await keeper.release();
  expect(await lab.network.listTable('kraite_guard')).toBeUndefined();
  expect(Object.keys((await lab.talk(50)).seen)).toEqual([nodeOwn]);
});
