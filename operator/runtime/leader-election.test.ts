/** The lease, in virtual time on the simulated API server. Each process has a clock of its own, so that one can freeze. */
import { expect, test } from 'vitest';

import { createManualClock, createSeededRandom, type ManualClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import {
  createSimulatedKube,
  type FaultPlan,
  type SimulatedKube,
} from '../../tests/simulation/kube/index.ts';
import { passTime } from '../../tests/simulation/kube/virtual-time.ts';
import { acquireLease, LEASE, type Leadership } from './leader-election.ts';

const NAME = { namespace: 'n', name: 'operator' };

interface Candidate {
  readonly clock: ManualClock;
  /** Undefined while it does not lead. */
  leadership(): Leadership | undefined;
}

function createBench(faults?: FaultPlan) {
  const serverClock = createManualClock();
  const kube = createSimulatedKube({ clock: serverClock, kinds: [LEASE] });
  kube.server.faults = faults;
  const clocks: ManualClock[] = [serverClock];
  return {
    kube,
    serverClock,
    candidate: (identity: string, startMs?: number): Candidate => {
      const clock = createManualClock(startMs);
      clocks.push(clock);
      return runCandidate(kube, identity, clock);
    },
    /** Time passes for the server and for everybody but `frozen`. */
    pass: async (durationMs: number, frozen?: Candidate): Promise<void> => {
      for (let passed = 0; passed < durationMs; passed += 100) {
        for (const clock of clocks) if (clock !== frozen?.clock) await passTime(clock, 100);
      }
    },
  };
}

function runCandidate(kube: SimulatedKube, identity: string, clock: ManualClock): Candidate {
  let leadership: Leadership | undefined;
  const signal = new AbortController().signal;
  const client = kube.connect(identity);
  const random = createSeededRandom(identity);
  const logger = createSilentLogger();
  void acquireLease({ client, ...NAME, identity, clock, random, logger }, signal).then((taken) => {
    leadership = taken;
  });
  return { clock, leadership: () => leadership };
}

async function readSpec(kube: SimulatedKube): Promise<Readonly<Record<string, unknown>>> {
  const { faults } = kube.server;
  kube.server.faults = undefined;
  const lease = await kube.client.find(LEASE, NAME);
  kube.server.faults = faults;
  return (lease?.['spec'] ?? {}) as Readonly<Record<string, unknown>>;
}

const isUpdate = ({ verb }: Parameters<FaultPlan>[0]): boolean => verb === 'update';

test('the first takes it, writes what kubectl shows, and renews it', async () => {
  const { kube, candidate, pass } = createBench();
  const first = candidate('first');
  await pass(100);
  expect(first.leadership()?.epoch).toBe(0);
  expect(await readSpec(kube)).toEqual({
    holderIdentity: 'first',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:00:00.000000Z',
    leaseTransitions: 0,
  });
  await pass(4_000);
  const { acquireTime, renewTime, leaseTransitions } = await readSpec(kube);
  expect([acquireTime, leaseTransitions]).toEqual(['2026-01-01T00:00:00.000000Z', 0]);
  expect(renewTime).toMatch(/00:00:0[34]\.\d{6}Z$/);
});

test('another takes over when it has seen no renewal for the whole lease, 2 s later at most, under the next epoch', async () => {
  const { kube, candidate, pass } = createBench();
  const first = candidate('first');
  await pass(2_000);
  const second = candidate('second');
  await pass(20_000);
  expect(second.leadership()).toBeUndefined();
  kube.server.cutOff('first');
  await pass(9_000);
  expect(first.leadership()?.lost.aborted).toBe(false);
  await pass(1_100);
  expect(first.leadership()?.lost.aborted).toBe(true);
  await pass(2_500);
  expect(second.leadership()).toBeUndefined();
  await pass(4_400);
  expect(second.leadership()?.epoch).toBe(1);
});

test('a wall clock that is an hour ahead takes nothing from anybody', async () => {
  const { candidate, pass } = createBench();
  candidate('first');
  await pass(1_000);
  const ahead = candidate('ahead', Date.UTC(2026, 0, 1, 1));
  await pass(60_000);
  expect(ahead.leadership()).toBeUndefined();
});

test('a leader that was frozen learns on waking that it leads no more, and gives back nothing of others', async () => {
  const { kube, candidate, pass } = createBench();
  const frozen = candidate('frozen');
  await pass(1_000);
  const second = candidate('second');
  await pass(30_000, frozen);
  expect(second.leadership()?.epoch).toBe(1);
  const old = frozen.leadership();
  expect(old?.lost.aborted).toBe(false);
  await passTime(frozen.clock, 30_000);
  expect(old?.lost.aborted).toBe(true);
  await old?.release();
  expect(await readSpec(kube)).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
});

test('renewals whose replies are lost are renewals', async () => {
  const { kube, candidate, pass } = createBench();
  const first = candidate('first');
  await pass(1_000);
  kube.server.faults = (request) =>
    isUpdate(request) ? { kind: 'loseReply', isDone: true } : undefined;
  await pass(9_000);
  kube.server.faults = undefined;
  await pass(60_000);
  expect(first.leadership()?.lost.aborted).toBe(false);
  expect(await readSpec(kube)).toMatchObject({ holderIdentity: 'first', leaseTransitions: 0 });
});

test('a lease that is released is taken within seconds, also after a renewal whose reply was lost', async () => {
  const { kube, candidate, pass } = createBench();
  const first = candidate('first');
  await pass(1_500);
  const second = candidate('second');
  await pass(200);
  kube.server.faults = (request) =>
    isUpdate(request) && request.client === 'first'
      ? { kind: 'loseReply', isDone: true }
      : undefined;
  await pass(400);
  kube.server.faults = undefined;
  const released = first.leadership()?.release();
  await pass(3_000);
  await released;
  expect(second.leadership()?.epoch).toBe(1);
});

test('a take that was too long under way is taken again, under the next epoch', async () => {
  const { kube, candidate, pass } = createBench();
  candidate('gone');
  await pass(1_000);
  kube.server.cutOff('gone');
  let delays = 1;
  kube.server.faults = (request) =>
    request.client === 'slow' && isUpdate(request) && delays-- > 0
      ? { kind: 'delay', delayMs: 12_000 }
      : undefined;
  const slow = candidate('slow');
  await pass(26_000);
  expect(slow.leadership()).toBeUndefined();
  await pass(8_000);
  expect(slow.leadership()?.epoch).toBe(2);
  expect(slow.leadership()?.lost.aborted).toBe(false);
});

test('of two that take at once, one wins', async () => {
  const { candidate, pass } = createBench();
  const both = [candidate('first'), candidate('second')];
  await pass(10_000);
  expect(both.filter((each) => each.leadership() !== undefined)).toHaveLength(1);
});
