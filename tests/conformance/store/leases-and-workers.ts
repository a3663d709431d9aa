import { describe, expect, test } from 'vitest';

import { id } from '#pkg/domain';
import type { WorkerBeat } from '#pkg/store';
import type { StoreUnderTest } from '../store.ts';
import { fresh } from './rows.ts';

const TTL_MS = 300;
const LONG_MS = 60_000;

export function describeLeasesAndWorkers(subject: () => StoreUnderTest): void {
  describe('leases', () => {
    test('a free lease is taken with epoch 1, and nobody else gets it', async () => {
      const { leases } = subject().store;
      const name = fresh('lease');

      expect(await leases.acquire(name, 'a', LONG_MS)).toMatchObject({ holder: 'a', epoch: 1 });
      expect(await leases.acquire(name, 'b', LONG_MS)).toBeUndefined();
      expect(await leases.find(name)).toMatchObject({ name, holder: 'a', epoch: 1 });
      expect((await leases.find(name))?.remainingMs).toBeGreaterThan(LONG_MS / 2);
    });

    test('a lease that nobody ever took is not found', async () => {
      expect(await subject().store.leases.find(fresh('lease'))).toBeUndefined();
    });

    test('renewing a valid lease keeps its epoch and prolongs it', async () => {
      const { leases } = subject().store;
      const name = fresh('lease');

      await leases.acquire(name, 'a', TTL_MS);
      expect(await leases.acquire(name, 'a', LONG_MS)).toMatchObject({ epoch: 1 });
      expect((await leases.find(name))?.remainingMs).toBeGreaterThan(LONG_MS / 2);
    });

    test('an expired lease goes to another holder under a new epoch', async () => {
      const { store, passTime } = subject();
      const name = fresh('lease');

      await store.leases.acquire(name, 'a', TTL_MS);
      await passTime(TTL_MS + 20);
      expect((await store.leases.find(name))?.remainingMs).toBeLessThanOrEqual(0);
      expect(await store.leases.acquire(name, 'b', LONG_MS)).toMatchObject({
        holder: 'b',
        epoch: 2,
      });
      expect(await store.leases.acquire(name, 'a', LONG_MS)).toBeUndefined();
    });

    test('after expiry even the same holder gets a new epoch', async () => {
      const { store, passTime } = subject();
      const name = fresh('lease');

      await store.leases.acquire(name, 'a', TTL_MS);
      await passTime(TTL_MS + 20);
      expect(await store.leases.acquire(name, 'a', LONG_MS)).toMatchObject({ epoch: 2 });
    });

    test('a released lease is free at once, and only its holder can release it', async () => {
      const { leases } = subject().store;
      const name = fresh('lease');

      await leases.acquire(name, 'a', LONG_MS);
      await leases.release(name, 'b');
      expect(await leases.acquire(name, 'b', LONG_MS)).toBeUndefined();
      await leases.release(name, 'a');
      expect(await leases.acquire(name, 'b', LONG_MS)).toMatchObject({ holder: 'b', epoch: 2 });
    });

    test('of many who ask at once for one lease, exactly one gets it', async () => {
      const { leases } = subject().store;
      for (let round = 0; round < 5; round += 1) {
        const name = fresh('lease');
        const asked = Array.from({ length: 8 }, (_, holder) => `holder-${holder}`);
        const given = await Promise.all(
          asked.map((holder) => leases.acquire(name, holder, LONG_MS)),
        );
        const winners = given.filter((lease) => lease !== undefined);
        expect(winners).toHaveLength(1);
        expect(await leases.find(name)).toMatchObject({ holder: winners[0]?.holder, epoch: 1 });
      }
    });
  });

  describe('workers', () => {
    const beatOf = (workerId: string, changes: Partial<WorkerBeat> = {}): WorkerBeat => ({
      workerId,
      box: id('eos'),
      process: 'eos-worker',
      pid: 4711,
      version: '0.1.0',
      lanes: [{ lane: 'positions', slots: 5, busy: 2 }],
      generation: 3,
      state: 'ready',
      reason: undefined,
      ...changes,
    });
    const findRow = async (workerId: string) =>
      (await subject().store.workers.list()).find((row) => row.workerId === workerId);

    test('a beat is read back with its age by the clock of the store', async () => {
      const { store, passTime } = subject();
      const workerId = fresh('worker');

      await store.workers.beat(beatOf(workerId), LONG_MS);
      expect(await findRow(workerId)).toMatchObject(beatOf(workerId));
      expect((await findRow(workerId))?.beatAgeMs).toBeLessThan(2_000);
      await passTime(60);
      expect((await findRow(workerId))?.beatAgeMs).toBeGreaterThanOrEqual(50);
    });

    test('a later beat replaces what the worker says and keeps when it started', async () => {
      const { store, passTime } = subject();
      const workerId = fresh('worker');

      await store.workers.beat(beatOf(workerId), LONG_MS);
      const first = await findRow(workerId);
      await passTime(30);
      const later = beatOf(workerId, { state: 'draining', reason: 'BoxDraining', lanes: [] });
      await store.workers.beat(later, LONG_MS);
      expect(await findRow(workerId)).toMatchObject({ ...later, startedAtMs: first?.startedAtMs });
    });

    test('a worker that leaves is gone from the list', async () => {
      const { workers } = subject().store;
      const workerId = fresh('worker');

      await workers.beat(beatOf(workerId), LONG_MS);
      await workers.leave(workerId);
      expect(await findRow(workerId)).toBeUndefined();
    });
  });
}
