import { describe, expect, test } from 'vitest';

import { id, price, type Order, type SymbolName } from '#pkg/domain';
import { createPriceWatch, levelOf, type PriceLevel } from './price-watch.ts';

const BTC = id<SymbolName>('BTCUSDT');
const level = (orderId: string, at: number, isFilledAbove: boolean): PriceLevel => ({
  orderId: id(orderId),
  positionId: id('position'),
  accountId: id('account'),
  symbol: BTC,
  price: price(at),
  isFilledAbove,
});
const marks = (at: number) => [
  { symbol: id<SymbolName>('ETHUSDT'), mark: '1' },
  { symbol: BTC, mark: String(at) },
];

describe('price watch', () => {
  test('a level is told when the mark reaches it, from its own side only', () => {
    const watch = createPriceWatch();
    watch.replace([level('rung', 90, false), level('profit', 110, true)]);
    const crossed = (at: number, nowMs: number): readonly string[] =>
      watch.take(marks(at), nowMs).map(({ orderId }) => orderId);
    expect(crossed(100, 0)).toEqual([]);
    expect(crossed(90, 1)).toEqual(['rung']);
    expect(crossed(110, 2)).toEqual(['profit']);
  });

  test('prices that no plain number tells apart are told apart', () => {
    const watch = createPriceWatch();
    const far = { ...level('rung', 1, false), price: price('0.30000000000000000001') };
    watch.replace([far]);
    const at = (mark: string): number => watch.take([{ symbol: BTC, mark }], 0).length;
    expect(at('0.30000000000000000002')).toBe(0);
    expect(at('0.30000000000000000001')).toBe(1);
  });

  test('what stays passed is told again after half a minute, not each second, and a new list forgets nothing', () => {
    const watch = createPriceWatch();
    const levels = [level('rung', 90, false)];
    let told = 0;
    for (let second = 0; second < 61; second += 1) {
      watch.replace(levels);
      told += watch.take(marks(80), second * 1_000).length;
    }
    expect(told).toBe(3);
  });

  test('an order that moved is a new level, and one that is gone is none', () => {
    const watch = createPriceWatch();
    watch.replace([level('rung', 90, false)]);
    expect(watch.take(marks(80), 0)).toHaveLength(1);
    watch.replace([level('rung', 85, false)]);
    expect(watch.take(marks(80), 1)).toHaveLength(1);
    watch.replace([]);
    expect(watch.take(marks(80), 99_000)).toEqual([]);
  });

  test.each([
    ['long', 'profit', true],
    ['long', 'rung', false],
    ['long', 'stop', false],
    ['short', 'profit', false],
    ['short', 'rung', true],
    ['short', 'stop', true],
  ] as const)('a %s position’s %s fills above: %s', (direction, purpose, isFilledAbove) => {
    const order = { direction, purpose, status: 'new', price: price(5), symbol: BTC } as Order;
    expect(levelOf(order)?.isFilledAbove).toBe(isFilledAbove);
  });

  test('orders without a price of their own, and those that were never sent, have no level', () => {
    const order = { direction: 'long', purpose: 'rung', status: 'new', price: price(5) } as Order;
    expect(levelOf({ ...order, purpose: 'entry' })).toBeUndefined();
    expect(levelOf({ ...order, price: undefined })).toBeUndefined();
    expect(levelOf({ ...order, status: 'planned' })).toBeUndefined();
  });
});
