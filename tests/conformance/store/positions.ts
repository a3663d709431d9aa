import { describe, expect, test } from 'vitest';

import {
  findNextPositionStatus,
  id,
  notional,
  OPEN_POSITION_STATUSES,
  POSITION_TRANSITIONS,
  price,
  quantity,
  type AccountId,
  type Position,
  type PositionEvent,
  type PositionStatus,
} from '#pkg/domain';
import { StoreConflictError, type Store } from '#pkg/store';
import type { StoreUnderTest } from '../store.ts';
import { fresh, newPosition, plain } from './rows.ts';

/** How a position gets to each status from `new`. */
const PATHS: Readonly<Record<PositionStatus, readonly PositionEvent[]>> = {
  new: [],
  opening: ['OpeningStarted'],
  active: ['OpeningStarted', 'Activated'],
  syncing: ['OpeningStarted', 'Activated', 'SyncStarted'],
  waping: ['OpeningStarted', 'Activated', 'WapStarted'],
  closing: ['OpeningStarted', 'Activated', 'CloseStarted'],
  canceling: ['CleanupStarted'],
  closed: ['OpeningStarted', 'Activated', 'CloseStarted', 'ProvedFlat'],
  canceled: ['CleanupStarted', 'ProvedFlat'],
  failed: ['CleanupStarted', 'NotProvedFlat'],
};
const STATUSES = Object.keys(POSITION_TRANSITIONS) as PositionStatus[];
const EVENTS: readonly PositionEvent[] = [
  'OpeningStarted',
  'Activated',
  'SyncStarted',
  'SyncFinished',
  'WapStarted',
  'WapFinished',
  'CloseStarted',
  'CleanupStarted',
  'ProvedFlat',
  'NotProvedFlat',
];

async function positionAt(store: Store, status: PositionStatus): Promise<Position> {
  const created = await store.positions.create(newPosition());
  if (created.kind !== 'created') throw new Error('a fresh account has a free slot');
  for (const event of PATHS[status]) {
    await store.positions.advance(created.position.id, event, { nowMs: 2_000 });
  }
  return { ...created.position, status };
}

