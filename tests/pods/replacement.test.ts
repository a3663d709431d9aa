/** What must act once in the fleet, while its pod is replaced: a new one starts before the old one has ended. */
import { beforeAll, expect, test } from 'vitest';

import { required } from '#pkg/base';
import type { Lease } from '#pkg/store';
import { usePodFleet } from './fleet.ts';
import type { Pod } from './kubelet/index.ts';
import { soon } from './soon.ts';

const fleet = usePodFleet();
/** Kinds of the plan; each holds the lease of its own name. */
const SINGLETONS = ['dispatcher', 'scheduler', 'market-stream', 'user-stream'] as const;
type Singleton = (typeof SINGLETONS)[number];

const first = new Map<Singleton, Pod>();
const second = new Map<Singleton, Pod>();

async function startAll(pods: Map<Singleton, Pod>): Promise<void> {
  for (const name of SINGLETONS) {
    pods.set(name, await fleet.start(fleet.workload(`athena-${name}`)));
  }
  await Promise.all(SINGLETONS.map((name) => podOf(pods, name).ready()));
}

function podOf(pods: ReadonlyMap<Singleton, Pod>, name: Singleton): Pod {
  return required(pods.get(name), `a pod of ${name} was started`);
}

async function leaseOf(name: Singleton): Promise<Lease> {
  const lease = required(await fleet.store.leases.find(name), `somebody holds ${name}`);
  expect(lease.remainingMs).toBeGreaterThan(0);
  return lease;
}

const held = new Map<Singleton, Lease>();

beforeAll(async () => {
  await fleet.registerAccount();
  await startAll(first);
  for (const name of SINGLETONS) {
    await soon(async () => void held.set(name, await leaseOf(name)));
  }
}, 60_000);

test('a second pod is ready and waits: the first one goes on holding every lease', async () => {
  await startAll(second);
  for (const name of SINGLETONS) {
    expect((await leaseOf(name)).epoch, name).toBe(held.get(name)?.epoch);
  }
});

test.each(SINGLETONS)(
  'the %s that ends in order hands over to the one that waits',
  async (name) => {
    const before = await leaseOf(name);
    expect((await podOf(first, name).terminate()).code).toBe(0);
    await soon(async () => {
      const now = await leaseOf(name);
      expect(now.holder).not.toBe(before.holder);
      expect(now.epoch).toBe(before.epoch + 1);
      held.set(name, now);
    });
  },
);

test('after kill -9 of all four, the next pods take over when the leases end', async () => {
  for (const name of SINGLETONS) podOf(second, name).kill();
  await startAll(first);
  for (const name of SINGLETONS) {
    await soon(async () => {
      const now = await leaseOf(name);
      expect(now.holder, name).not.toBe(held.get(name)?.holder);
      expect(now.epoch, name).toBe((held.get(name)?.epoch ?? 0) + 1);
    });
  }
});
