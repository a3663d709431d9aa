import { describe, expect, test } from 'vitest';

import { id, type AccountId, type SymbolName } from '#pkg/domain';
import type { StoreUnderTest } from '../store.ts';
import { fresh, newOrder, newPosition } from './rows.ts';

export function describeStreamRows(subject: () => StoreUnderTest): void {
  describe('latest prices', () => {
    test('the newest price of each symbol stands to the last digit, whatever comes late', async () => {
      const { prices } = subject().store;
      const [first, second] = [id<SymbolName>(fresh('PRICE')), id<SymbolName>(fresh('PRICE'))];
      await prices.save([
        { symbol: first, mark: '64210.12345678', atMs: 2_000 },
        { symbol: second, mark: '0.00000123', atMs: 2_000 },
      ]);
      await prices.save([
        { symbol: second, mark: '0.00000124', atMs: 3_000 },
        { symbol: first, mark: '1', atMs: 1_999 },
      ]);
      await prices.save([]);
      const rows = (await prices.list()).filter(({ symbol }) => [first, second].includes(symbol));
      expect(rows.map((row) => [row.symbol, row.price.toFixed(), row.atMs])).toEqual([
        [first, '64210.12345678', 2_000],
        [second, '0.00000124', 3_000],
      ]);
    });

    test('a batch of many symbols, written by two at once, is whole', async () => {
      const { prices } = subject().store;
      const prefix = fresh('BATCH');
      const rows = Array.from({ length: 700 }, (_, index) => ({
        symbol: id<SymbolName>(`${prefix}-${String(index).padStart(3, '0')}`),
        mark: String(index + 1),
        atMs: 1_000,
      }));
      await Promise.all([prices.save(rows), prices.save(rows.toReversed())]);
      const stored = (await prices.list()).filter(({ symbol }) => symbol.startsWith(prefix));
      expect(stored.map((row) => row.price.toNumber())).toEqual(rows.map((_, index) => index + 1));
    });
  });

  describe('streams of accounts', () => {
    test('the state stands as its newest holder wrote it', async () => {
      const { accountStreams } = subject().store;
      const accountId = id<AccountId>(fresh('account'));
      const find = async () => {
        const listed = (await accountStreams.list()).find((row) => row.accountId === accountId);
        expect(await accountStreams.find(accountId)).toEqual(listed);
        return listed;
      };
      expect(await find()).toBeUndefined();
      const incomplete = {
        accountId,
        epoch: 3,
        reason: 'StreamGapOpen',
        sinceMs: 1_000,
        deadLetters: 2,
      } as const;
      await accountStreams.save(incomplete);
      expect(await find()).toEqual(incomplete);
      const complete = { ...incomplete, reason: undefined, sinceMs: 2_000, deadLetters: 0 };
      await accountStreams.save(complete);
      await accountStreams.save({ ...incomplete, epoch: 2 });
      expect(await find()).toEqual(complete);
      await accountStreams.save({ ...incomplete, epoch: 4 });
      expect(await find()).toEqual({ ...incomplete, epoch: 4 });
    });
  });

  describe('working orders of open positions', () => {
    test('orders that have ended and orders of positions that have ended are not among them', async () => {
      const { positions, orders } = subject().store;
      const [open, closed] = [newPosition(), newPosition()];
      for (const position of [open, closed]) await positions.create(position);
      const working = newOrder({ positionId: open.id });
      const ended = newOrder({ positionId: open.id });
      const orphaned = newOrder({ positionId: closed.id });
      await orders.plan([working, ended, orphaned]);
      await orders.settleUnknown(ended.id, 'rejected', 5);
      await positions.advance(closed.id, 'CleanupStarted', { nowMs: 5 });
      await positions.advance(closed.id, 'ProvedFlat', { nowMs: 6 });
      const ours = [working.id, ended.id, orphaned.id];
      const listed = (await orders.listWorkingOfOpen()).map((order) => order.id);
      expect(listed.filter((orderId) => ours.includes(orderId))).toEqual([working.id]);
    });

    test('of more positions than one reading takes none is left out and none told twice', async () => {
      const { positions, orders } = subject().store;
      // Many of one instant, so that a part ends between two of them.
      const open = Array.from({ length: 450 }, (_, at) =>
        newPosition({ createdAtMs: 3_000 + Math.floor(at / 300) }),
      );
      await Promise.all(open.map((position) => positions.create(position)));
      const working = open.map((position) => newOrder({ positionId: position.id }));
      await orders.plan(working);
      const ours = new Set<string>(working.map((order) => order.id));
      const listed = (await orders.listWorkingOfOpen()).filter((order) => ours.has(order.id));
      expect(listed).toHaveLength(working.length);
      expect(new Set(listed.map((order) => order.id))).toEqual(ours);
    });
  });
}
