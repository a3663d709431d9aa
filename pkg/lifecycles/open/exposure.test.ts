/** Entries that are let go at the same moment: each counts for the others, whichever process judges it. */
import { describe, expect, test } from 'vitest';

import { id, notional, price, quantity, type Position, type PositionId } from '#pkg/domain';
import { BTC } from '../../../tests/harness/trade/btc.ts';
import { createTradeBench, type TradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import type { OtherPositions } from './other-positions.ts';
import { createPreTradeRisk } from './pre-trade.ts';
import { FLEET_NOTIONAL_SETTING } from './risk-facts.ts';

const ENTRY = { entryPrice: price(60_000), entryQuantity: quantity('0.01') };

/** Slots of one account that are about to send their entries, each asked by a process of its own. */
async function createEntries(
  count: number,
  risk: object,
): Promise<{
  readonly bench: TradeBench;
  readonly positions: readonly Position[];
  readonly admit: (position: Position, besides?: OtherPositions) => Promise<string>;
}> {
  const bench = await createTradeBench({ risk });
  const { store, clock, venue } = bench;
  const positions: Position[] = [];
  for (let index = 0; index < count; index += 1) {
    const created = await store.positions.create({
      id: id<PositionId>(`position-${index}`),
      accountId: bench.account.id,
      symbol: index === 0 ? BTC : id(`${BTC}${index}`),
      direction: 'long',
      slot: index + 1,
      settings: bench.account.settings,
      createdAtMs: index,
    });
    if (created.kind === 'refused') throw new Error(created.reason);
    // The rules of one symbol stand for all.
    positions.push({ ...created.position, marginUsdt: notional(40), leverage: 15 });
    await store.positions.update(
      created.position.id,
      { marginUsdt: notional(40), leverage: 15 },
      0,
    );
  }
  const traded = await store.symbols.find(BTC);
  const symbols = { ...store.symbols, find: async () => traded };
  const admit = async (position: Position, besides: OtherPositions = []): Promise<string> => {
    const process = createPreTradeRisk({
      store: { ...store, symbols },
      prices: venue.prices,
      clock,
      exchange: venue.exchange,
    });
    const refusal = await process.admit(position, ENTRY, besides);
    return refusal?.reason ?? 'admitted';
  };
  return { bench, positions, admit };
}

/** An entry of 600 USDT and its four rungs are worth 13,602 filled, 136 % of the wallet. */
const TWO_LADDERS = { sideNotionalPercentMax: 320, stopLossPercentMax: 100 };

describe('entries at the same moment', () => {
  test('as many are admitted as the limit bears, although none has filled', async () => {
    const { positions, admit } = await createEntries(6, TWO_LADDERS);
    const outcomes = await Promise.all(positions.map((position) => admit(position)));
    expect(outcomes.filter((outcome) => outcome === 'admitted')).toHaveLength(2);
    const refused = outcomes.filter((outcome) => outcome !== 'admitted');
    expect(new Set(refused).size).toBeLessThanOrEqual(2);
    expect(['SideNotionalLimit', 'ExposureChanging']).toEqual(
      expect.arrayContaining([...new Set(refused)]),
    );
  });

  test('one after another gives the same', async () => {
    const { positions, admit } = await createEntries(4, TWO_LADDERS);
    const outcomes: string[] = [];
    for (const position of positions) outcomes.push(await admit(position));
    expect(outcomes).toEqual(['admitted', 'admitted', 'SideNotionalLimit', 'SideNotionalLimit']);
  });

  test('a step that runs again is admitted again and counts once', async () => {
    const { positions, admit } = await createEntries(2, TWO_LADDERS);
    const [first, second] = positions as [Position, Position];
    expect([await admit(first), await admit(first), await admit(second)]).toEqual(
      Array.from({ length: 3 }, () => 'admitted'),
    );
  });

  test('an entry that ended gives its room back', async () => {
    const { bench, positions, admit } = await createEntries(3, TWO_LADDERS);
    const [first, second, third] = positions as [Position, Position, Position];
    await admit(first);
    await admit(second);
    expect(await admit(third)).toBe('SideNotionalLimit');
    const nowMs = bench.clock.nowMs();
    await bench.store.positions.advance(first.id, 'OpeningStarted', { nowMs });
    await bench.store.positions.advance(first.id, 'CleanupStarted', { nowMs });
    await bench.store.positions.advance(first.id, 'ProvedFlat', { nowMs });
    expect(await bench.store.positions.listOpen()).toHaveLength(2);
    expect(await admit(third)).toBe('admitted');
  });

  test('the limit of the fleet holds for entries of the moment, too', async () => {
    const { bench, positions, admit } = await createEntries(4, { sideNotionalPercentMax: 800 });
    // One whole ladder, 13,602 USDT, and the margin × leverage of one other, 600.
    await bench.store.settings.set(FLEET_NOTIONAL_SETTING, '14500', 0);
    const outcomes = await Promise.all(positions.map((position) => admit(position)));
    const admitted = outcomes.filter((outcome) => outcome === 'admitted').length;
    expect(admitted).toBe(2);
  });

  test('what the user holds besides counts', async () => {
    const { positions, admit } = await createEntries(1, TWO_LADDERS);
    const [first] = positions as [Position];
    const besides = {
      symbol: 'ETHUSDT',
      direction: 'long' as const,
      quantity: '1',
      markPrice: '30000',
      unrealizedUsdt: '-10',
    };
    expect(await admit(first, [besides])).toBe('SideNotionalLimit');
    expect(await admit(first, [{ ...besides, direction: 'short' }])).toBe('admitted');
  });
});
