import { expect, test } from 'vitest';

import { id, type SymbolName } from '#pkg/domain';
import type { IndicatorQuery } from '#pkg/indicators';
import { BTC_SYMBOL } from '../../tests/harness/trade/btc.ts';
import { CrashError } from '../../tests/harness/trade/step-runner.ts';
import { createTradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { concludeDirections } from './index.ts';

const SYMBOLS = 40;
const REQUESTS = (SYMBOLS * 6) / 20;

/** Runs a pass whose process dies at the `crashAt`-th request, before it is sent or after it was answered. */
async function pass(crashAt: number, when: 'before' | 'after') {
  const bench = await createTradeBench({ slots: { long: 0, short: 0 } });
  const { store, clock, indicators, runner } = bench;
  const listed = Array.from({ length: SYMBOLS }, (_, at) => ({
    ...BTC_SYMBOL,
    rules: { ...BTC_SYMBOL.rules, symbol: id<SymbolName>(`S${at}USDT`) },
  }));
  await store.symbols.saveVenueSymbols(listed, clock.nowMs());
  const asked: (readonly IndicatorQuery[])[] = [];
  let isDead = false;
  const read = indicators.port.read.bind(indicators.port);
  indicators.port.read = async (queries, signal) => {
    if (!isDead && asked.length + 1 === crashAt && when === 'before') {
      isDead = true;
      throw new CrashError();
    }
    asked.push(queries);
    const answer = await read(queries, signal);
    if (asked.length === crashAt && when === 'after') throw new CrashError();
    return answer;
  };
  await runner.submit(concludeDirections, undefined);
  await runner.settle();
  const symbols = (await store.symbols.list()).filter(({ isTrading }) => isTrading);
  return { requests: asked.length, long: symbols.filter(({ direction }) => direction === 'long') };
}

test('a pass that dies goes on where it was: at most the request that was under way is repeated', async () => {
  expect((await pass(0, 'before')).requests).toBe(REQUESTS);
  for (let crashAt = 1; crashAt <= REQUESTS; crashAt += 1) {
    const before = await pass(crashAt, 'before');
    const after = await pass(crashAt, 'after');
    expect([crashAt, before.requests, after.requests]).toEqual([crashAt, REQUESTS, REQUESTS + 1]);
    expect([before.long.length, after.long.length]).toEqual([SYMBOLS, SYMBOLS]);
  }
});
