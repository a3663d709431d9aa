import { expect, test } from 'vitest';

import { id, type SymbolName } from '#pkg/domain';
import { setHold } from '#pkg/holds';
import { concludeDirections } from '#pkg/signals';
import { BTC, BTC_SYMBOL } from '../../tests/harness/trade/btc.ts';
import { createTradeBench, type TradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { explainSymbol } from './index.ts';

/** Elasticity 1, as it is stored. */
const LN_2 = Math.round(Math.LN2 * 1e5) / 1e5;
const SLOTS = { slots: { long: 1, short: 1 } } as const;

async function explain(bench: TradeBench, name = BTC) {
  const { store, clock } = bench;
  return explainSymbol({ store, clock, prices: bench.venue.prices, backtests: 'heeded' }, name);
}

async function conclude(bench: TradeBench): Promise<void> {
  await bench.runner.submit(concludeDirections, undefined);
  await bench.runner.settle();
}

test('a symbol that nobody knows has no answer', async () => {
  const bench = await createTradeBench(SLOTS);
  expect(await explain(bench, id<SymbolName>('NONEUSDT'))).toBeUndefined();
});

test('before the first look the answer is that there is no direction', async () => {
  const bench = await createTradeBench(SLOTS);
  expect((await explain(bench))?.answers).toMatchObject([
    { account: 'main', side: 'long', reason: 'DirectionUnclear' },
    { account: 'main', side: 'short', reason: 'DirectionUnclear' },
  ]);
});

test('a symbol that is held says so, and one that points the other way too', async () => {
  const bench = await createTradeBench(SLOTS);
  await conclude(bench);
  expect(await explain(bench)).toMatchObject({
    direction: 'long',
    storedReason: undefined,
    answers: [
      { side: 'long', reason: 'PairAlreadyHeld' },
      { side: 'short', reason: 'DirectionUnclear', message: 'BTCUSDT points the other way.' },
    ],
  });
});

test('a symbol that passes its own questions is answered by the side’s', async () => {
  const bench = await createTradeBench({ slots: { long: 0, short: 0 } });
  await conclude(bench);
  const first = async () => (await explain(bench))?.answers[0];
  expect(await first()).toMatchObject({ reason: 'NoFreeSlot' });
  const sinceMs = bench.clock.nowMs();
  const pause = { source: 'person', owner: 'ann', why: 'a look', sinceMs } as const;
  const lane = { ...pause, scope: { kind: 'lane', lane: 'orders' }, reason: 'LanePaused' } as const;
  await setHold(bench.store.settings, lane, sinceMs);
  expect(await first()).toMatchObject({ reason: 'LanePaused' });
  await setHold(
    bench.store.settings,
    { ...pause, scope: { kind: 'fleet' }, reason: 'FleetPaused' },
    sinceMs,
  );
  expect(await first()).toMatchObject({ reason: 'FleetPaused' });
});

test('a symbol that was closed far from its last day is left alone, and says until when', async () => {
  const bench = await createTradeBench({ slots: { long: 0, short: 0 } });
  await conclude(bench);
  const { store, clock } = bench;
  const setting = 'symbol-cooldown-until-ms:BTCUSDT';
  await store.settings.set(setting, String(clock.nowMs() + 1_000), clock.nowMs());
  expect((await explain(bench))?.answers[0]).toMatchObject({ reason: 'SymbolCooling' });
  clock.advance(1_000);
  expect((await explain(bench))?.answers[0]).toMatchObject({ reason: 'NoFreeSlot' });
});

test('a candidate with a free slot has no reason', async () => {
  const bench = await createTradeBench({ slots: { long: 0, short: 0 } });
  await conclude(bench);
  const { account, store } = bench;
  await store.accounts.save({ ...account, settings: { ...account.settings, ...SLOTS } });
  expect((await explain(bench))?.answers[0]).toMatchObject({
    reason: undefined,
    message: expect.stringContaining('candidate') as string,
  });
});

test.each([
  ['is not traded any more', { isTrading: false }, 'SymbolNotTrading'],
  ['is quoted in something else', { quoteAsset: 'USDC' }, 'QuoteNotTraded'],
] as const)(
  'a symbol that %s loses its direction, and its reason is stored',
  async (_, change, reason) => {
    const bench = await createTradeBench({ slots: { long: 0, short: 0 } });
    await conclude(bench);
    const { store, clock } = bench;
    await store.symbols.saveVenueSymbols([{ ...BTC_SYMBOL, ...change }], clock.nowMs());
    await conclude(bench);
    expect(await store.symbols.find(BTC)).toMatchObject({ direction: undefined, reason });
    expect(await explain(bench)).toMatchObject({
      storedReason: reason,
      answers: [{ reason }, { reason }],
    });
  },
);

test('a ladder that the account may not carry is refused with its figures', async () => {
  const bench = await createTradeBench({
    slots: { long: 0, short: 0 },
    risk: { stopLossPercentMax: 5 },
  });
  await conclude(bench);
  const first = (await explain(bench))?.answers[0];
  expect(first?.reason).toBe('StopLossLimit');
  expect(first?.message).toMatch(/would be \d+\.\d\d USDT; the limit is 500\.00\.$/);
});

test('what the last look made of a symbol is kept: its place and score, or why it was refused', async () => {
  const bench = await createTradeBench(SLOTS);
  expect((await explain(bench))?.answers[0]).toMatchObject({ lastLook: undefined });
  await conclude(bench);
  const [long, short] = (await explain(bench))?.answers ?? [];
  expect(long?.lastLook).toMatchObject({
    ...{ kind: 'ranked', rank: 1, of: 1, slot: 1, tier: 'scored', diversification: 1 },
    ...{ score: LN_2, factors: { elasticity: LN_2, correlation: 1, room: 1, stability: 1 } },
  });
  expect(short?.lastLook).toMatchObject({ kind: 'refused', reason: 'DirectionUnclear' });
});

test('a symbol that closed in profit within ten minutes takes the next slot on the fast track', async () => {
  const bench = await createTradeBench(SLOTS);
  await conclude(bench);
  bench.clock.advance(60_000);
  bench.venue.setMark(60_300);
  await bench.stream();
  const [long] = (await explain(bench))?.answers ?? [];
  expect(long?.lastLook).toMatchObject({ kind: 'ranked', slot: 1, tier: 'fast-track' });
});

test('a price that is not the provider’s refuses the symbol (incident 41)', async () => {
  const bench = await createTradeBench({ slots: { long: 0, short: 0 } });
  await conclude(bench);
  bench.venue.setMark(60);
  expect((await explain(bench))?.answers[0]).toMatchObject({ reason: 'PriceMisaligned' });
  bench.venue.setMark(60_000 * 1.16);
  expect((await explain(bench))?.answers[0]).toMatchObject({ reason: 'PriceMisaligned' });
  bench.venue.setMark(60_000 * 1.14);
  expect((await explain(bench))?.answers[0]).toMatchObject({ reason: 'NoFreeSlot' });
});
