/** What pods do with the proof of their address that the node agent of their box writes. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';

import { required } from '#pkg/base';
import { usePodFleet, writeEgress } from './fleet.ts';
import type { Pod } from './kubelet/index.ts';
import { soon } from './soon.ts';

const fleet = usePodFleet();
const NAMES = ['eos-orders', 'eos-priority', 'athena-market-stream'] as const;
type Name = (typeof NAMES)[number];
const pods = new Map<Name, Pod>();

beforeAll(async () => {
  await fleet.registerAccount();
  for (const name of NAMES) pods.set(name, await fleet.start(fleet.workload(name)));
});

beforeEach(async () => {
  for (const name of NAMES) prove(name);
  for (const name of NAMES) await expectFacts(name, { isReady: true, reasons: [] });
});

function prove(name: Name, changes: Parameters<typeof writeEgress>[1] = {}): void {
  writeEgress(fleet.egressFolder(fleet.workload(name)), { ...proofOf(name), ...changes });
}

function proofOf(name: Name) {
  const { box, egressAddress } = fleet.workload(name);
  return { box, egressIP: required(egressAddress, `${name} leaves from an address`) };
}

async function expectFacts(name: Name, facts: Readonly<Record<string, unknown>>): Promise<void> {
  const pod = required(pods.get(name), `${name} was started`);
  await soon(async () => expect(await pod.facts()).toMatchObject(facts));
}

const ago = (ms: number): string => new Date(fleet.clock.nowMs() - ms).toISOString();

test('an address that somebody contradicts: the box takes nothing and says so', async () => {
  for (const name of NAMES) prove(name, { reason: 'EgressIdentityMismatch' });
  for (const name of NAMES) {
    await expectFacts(name, { isReady: false, reasons: ['EgressIdentityMismatch'] });
  }
});

test('a proof that is too old stops ordinary work, and what protects goes on', async () => {
  for (const name of NAMES) prove(name, { validUntil: ago(1_000) });
  await expectFacts('eos-orders', {
    isReady: true,
    reasons: ['EgressUnconfirmed'],
    lanes: [{ name: 'orders', reason: 'EgressUnconfirmed' }],
  });
  const pod = required(pods.get('eos-priority'), 'it was started');
  await expectFacts('eos-priority', { isReady: true });
  expect((await pod.facts()).lanes.map(({ reason }) => reason)).toEqual([undefined]);
});

test('no proof at all: nothing leaves, and the stream gives its lease up', async () => {
  for (const name of NAMES) {
    rmSync(join(fleet.egressFolder(fleet.workload(name)), 'egress.json'), { force: true });
  }
  for (const name of NAMES) {
    await expectFacts(name, { isReady: false, reasons: ['EgressUnverified'] });
  }
  await soon(async () => {
    const lease = await fleet.store.leases.find('market-stream');
    expect(lease?.remainingMs ?? 0).toBeLessThanOrEqual(0);
  });
});
