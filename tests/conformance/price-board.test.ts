import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { id, type SymbolName } from '#pkg/domain';
import { createMemoryPriceBoard, createRedisPriceBoard, type PriceBoard } from '#pkg/market-data';
import { createSilentLogger } from '#pkg/observability';
import { connectRedis, type RedisConnection } from '#pkg/redis';
import { useTestRedis } from '../harness/index.ts';

const BTC = id<SymbolName>('BTCUSDT');
const PEPE = id<SymbolName>('1000PEPEUSDT');

function priceBoardConformance(name: string, open: () => PriceBoard): void {
  describe(`price board conformance: ${name}`, () => {
    test('the newest mark of each symbol is what is read, to the last digit', async () => {
      const board = open();
      await board.write([
        { symbol: BTC, mark: '64210.50000000', atMs: 1 },
        { symbol: PEPE, mark: '0.00000123', atMs: 1 },
      ]);
      await board.write([{ symbol: BTC, mark: '64211.12345678', atMs: 2 }]);
      await board.write([]);
      const all = await board.readAll();
      expect([...all.keys()].toSorted()).toEqual([PEPE, BTC]);
      expect(all.get(BTC)?.price.toFixed()).toBe('64211.12345678');
      expect(all.get(PEPE)?.price.toFixed()).toBe('0.00000123');
      expect(await board.find(BTC)).toMatchObject({ symbol: BTC, atMs: 2 });
    });

    test('a symbol without a mark is not found', async () => {
      expect(await open().find(id<SymbolName>('NOPEUSDT'))).toBeUndefined();
    });
  });
}

const memory = createMemoryPriceBoard();
priceBoardConformance('memory', () => memory);

describe('redis', () => {
  const server = useTestRedis();
  let redis: RedisConnection;
  beforeAll(() => {
    redis = connectRedis({
      url: server.url,
      name: 'price-board',
      logger: createSilentLogger(),
      mode: 'command',
    });
  });
  afterAll(() => redis.disconnect());
  priceBoardConformance('redis', () => createRedisPriceBoard({ redis }));
});