export function describePositions(subject: () => StoreUnderTest): void {
  describe('positions', () => {
    test('a created position is new, holds its slot and reads back as returned', async () => {
      const { positions } = subject().store;
      const taken = newPosition({ symbol: '币安人生USDT' });

      const created = await positions.create(taken);
      expect(created).toMatchObject({ kind: 'created', position: { ...taken, status: 'new' } });
      const position = created.kind === 'created' ? created.position : undefined;
      expect(await positions.find(taken.id)).toEqual(position);
      expect(await positions.listOpen({ accountId: taken.accountId })).toEqual([position]);
    });

    test('a repeated create with the same id returns the standing position', async () => {
      const { positions } = subject().store;
      const taken = newPosition();
      await positions.create(taken);
      await positions.advance(taken.id, 'OpeningStarted', { nowMs: 3_000 });

      expect(await positions.create(taken)).toMatchObject({
        kind: 'created',
        position: { id: taken.id, status: 'opening' },
      });
    });

    test('an id that another pair has is a conflict', async () => {
      const { positions } = subject().store;
      const taken = newPosition();
      await positions.create(taken);

      const other = { ...newPosition(), id: taken.id };
      await expect(positions.create(other)).rejects.toThrow(StoreConflictError);
    });

    test('a pair that is held and a slot that is taken are refused, each with its reason', async () => {
      const { positions } = subject().store;
      const accountId = id<AccountId>(fresh('account'));
      await positions.create(newPosition({ accountId, symbol: 'BTCUSDT', slot: 1 }));

      expect(
        await positions.create(newPosition({ accountId, symbol: 'BTCUSDT', slot: 2 })),
      ).toEqual({ kind: 'refused', reason: 'PairAlreadyHeld' });
      expect(
        await positions.create(newPosition({ accountId, symbol: 'ETHUSDT', slot: 1 })),
      ).toEqual({ kind: 'refused', reason: 'NoFreeSlot' });
      expect(
        await positions.create(newPosition({ accountId, symbol: 'BTCUSDT', slot: 1 })),
      ).toEqual({ kind: 'refused', reason: 'PairAlreadyHeld' });
      expect(
        await positions.create(
          newPosition({ accountId, symbol: 'BTCUSDT', slot: 1, direction: 'short' }),
        ),
      ).toMatchObject({ kind: 'created' });
    });

    test.each(['closed', 'canceled', 'failed'] as const)(
      'a position that is %s gives slot and pair back',
      async (status) => {
        const { store } = subject();
        const ended = await positionAt(store, status);
        const again = newPosition({ accountId: ended.accountId });

        expect(await store.positions.create(again)).toMatchObject({ kind: 'created' });
        expect(await store.positions.listOpen({ accountId: ended.accountId })).toMatchObject([
          { id: again.id },
        ]);
      },
    );

    test.each(OPEN_POSITION_STATUSES)(
      'a position that is %s holds slot and pair',
      async (status) => {
        const { store } = subject();
        const held = await positionAt(store, status);

        expect(
          await store.positions.create(newPosition({ accountId: held.accountId })),
        ).toMatchObject({ kind: 'refused' });
        expect(await store.positions.listOpen({ accountId: held.accountId })).toHaveLength(1);
      },
    );

    test('open positions are counted by side, and those that filled and have no stop', async () => {
      const { positions } = subject().store;
      const accountId = id<AccountId>(fresh('account'));
      const filled = { entryQuantity: quantity('0.01'), quantity: quantity('0.01') };
      const pairs = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'].map((symbol, at) =>
        newPosition({ accountId, symbol, slot: at + 1 }),
      );
      const [bare, protectedOne, ended] = pairs;
      for (const taken of pairs) {
        await positions.create(taken);
        await positions.update(taken.id, filled, 2_000);
      }
      await positions.create(newPosition({ accountId, symbol: 'BTCUSDT', direction: 'short' }));
      if (bare === undefined || protectedOne === undefined || ended === undefined) return;
      await positions.update(protectedOne.id, { stopPrice: price('90') }, 2_100);
      await positions.advance(ended.id, 'CleanupStarted', { nowMs: 2_200 });
      await positions.advance(ended.id, 'ProvedFlat', { nowMs: 2_300 });

      const counts = await positions.countOpen();
      const its = counts.filter((count) => count.accountId === accountId);
      expect(its.toSorted((a, b) => (a.direction < b.direction ? -1 : 1))).toEqual([
        { accountId, direction: 'long', count: 2, unprotected: 1 },
        { accountId, direction: 'short', count: 1, unprotected: 0 },
      ]);
    });

    test('of many creates at once for one slot, exactly one is created', async () => {
      const { positions } = subject().store;
      for (let round = 0; round < 5; round += 1) {
        const accountId = id<AccountId>(fresh('account'));
        const made = await Promise.all(
          ['BTC', 'ETH', 'SOL', 'XRP', 'ADA', 'DOT'].map((asset) =>
            positions.create(newPosition({ accountId, symbol: `${asset}USDT`, slot: 1 })),
          ),
        );
        expect(made.filter((result) => result.kind === 'created')).toHaveLength(1);
        expect(await positions.listOpen({ accountId })).toHaveLength(1);
      }
    });

    test('of many creates at once for one pair, exactly one is created', async () => {
      const { positions } = subject().store;
      const accountId = id<AccountId>(fresh('account'));
      const made = await Promise.all(
        [1, 2, 3, 4, 5, 6].map((slot) => positions.create(newPosition({ accountId, slot }))),
      );
      expect(made.filter((result) => result.kind === 'created')).toHaveLength(1);
      expect(made.filter((result) => result.kind === 'refused')).toEqual(
        Array.from({ length: 5 }, () => ({ kind: 'refused', reason: 'PairAlreadyHeld' })),
      );
    });

    test.each(STATUSES)('from %s every event moves by the table or is refused', async (status) => {
      const { store } = subject();
      for (const event of EVENTS) {
        const position = await positionAt(store, status);
        const next = findNextPositionStatus(status, event);
        const result = await store.positions.advance(position.id, event, { nowMs: 9_000 });
        const stored = await store.positions.find(position.id);
        if (next === undefined) {
          expect(result).toEqual({ kind: 'refused', status });
          expect(stored?.status).toBe(status);
        } else {
          expect(result).toMatchObject({ kind: 'moved', from: status, position: { status: next } });
          expect(stored).toMatchObject({ status: next, updatedAtMs: 9_000 });
        }
      }
    });

    test('an event for a position that is not there is refused without a status', async () => {
      const { positions } = subject().store;
      expect(
        await positions.advance(id(fresh('position')), 'OpeningStarted', { nowMs: 1 }),
      ).toEqual({ kind: 'refused', status: undefined });
    });

    test('of many who advance at once, one moves the position', async () => {
      const { store } = subject();
      const position = await positionAt(store, 'active');
      const moves = await Promise.all(
        Array.from({ length: 6 }, () =>
          store.positions.advance(position.id, 'CloseStarted', { nowMs: 1 }),
        ),
      );
      expect(moves.filter((move) => move.kind === 'moved')).toHaveLength(1);
    });

    test('advance writes its changes with the status and returns the row as it stands', async () => {
      const { store } = subject();
      const position = await positionAt(store, 'opening');
      const moved = await store.positions.advance(position.id, 'Activated', {
        nowMs: 4_000,
        changes: {
          marginUsdt: notional('499.123456789012345678'),
          leverage: 20,
          entryPrice: price('0.00001234'),
          entryQuantity: quantity('123456789012.001'),
          openedAtMs: 1_763_922_000_123,
          workflowId: id('workflow-1'),
          reason: 'AwaitingFill',
        },
      });
      const stored = await store.positions.find(position.id);
      expect(moved.kind === 'moved' ? plain(moved.position) : undefined).toEqual(plain(stored));
      expect(plain(stored)).toMatchObject({
        status: 'active',
        marginUsdt: '499.123456789012345678',
        leverage: 20,
        entryPrice: '0.00001234',
        entryQuantity: '123456789012.001',
        openedAtMs: 1_763_922_000_123,
      });
    });

    test('update sets what is named, clears what is undefined and leaves the rest', async () => {
      const { store } = subject();
      const { id: positionId } = await positionAt(store, 'active');
      await store.positions.update(
        positionId,
        { stopPrice: price(59), profitPrice: price(101), reason: 'AwaitingFill', wapCount: 2 },
        5_000,
      );
      await store.positions.update(
        positionId,
        { reason: undefined, realizedPnl: notional('-12.5'), closeReason: 'StopFilled' },
        6_000,
      );
      expect(plain(await store.positions.find(positionId))).toMatchObject({
        status: 'active',
        stopPrice: '59',
        profitPrice: '101',
        reason: undefined,
        wapCount: 2,
        realizedPnl: '-12.5',
        closeReason: 'StopFilled',
        updatedAtMs: 6_000,
      });
    });

    test('an amount with more than 18 digits after the point is rounded as it is stored', async () => {
      const { store } = subject();
      const position = await positionAt(store, 'active');
      const breakEvenPrice = price('73.1234567890123456785');
      const moved = await store.positions.advance(position.id, 'WapStarted', {
        nowMs: 1,
        changes: { breakEvenPrice },
      });
      expect(plain(moved)).toMatchObject({
        position: { breakEvenPrice: '73.123456789012345679' },
      });
      expect(plain(await store.positions.find(position.id))).toMatchObject({
        breakEvenPrice: '73.123456789012345679',
      });
    });

    test('lists are ordered by age: open ones oldest first, all newest first', async () => {
      const { positions } = subject().store;
      const accountId = id<AccountId>(fresh('account'));
      const taken = [3_000, 1_000, 2_000].map((createdAtMs, index) =>
        newPosition({ accountId, symbol: `S${index}USDT`, slot: index + 1, createdAtMs }),
      );
      for (const position of taken) await positions.create(position);
      const [third, first, second] = taken.map((position) => position.id);
      const ids = (rows: readonly Position[]) => rows.map((row) => row.id);

      expect(ids(await positions.listOpen({ accountId }))).toEqual([first, second, third]);
      expect(ids(await positions.list({ accountId, limit: 2 }))).toEqual([third, second]);
      expect(ids(await positions.listOpen({ accountId, symbol: id('S1USDT') }))).toEqual([first]);
    });
  });
}
