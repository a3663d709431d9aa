import { expect, test } from 'vitest';

import { judgeSymbol } from '#pkg/lifecycles';
import { BTC_SYMBOL } from '../../tests/harness/trade/btc.ts';
import { opened, only } from '../../tests/harness/trade/facts.ts';
import type { TradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { refreshSymbols } from './definitions.ts';
import { CLOSE_BEFORE_DELIVERY_MS } from './end-delisted.ts';

async function announce(bench: TradeBench, inMs: number): Promise<void> {
  const deliversAtMs = bench.clock.nowMs() + inMs;
  bench.venue.exchange.readSymbols = () => Promise.resolve([{ ...BTC_SYMBOL, deliversAtMs }]);
  await bench.runner.submit(refreshSymbols, undefined);
  await bench.runner.settle();
}

test('from the announcement on nothing is opened, and what is held is closed four hours before the end', async () => {
  const bench = await opened();
  const position = await only(bench);
  await announce(bench, CLOSE_BEFORE_DELIVERY_MS + 60_000);
  const [symbol] = await bench.store.symbols.list();
  if (symbol === undefined) throw new Error('the symbol is gone');
  expect(judgeSymbol(symbol)).toMatchObject({ kind: 'refused', reason: 'SymbolDelisting' });
  expect((await bench.position(position.id)).status).toBe('active');

  await announce(bench, CLOSE_BEFORE_DELIVERY_MS);
  const closed = await bench.position(position.id);
  expect([closed.status, closed.closeReason, closed.reason]).toEqual([
    'closed',
    'ClosedByFleet',
    'SymbolDelisting',
  ]);
  expect(bench.venue.held('long')).toBe(0);
  expect(await bench.eventKinds()).toContain('SymbolDelisting');
});

test('what is held in a symbol that the venue has ended, or renamed, is compared with it (incident 41)', async () => {
  const bench = await opened();
  const position = await only(bench);
  bench.venue.closeOutside('long', 'settlement');
  bench.venue.drainEvents();
  bench.venue.exchange.readSymbols = () => Promise.resolve([]);
  await bench.runner.submit(refreshSymbols, undefined);
  await bench.runner.settle();
  expect((await bench.position(position.id)).closeReason).toBe('Settled');
});
