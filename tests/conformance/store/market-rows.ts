import { describe, expect, test } from 'vitest';

import { id, notional, type Candle, type LeverageBracket, type SymbolName } from '#pkg/domain';
import type { Readout } from '#pkg/store';
import type { StoreUnderTest } from '../store.ts';
import { fresh, plain, venueSymbol } from './rows.ts';

const BRACKETS: readonly LeverageBracket[] = [
  {
    bracket: 1,
    leverageMax: 125,
    notionalFloor: notional(0),
    notionalCap: notional('50000.5'),
    maintenanceMarginRatio: 0.004,
  },
];

export function describeMarketRows(subject: () => StoreUnderTest): void {
  describe('symbols', () => {
    test('the venue’s rules are stored; direction and brackets of ours survive a refresh', async () => {
      const { symbols } = subject().store;
      const name = fresh('币安人生').concat('USDT');
      const symbol = id<SymbolName>(name);
      await symbols.saveVenueSymbols([venueSymbol(name)], 1_000);
      await symbols.saveBrackets(new Map([[symbol, BRACKETS]]), 2_000);
      await symbols.saveDirection(symbol, {
        direction: 'short',
        timeframe: '4h',
        reason: undefined,
        atMs: 3_000,
      });
      await symbols.saveVenueSymbols([venueSymbol(name, { tickSize: '0.01' })], 4_000);

      expect(plain(await symbols.find(symbol))).toEqual({
        ...(plain(venueSymbol(name, { tickSize: '0.01' })) as object),
        brackets: plain(BRACKETS),
        direction: 'short',
        directionTimeframe: '4h',
        directionAtMs: 3_000,
        reason: undefined,
        updatedAtMs: 4_000,
      });
    });

    test('symbols that the venue names no more stop trading', async () => {
      const { symbols } = subject().store;
      const [gone, stays] = [fresh('GONE'), fresh('STAYS')];
      await symbols.saveVenueSymbols([venueSymbol(gone), venueSymbol(stays)], 1);
      await symbols.saveVenueSymbols([venueSymbol(stays)], 2);

      expect(await symbols.find(id(gone))).toMatchObject({ isTrading: false, updatedAtMs: 2 });
      expect(await symbols.find(id(stays))).toMatchObject({ isTrading: true });
      await symbols.saveVenueSymbols([], 3);
      expect(await symbols.find(id(stays))).toMatchObject({ isTrading: false });
    });

    test('seven hundred symbols and their brackets are saved at once', async () => {
      const { symbols } = subject().store;
      const names = Array.from({ length: 700 }, () => fresh('MANY'));
      await symbols.saveVenueSymbols(
        names.map((name) => venueSymbol(name)),
        1,
      );
      await symbols.saveBrackets(new Map(names.map((name) => [id<SymbolName>(name), BRACKETS])), 2);
      const stored = new Map((await symbols.list()).map((row) => [String(row.rules.symbol), row]));
      expect(names.filter((name) => stored.get(name)?.brackets.length === 1)).toHaveLength(700);
    });

    test('brackets and directions of a symbol that is not stored are dropped', async () => {
      const { symbols } = subject().store;
      const symbol = id<SymbolName>(fresh('NONE'));
      await symbols.saveBrackets(new Map([[symbol, BRACKETS]]), 1);
      await symbols.saveDirection(symbol, {
        direction: undefined,
        timeframe: undefined,
        reason: 'DirectionUnclear',
        atMs: 1,
      });
      expect(await symbols.find(symbol)).toBeUndefined();
    });
  });

  describe('candles', () => {
    const candleAt = (openAtMs: number, close = 1.5): Candle => ({
      openAtMs,
      open: 1.1,
      high: 2.2,
      low: 0.000_000_12,
      close,
      volume: 123_456.789,
    });

    test('the newest come back oldest first, and a candle is replaced by its open time', async () => {
      const { candles } = subject().store;
      const symbol = id<SymbolName>(fresh('CANDLE'));
      await candles.save(symbol, '1h', [candleAt(3), candleAt(1), candleAt(2)]);
      await candles.save(symbol, '1h', [candleAt(3, 9.75)]);
      await candles.save(symbol, '4h', [candleAt(7)]);

      expect(await candles.list(symbol, '1h', 2)).toEqual([candleAt(2), candleAt(3, 9.75)]);
      expect(await candles.list(symbol, '4h', 10)).toEqual([candleAt(7)]);
      expect(await candles.list(symbol, '1d', 10)).toEqual([]);
    });

    test('more candles than fit one statement are saved', async () => {
      const { candles } = subject().store;
      const symbol = id<SymbolName>(fresh('CANDLE'));
      const many = Array.from({ length: 1_500 }, (_, index) => candleAt(index * 3_600_000));
      await candles.save(symbol, '1h', many);
      await candles.save(symbol, '1h', []);

      expect(await candles.list(symbol, '1h', 2_000)).toEqual(many);
    });

    test('pruning keeps the newest of each series', async () => {
      const { candles } = subject().store;
      const [one, two] = [id<SymbolName>(fresh('CANDLE')), id<SymbolName>(fresh('CANDLE'))];
      await candles.prune(3);
      await candles.save(
        one,
        '1h',
        [1, 2, 3, 4, 5].map((at) => candleAt(at)),
      );
      await candles.save(
        two,
        '1h',
        [1, 2].map((at) => candleAt(at)),
      );

      expect(await candles.prune(3)).toBe(2);
      expect(await candles.prune(3)).toBe(0);
      expect((await candles.list(one, '1h', 9)).map((candle) => candle.openAtMs)).toEqual([
        3, 4, 5,
      ]);
      expect(await candles.list(two, '1h', 9)).toHaveLength(2);
    });
  });

  describe('readouts', () => {
    test('the newest readout of each indicator stands, whatever arrives last', async () => {
      const { readouts } = subject().store;
      const symbol = id<SymbolName>(fresh('READ'));
      const readout = (indicator: string, readAtMs: number, value: number): Readout => ({
        symbol,
        timeframe: '1h',
        indicator,
        values: { value: [value, 2.5] },
        candleOpenAtMs: readAtMs === 5 ? undefined : 3_600_000,
        readAtMs,
      });
      await readouts.save([readout('rsi', 10, 1), readout('ema', 10, 2)]);
      await readouts.save([readout('rsi', 20, 3), readout('ema', 5, 4)]);
      await readouts.save([]);

      expect(await readouts.list(symbol, '1h')).toEqual([
        readout('ema', 10, 2),
        readout('rsi', 20, 3),
      ]);
      expect(await readouts.list(symbol, '4h')).toEqual([]);
    });
  });
}
