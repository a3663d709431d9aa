import { describe, expect, test } from 'vitest';

import { id, type PositionId } from '#pkg/domain';
import { StoreConflictError, type Frame, type User } from '#pkg/store';
import type { StoreUnderTest } from '../store.ts';
import { fresh } from './rows.ts';

export function describeRecords(subject: () => StoreUnderTest): void {
  test('a store that answers a ping is there', async () => {
    await expect(subject().store.ping()).resolves.toBeUndefined();
  });

  test('a server tells of itself: connections below their limit, and what it ran', async () => {
    const status = await subject().store.readServerStatus();
    if (status.size === 0) return;
    const of = (name: string): number => status.get(name) ?? Number.NaN;
    expect(of('Threads_connected')).toBeGreaterThan(0);
    expect(of('max_connections')).toBeGreaterThan(of('Threads_connected'));
    expect(of('Questions')).toBeGreaterThan(0);
    expect([...status.values()].every(Number.isFinite)).toBe(true);
  });

  describe('frames', () => {
    const newFrame = (changes: Partial<Frame> = {}): Frame => ({
      id: fresh('frame'),
      accountId: id('account-1'),
      kind: 'ORDER_TRADE_UPDATE',
      fingerprint: fresh('hash'),
      payload: '{"e":"ORDER_TRADE_UPDATE","s":"币安人生USDT"}',
      receivedAtMs: 4_000,
      ...changes,
    });

    test('identical bytes count once', async () => {
      const { frames } = subject().store;
      const frame = newFrame();

      expect(await frames.save(frame)).toBe('saved');
      expect(await frames.save(newFrame({ fingerprint: frame.fingerprint }))).toBe('duplicate');
      expect(await frames.save(frame)).toBe('duplicate');
      expect(await frames.find(frame.id)).toEqual(frame);
    });

    test('of many who save one frame at once, one saves it', async () => {
      const { frames } = subject().store;
      const fingerprint = fresh('hash');
      const saved = await Promise.all(
        Array.from({ length: 6 }, () => frames.save(newFrame({ fingerprint }))),
      );
      expect(saved.filter((result) => result === 'saved')).toHaveLength(1);
    });

    test('a frame that was not applied in time is listed until it is', async () => {
      const { store, passTime } = subject();
      const [kept, applied] = [newFrame(), newFrame()];
      await store.frames.save(kept);
      await store.frames.save(applied);
      const listed = async (olderThanMs: number) =>
        (await store.frames.listUnapplied(olderThanMs, 1_000)).map((frame) => frame.id);

      expect(await listed(60_000)).not.toContain(kept.id);
      await passTime(60);
      expect(await listed(30)).toEqual(expect.arrayContaining([kept.id, applied.id]));
      await store.frames.markApplied(applied.id, 9_000);
      expect(await listed(30)).not.toContain(applied.id);
    });

    test('frames are removed so long after they were applied, a batch at a time, and never before', async () => {
      const { frames } = subject().store;
      const [waiting, young, ...old] = [newFrame(), newFrame(), newFrame(), newFrame(), newFrame()];
      for (const frame of [waiting, young, ...old]) await frames.save(frame);
      for (const frame of old) await frames.markApplied(frame.id, 1_000);
      await frames.markApplied(young.id, 2_000);

      const batches: number[] = [];
      while (batches.at(-1) !== 0) {
        batches.push(await frames.prune({ appliedBeforeMs: 2_000, limit: 2 }));
      }
      expect(batches).toEqual([2, 1, 0]);
      for (const frame of old) expect(await frames.find(frame.id)).toBeUndefined();
      expect(await frames.find(young.id)).toEqual(young);
      expect(await frames.find(waiting.id)).toEqual(waiting);
    });
  });

  describe('events', () => {
    test('events come back in order of writing, from any point on', async () => {
      const { events } = subject().store;
      const first = await events.append({ kind: 'BoxLost', message: 'eos is lost', atMs: 1 });
      const second = await events.append({
        kind: 'RungFilled',
        message: 'rung 1 of BTCUSDT filled ✓',
        atMs: 2,
        box: 'eos',
        accountId: id('account-1'),
        positionId: id('position-1'),
        symbol: id('BTCUSDT'),
        reason: 'AwaitingFill',
      });

      expect(second.sequence).toBeGreaterThan(first.sequence);
      expect(await events.listAfter(first.sequence - 1, 10)).toEqual([first, second]);
      expect(await events.listAfter(first.sequence, 10)).toEqual([second]);
      expect(await events.listAfter(second.sequence, 10)).toEqual([]);
      expect(await events.listNewest(2)).toEqual([first, second]);
    });

    test('a reader that follows sees every event that is written at once', async () => {
      const { events } = subject().store;
      const start = (await events.append({ kind: 'Started', message: 'start', atMs: 1 })).sequence;
      const writing = Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          events.append({ kind: 'Counted', message: String(index), atMs: index }),
        ),
      );
      const seen: number[] = [];
      let last = start;
      for (let reads = 0; seen.length < 60 && reads < 2_000; reads += 1) {
        for (const event of await events.listAfter(last, 7)) {
          seen.push(event.sequence);
          last = event.sequence;
        }
      }
      const written = (await writing).map((event) => event.sequence).toSorted((a, b) => a - b);
      expect(seen).toEqual(written);
    });

    test('the newest events of one position are found', async () => {
      const { events } = subject().store;
      const positionId = id<PositionId>(fresh('position'));
      const own = [];
      for (let atMs = 1; atMs <= 3; atMs += 1) {
        own.push(await events.append({ kind: 'RungFilled', message: 'own', atMs, positionId }));
        await events.append({ kind: 'RungFilled', message: 'other', atMs });
      }
      expect(await events.listNewest(2, { positionId })).toEqual(own.slice(1));
    });
  });

  describe('runs of the timetable', () => {
    test('one instant of an entry is run once, even when asked for at once', async () => {
      const { scheduleRuns } = subject().store;
      const entry = fresh('entry');
      const begun = await Promise.all(
        Array.from({ length: 5 }, () => scheduleRuns.begin(entry, 60_000, 60_001)),
      );
      expect(begun.filter(Boolean)).toHaveLength(1);
      expect(await scheduleRuns.begin(entry, 120_000, 120_001)).toBe(true);
    });

    test('the newest run of an entry is listed with its result', async () => {
      const { scheduleRuns } = subject().store;
      const entry = fresh('entry');
      await scheduleRuns.begin(entry, 60_000, 60_001);
      await scheduleRuns.finish(entry, 60_000, {
        result: 'submitted',
        reason: undefined,
        nowMs: 60_002,
      });
      await scheduleRuns.begin(entry, 120_000, 120_001);
      const newest = async () =>
        (await scheduleRuns.listNewest()).filter((run) => run.entry === entry);

      expect(await newest()).toEqual([
        {
          entry,
          dueAtMs: 120_000,
          startedAtMs: 120_001,
          finishedAtMs: undefined,
          result: 'running',
          reason: undefined,
        },
      ]);
      await scheduleRuns.finish(entry, 120_000, {
        result: 'held',
        reason: 'FleetPaused',
        nowMs: 120_002,
      });
      expect(await newest()).toMatchObject([
        { result: 'held', reason: 'FleetPaused', finishedAtMs: 120_002 },
      ]);
    });
  });

  test('old runs of the timetable are removed, and the newest of an entry stays however old', async () => {
    const { scheduleRuns } = subject().store;
    const [busy, quiet] = [fresh('entry'), fresh('entry')];
    for (const dueAtMs of [1_000, 2_000, 3_000]) await scheduleRuns.begin(busy, dueAtMs, dueAtMs);
    await scheduleRuns.begin(quiet, 1_000, 1_000);
    expect(await scheduleRuns.prune(3_000)).toBeGreaterThanOrEqual(2);
    const left = (await scheduleRuns.listNewest()).filter(({ entry }) =>
      [busy, quiet].includes(entry),
    );
    expect(left.map(({ entry, dueAtMs }) => [entry, dueAtMs])).toEqual(
      [
        [busy, 3_000],
        [quiet, 1_000],
      ].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
    // What was removed may be begun anew; what stayed may not.
    expect(await scheduleRuns.begin(busy, 1_000, 4_000)).toBe(true);
    expect(await scheduleRuns.begin(busy, 3_000, 4_000)).toBe(false);
    expect(await scheduleRuns.begin(quiet, 1_000, 4_000)).toBe(false);
  });

  describe('settings', () => {
    test('a value is found once set, replaced when set again', async () => {
      const { settings } = subject().store;
      const name = fresh('setting');
      expect(await settings.find(name)).toBeUndefined();
      await settings.set(name, 'one', 1);
      await settings.set(name, 'two ✓', 2);
      expect(await settings.find(name)).toBe('two ✓');
    });

    test('values are listed by the beginning of their names', async () => {
      const { settings } = subject().store;
      const prefix = fresh('hold');
      for (const name of [`${prefix}:b`, `${prefix}:a`, `${fresh('other')}:c`]) {
        await settings.set(name, name, 1);
      }
      expect([...(await settings.listByPrefix(`${prefix}:`)).keys()]).toEqual([
        `${prefix}:a`,
        `${prefix}:b`,
      ]);
    });

    test('a value that is set once stands against all who come later or at once', async () => {
      const { settings } = subject().store;
      const name = fresh('setting');
      const given = await Promise.all(
        ['a', 'b', 'c', 'd'].map((value) => settings.setOnce(name, value, 1)),
      );
      expect(new Set(given).size).toBe(1);
      expect(await settings.setOnce(name, 'late', 2)).toBe(given[0]);
      expect(await settings.find(name)).toBe(given[0]);
    });

    test('of several who change a value at once one does, and a value that is not as it was stays', async () => {
      const { settings } = subject().store;
      const name = fresh('setting');
      const race = (from: string | undefined) =>
        Promise.all(
          ['a', 'b', 'c', 'd'].map((to) => settings.setIf(name, { from, to: `${to} ✓` }, 1)),
        );
      const won = (outcomes: readonly boolean[]) => outcomes.filter(Boolean).length;

      expect(won(await race(undefined))).toBe(1);
      const first = await settings.find(name);
      expect(won(await race(undefined))).toBe(0);
      expect(await settings.find(name)).toBe(first);
      expect(await settings.setIf(name, { from: first, to: 'A' }, 2)).toBe(true);
      expect(await settings.setIf(name, { from: 'a', to: 'b' }, 3)).toBe(false);
      expect(won(await race('A'))).toBe(1);
      expect(await settings.setIf(fresh('setting'), { from: 'a', to: 'b' }, 3)).toBe(false);
    });

    test('a removed value is gone, and may be set again', async () => {
      const { settings } = subject().store;
      const name = fresh('setting');
      await settings.remove(name);
      await settings.set(name, 'one', 1);
      await settings.remove(name);
      expect(await settings.find(name)).toBeUndefined();
      expect(await settings.setOnce(name, 'two', 2)).toBe('two');
    });
  });

  describe('users', () => {
    const newUser = (changes: Partial<User> = {}): User => ({
      id: fresh('user'),
      name: fresh('Zoë'),
      role: 'operator',
      passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
      ...changes,
    });

    test('a user is found by name and id, and counted', async () => {
      const { users } = subject().store;
      const before = await users.count();
      const user = newUser();
      await users.save(user);
      await users.save({ ...user, role: 'trader' });

      expect(await users.findByName(user.name)).toEqual({ ...user, role: 'trader' });
      expect(await users.findById(user.id)).toEqual({ ...user, role: 'trader' });
      expect(await users.count()).toBe(before + 1);
      expect(await users.findByName(fresh('nobody'))).toBeUndefined();
    });

    test('a name that another user has is a conflict, not an overwrite', async () => {
      const { users } = subject().store;
      const user = newUser();
      await users.save(user);

      await expect(users.save(newUser({ name: user.name }))).rejects.toThrow(StoreConflictError);
      const renamed = newUser();
      await users.save(renamed);
      await expect(users.save({ ...renamed, name: user.name })).rejects.toThrow(StoreConflictError);
      expect(await users.findByName(user.name)).toEqual(user);
    });

    test('sessions that have ended are removed, the others stay', async () => {
      const { users } = subject().store;
      const session = { userId: 'user-1', csrfToken: 'csrf' };
      const ended = { ...session, tokenHash: fresh('token'), expiresAtMs: 1_000 };
      const standing = { ...session, tokenHash: fresh('token'), expiresAtMs: 2_000 };
      await users.saveSession(ended);
      await users.saveSession(standing);
      expect(await users.pruneSessions(2_000)).toBe(1);
      expect(await users.findSession(ended.tokenHash)).toBeUndefined();
      expect(await users.findSession(standing.tokenHash)).toEqual(standing);
    });

    test('a session is found until it is removed', async () => {
      const { users } = subject().store;
      const session = {
        tokenHash: fresh('token'),
        userId: 'user-1',
        csrfToken: 'csrf',
        expiresAtMs: 1_763_922_000_000,
      };
      await users.saveSession(session);
      expect(await users.findSession(session.tokenHash)).toEqual(session);
      await users.removeSession(session.tokenHash);
      expect(await users.findSession(session.tokenHash)).toBeUndefined();
    });
  });
}
