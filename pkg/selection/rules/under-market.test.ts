import { expect, test } from 'vitest';

import { concludeDirections } from '#pkg/signals';
import { notional, type Account, type PositionId } from '#pkg/domain';
import { effectsOf, type OpeningDecision } from '#pkg/regime';
import { createTradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import { opened, only } from '../../../tests/harness/trade/facts.ts';
import { explainAccount } from '../explain-account.ts';
import { fewLaddersAreHalfFull, noLadderIsFull } from './ladder-gates.ts';
import { underCrowd, underMarket } from './under-market.ts';

const marketAt = (score: number): OpeningDecision => ({
  kind: 'allowed',
  score,
  effects: effectsOf(score),
});

async function account(): Promise<Account> {
  return (await createTradeBench({ slots: { long: 6, short: 5 } })).account;
}

test('each band leaves so many slots, so much leverage and margin (domain.md 9)', async () => {
  const found = [0, 40, 60, 79].map((score) => {
    const market = marketAt(score);
    return underMarket({ ...base }, 'long', { market, open: [] }).settings;
  });
  expect(found.map(({ slots }) => slots.long)).toEqual([6, 4, 3, 3]);
  expect(found.map(({ leverageMax }) => leverageMax.long)).toEqual([20, 13, 10, 10]);
  expect(found.map(({ marginPercent }) => marginPercent.long)).toEqual([5, 5, 5, 2.5]);
  expect(found.map(({ slots }) => slots.short)).toEqual([5, 5, 5, 5]);
});
const base = await account();

test('a book that leans to one side gets half of the margin there, and all of it on the other (incident 52)', async () => {
  const position = { ...(await only(await opened())), marginUsdt: notional(500), leverage: 20 };
  const options = { market: marketAt(0), open: [position] };
  expect(underMarket(base, 'long', options).settings.marginPercent.long).toBe(2.5);
  expect(underMarket(base, 'short', options).settings.marginPercent.short).toBe(5);
});

test('a position that has just taken its slot counts for what it will bind', async () => {
  const position = await only(await opened());
  const fresh = { ...position, marginUsdt: undefined, leverage: undefined, status: 'new' as const };
  const account = { ...base, balanceUsdt: '10000' };
  const side = { account, direction: 'long' as const, open: [] };
  const short = { ...fresh, direction: 'short' as const };
  const marginUnder = (open: (typeof fresh)[]) =>
    underCrowd(base.settings, side, open).marginPercent.long;
  expect([marginUnder([]), marginUnder([fresh]), marginUnder([fresh, short])]).toEqual([5, 2.5, 5]);
  // Judged beside one that leans, taken beside an even book: all of it again.
  const crowded = { ...side, open: [fresh] };
  const judged = underMarket(account, 'long', { market: marketAt(0), open: [fresh] });
  expect(underCrowd(judged.settings, crowded, [fresh, short]).marginPercent.long).toBe(5);
});

test('a position keeps the score and the band that it was born under', async () => {
  const bench = await createTradeBench({ slots: { long: 2, short: 0 } });
  const nowMs = bench.clock.nowMs();
  const score = { score: 60, parts: [], drawdownRatio: 0, isFloored: false, scoredAtMs: nowMs };
  const stored = JSON.stringify({ ...score, candlesUntilMs: nowMs });
  await bench.store.settings.set('regime:score', stored, nowMs);
  await bench.runner.submit(concludeDirections, undefined);
  await bench.runner.settle();
  const { settings, leverage } = await only(bench);
  expect(settings.bornUnder).toEqual({ score: 60, band: 'fragile' });
  expect(leverage).toBe(10);
  const [long] = await explainAccount(bench, bench.account);
  expect(long).toMatchObject({ slots: 1, free: [], reason: 'NoFreeSlot' });
});

test('a full ladder closes its side; half of them past the middle do not, more than half do', async () => {
  const position = await only(await opened());
  const ids = ['a', 'b', 'c', 'd'] as readonly string[] as readonly PositionId[];
  const open = ids.map((id) => ({ ...position, id }));
  const facts = (...filled: readonly number[]) => ({
    account: base,
    direction: 'long' as const,
    open,
    filledRungs: new Map(ids.map((id, index) => [id, filled[index] ?? 0])),
  });
  expect(noLadderIsFull(facts(3, 3, 3, 3)).kind).toBe('allowed');
  expect(noLadderIsFull(facts(4))).toMatchObject({ reason: 'LadderFull' });
  expect(noLadderIsFull({ ...facts(4), direction: 'short' }).kind).toBe('allowed');
  expect(fewLaddersAreHalfFull(facts(3, 3, 2, 2)).kind).toBe('allowed');
  expect(fewLaddersAreHalfFull(facts(3, 3, 3))).toMatchObject({ reason: 'LaddersHalfFull' });
});
