import { expect, test } from 'vitest';
import { renderBoot } from '#operator/node-agent';
import { eventually } from '../harness/eventually.ts';
import { ADDRESSES, openAgentBox, RULES, type AgentBox } from './lab/index.ts';

const { egress, otherEgress, nodeOwn } = ADDRESSES;
const LIMIT = { limitMs: 40_000, everyMs: 50 };

async function openVerified(options: { readonly lookEveryMs?: number } = {}): Promise<AgentBox> {
  const box = await openAgentBox(options);
  await box.applySpec();
  box.startAgent();
  await eventually(async () => {
    expect(await box.readCondition('Verified')).toBe('True EgressVerified');
  }, LIMIT);
  return box;
}

test('a box is given its rules, is seen from outside, and says so to everybody', async () => {
  await using box = await openVerified();
  const object = await box.findObject();
  expect(object?.status).toMatchObject({ observedGeneration: 1, observedIP: egress });
  expect(object?.status?.observed).toHaveLength(3);
  expect(await box.readCondition('RulesApplied')).toBe('True RulesRight');
  expect(await box.readCondition('GuardActive')).toBe('True RulesRight');
  const proof = await box.readProof();
  expect(proof).toMatchObject({ box: 'eos', egressIP: egress, observedIP: egress });
  expect(proof?.reason).toBeUndefined();
  expect(await box.readFile('egress.nft')).toBe(renderBoot(RULES));
  expect(Object.keys((await box.lab.talk(50)).seen)).toEqual([egress]);
  const metrics = await box.readMetrics();
  expect(metrics).toMatch(/^kraite_egress_verified\{node="eos-1",.*\} 1$/m);
  expect(metrics).toMatch(/^kraite_egress_observed_info\{node="eos-1",ip="203.0.113.13",.*\} 1$/m);
});

test('a box where nothing changes is proved again and again without a write to the API server', async () => {
  await using box = await openVerified();
  const writes = box.kube.server.writes.length;
  const { verifiedAt } = (await box.readProof()) ?? {};
  await eventually(async () => {
    expect((await box.readProof())?.verifiedAt).not.toBe(verifiedAt);
  }, LIMIT);
  expect(box.kube.server.writes.length).toBe(writes);
});

test('whoever flushes the ruleset finds it whole again before the next look is due, and it is counted', async () => {
  await using box = await openVerified({ lookEveryMs: 60_000 });
  await box.lab.nft('node', 'flush ruleset');
  await eventually(async () => {
    expect(await box.readMetrics()).toMatch(/^kraite_egress_rules_drift_total\{.*\} 1$/m);
  }, LIMIT);
  expect(Object.keys((await box.lab.talk(50)).seen)).toEqual([egress]);
  expect(await box.readCondition('Verified')).toBe('True EgressVerified');
});

test('a box that is seen with another address stops everything until it is seen with its own', async () => {
  await using box = await openVerified();
  await box.lab.ip('venue', 'route', 'add', '198.51.100.7', 'via', nodeOwn);
  await box.lab.nft(
    'venue',
    'table ip upstream { chain in { type nat hook input priority 100; policy accept; ip saddr 203.0.113.13 snat to 198.51.100.7; }; }',
  );
  await eventually(async () => {
    expect(await box.readCondition('Verified')).toBe('False EgressIdentityMismatch');
  }, LIMIT);
  expect(await box.readProof()).toMatchObject({
    reason: 'EgressIdentityMismatch',
    observedIP: '198.51.100.7',
  });
  expect(await box.readMetrics()).toMatch(/^kraite_egress_verified\{.*\} 0$/m);
  await box.lab.nft('venue', 'delete table ip upstream');
  await eventually(async () => {
    expect(await box.readCondition('Verified')).toBe('True EgressVerified');
  }, LIMIT);
  expect((await box.readProof())?.reason).toBeUndefined();
});

test('a box that is given another address leaves as that, and proves it anew', async () => {
  await using box = await openVerified();
  await box.applySpec({ egressIP: otherEgress });
  await eventually(async () => {
    expect((await box.findObject())?.status).toMatchObject({
      observedGeneration: 2,
      observedIP: otherEgress,
    });
    expect(await box.readCondition('Verified')).toBe('True EgressVerified');
  }, LIMIT);
  expect(await box.readProof()).toMatchObject({ egressIP: otherEgress, observedIP: otherEgress });
  expect(Object.keys((await box.lab.talk(50)).seen)).toEqual([otherEgress]);
  const sources = Object.keys(await box.lab.readCapture());
  expect(sources.toSorted()).toEqual([egress, otherEgress]);
});

test('an agent that starts without an API server goes on by what it knew', async () => {
  await using box = await openVerified();
  await box.stopAgent();
  box.kube.server.cutOff('agent');
  await box.lab.nft('node', 'flush ruleset');
  const { verifiedAt = '' } = (await box.readProof()) ?? {};
  box.startAgent();
  await eventually(async () => {
    const proof = await box.readProof();
    expect(proof?.verifiedAt && proof.verifiedAt > verifiedAt).toBe(true);
  }, LIMIT);
  expect(Object.keys((await box.lab.talk(50)).seen)).toEqual([egress]);
});

test('an agent that ends, and an object that is deleted, leave the rules as they are', async () => {
  await using box = await openVerified();
  await box.kube.client.delete({
    apiVersion: 'fleet.kraite.io/v1alpha1',
    kind: 'KraiteNodeEgress',
    name: 'eos-1',
  });
  await new Promise((resolve) => setTimeout(resolve, 600));
  await box.stopAgent();
  expect(await box.lab.network.listTable('kraite_guard')).toContain('"allowed"');
  expect(Object.keys((await box.lab.talk(50)).seen)).toEqual([egress]);
});

test('a released box loses its rules and says so', async () => {
  await using box = await openVerified();
  await box.applySpec({ isReleased: true });
  await eventually(async () => {
    expect(await box.readCondition('RulesApplied')).toBe('False RulesRemoved');
  }, LIMIT);
  expect(await box.lab.network.listTable('kraite_guard')).toBeUndefined();
  expect(await box.readFile('egress.nft')).toBeUndefined();
  expect(await box.readProof()).toBeUndefined();
  expect(Object.keys((await box.lab.talk(50)).seen)).toEqual([nodeOwn]);
});

test('a box without an address of its own is looked at, and nothing is enforced', async () => {
  await using box = await openAgentBox();
  const { egressIP: _none, ...spec } = RULES;
  await box.applySpec({ ...spec, egressIP: undefined as never });
  box.startAgent();
  await eventually(async () => {
    expect((await box.findObject())?.status?.observedIP).toBe(nodeOwn);
  }, LIMIT);
  expect(await box.readCondition('Verified')).toBe('Unknown NotEnforced');
  expect(await box.lab.network.listTable('kraite_guard')).toBeUndefined();
});
