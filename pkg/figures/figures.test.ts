import { expect, test } from 'vitest';

import { Decimal } from '#pkg/base';
import { notional, price, quantity } from '#pkg/domain';
import { opened } from '../../tests/harness/trade/facts.ts';
import { createTradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { storeLedgers } from './definitions.ts';
import { computeFigures, type FiguresFacts } from './figures.ts';
import { ledgerSinceMs, profitOf, updateLedger } from './ledger.ts';
import { readFigures } from './read-figures.ts';

const DAY_MS = 24 * 3_600_000;
const NOON_MS = Date.UTC(2026, 0, 31, 12);
const MIDNIGHT_MS = Date.UTC(2026, 0, 31);

const income = (kind: string, amount: string, atMs: number) =>
  ({ kind, amount: notional(amount), atMs, symbol: undefined, tradeId: undefined }) as never;
const look = (sinceMs: number, nowMs = NOON_MS) => ({ sinceMs, nowMs, walletUsdt: '100' });

test('fees and funding count on the day on which the venue booked them, deposits on none (incident 50)', () => {
  const ledger = updateLedger(
    undefined,
    [
      income('COMMISSION', '-0.1', MIDNIGHT_MS - 1),
      income('FUNDING_FEE', '-0.02', MIDNIGHT_MS),
      income('REALIZED_PNL', '0.3', MIDNIGHT_MS + 1),
      income('COMMISSION', '-0.1', MIDNIGHT_MS + 1),
      income('TRANSFER', '5000', MIDNIGHT_MS + 2),
      income('INSURANCE_CLEAR', '0.000000000000000001', MIDNIGHT_MS + 3),
    ],
    look(MIDNIGHT_MS - DAY_MS),
  );
  expect(ledger.days).toMatchObject([
    { day: '2026-01-30', realized: '0', fees: '-0.1', funding: '0', transfers: '0' },
    { day: '2026-01-31', realized: '0.3', fees: '-0.1', funding: '-0.02', transfers: '5000' },
  ]);
  expect(ledger.days.map((day) => profitOf(day).toFixed())).toEqual([
    '-0.1',
    '0.180000000000000001',
  ]);
});

test('a second look makes the last two days anew, keeps the others, and counts nothing twice', () => {
  const booked = [
    income('REALIZED_PNL', '1', MIDNIGHT_MS - 3 * DAY_MS),
    income('REALIZED_PNL', '2', MIDNIGHT_MS - 1),
    income('REALIZED_PNL', '4', MIDNIGHT_MS + 1),
  ];
  const first = updateLedger(undefined, booked, look(ledgerSinceMs(undefined, NOON_MS)));
  expect(first.days).toHaveLength(31);
  const sinceMs = ledgerSinceMs(first, NOON_MS + 60_000);
  expect(sinceMs).toBe(MIDNIGHT_MS - DAY_MS);
  const late = income('COMMISSION', '-0.5', MIDNIGHT_MS - 1);
  const second = updateLedger(first, [...booked, late], look(sinceMs, NOON_MS + 60_000));
  const total = second.days.reduce((sum, day) => sum.plus(profitOf(day)), new Decimal(0));
  expect([second.days.length, total.toFixed()]).toEqual([31, '6.5']);
});

test('a ledger that nobody read for days is read from before its last look, and older days fall off', () => {
  const first = updateLedger(undefined, [income('REALIZED_PNL', '1', NOON_MS)], look(MIDNIGHT_MS));
  const laterMs = NOON_MS + 5 * DAY_MS;
  const sinceMs = ledgerSinceMs(first, laterMs);
  expect(sinceMs).toBe(MIDNIGHT_MS - DAY_MS);
  expect(updateLedger(first, [], look(sinceMs, laterMs)).days).toHaveLength(7);
  const muchLaterMs = NOON_MS + 99 * DAY_MS;
  expect(
    updateLedger(first, [], look(ledgerSinceMs(first, muchLaterMs), muchLaterMs)).days[0]?.day,
  ).not.toBe('2026-01-31');
});

const position = (changes: object) =>
  ({
    id: 'p',
    symbol: 'BTCUSDT',
    direction: 'long',
    quantity: quantity('2'),
    breakEvenPrice: price('100'),
    stopPrice: price('80'),
    profitPrice: price('101'),
    ...changes,
  }) as never;
const rung = (changes: object) =>
  ({
    positionId: 'p',
    purpose: 'rung',
    status: 'new',
    price: price('90'),
    quantity: quantity('4'),
    filledQuantity: quantity('0'),
    ...changes,
  }) as never;
const facts = (changes: Partial<FiguresFacts>): FiguresFacts => ({
  account: { name: 'main', balanceUsdt: '100' } as never,
  positions: [],
  orders: [],
  marks: new Map([['BTCUSDT', new Decimal('99.5')]]),
  ledger: undefined,
  nowMs: NOON_MS,
  ...changes,
});

test('max pain is the whole ladder stopped: what is held and what its rungs would add', () => {
  const figures = computeFigures(
    facts({
      positions: [position({})],
      // One rung has half filled, one is over, one belongs to somebody else.
      orders: [
        rung({ filledQuantity: quantity('2') }),
        rung({ status: 'canceled' }),
        rung({ positionId: 'q' }),
      ],
    }),
  );
  // 2 × (100 − 80) + 2 × (90 − 80)
  expect(figures.maxPain).toEqual({ long: '60', short: '0' });
  expect(figures.exposure).toEqual({ long: '199', short: '0' });
  expect(figures.whenAllProfitsFill).toEqual({ long: '2', short: '0' });
  expect(figures.uncounted).toBe(0);
});

test('a short loses upwards; a stop on the winning side is no loss; no price counts as nothing and is said', () => {
  const short = {
    direction: 'short',
    quantity: quantity('2'),
    stopPrice: price('120'),
    profitPrice: price('99'),
  };
  expect(computeFigures(facts({ positions: [position(short)] }))).toMatchObject({
    maxPain: { long: '0', short: '40' },
    whenAllProfitsFill: { long: '0', short: '2' },
  });
  const won = position({ stopPrice: price('110') });
  expect(computeFigures(facts({ positions: [won] })).maxPain.long).toBe('0');
  const unknown = position({ symbol: 'XYZ' });
  expect(computeFigures(facts({ positions: [unknown] })).uncounted).toBe(1);
});

test('before the ledger was read a profit is unknown, not zero', () => {
  expect(computeFigures(facts({}))).toMatchObject({ profitToday: null, profit30Days: null });
});

test('the ledger step stores what the venue booked, and the figures show it', async () => {
  const bench = await createTradeBench();
  bench.venue.bookIncome('TRANSFER', 5_000);
  bench.venue.bookIncome('FUNDING_FEE', -0.25);
  await bench.runner.submit(storeLedgers, undefined);
  await bench.runner.settle();
  expect(bench.runner.summaries().flatMap(({ errors }) => errors)).toEqual([]);
  const { store, clock, venue } = bench;
  const [figures] = await readFigures({ store, prices: venue.prices }, clock.nowMs());
  expect(figures).toMatchObject({ account: 'main', profitToday: '-0.25', profit30Days: '-0.25' });
});

test('what a close came to stands in the figures without a run of the timetable, to the last digit', async () => {
  const bench = await opened();
  bench.venue.bookIncome('REALIZED_PNL', 0.3);
  bench.venue.bookIncome('COMMISSION', -0.00012345);
  bench.venue.setMark(60_300);
  await bench.stream();
  const { store, clock, venue } = bench;
  const [position] = await store.positions.list({ limit: 1 });
  expect(position?.status).toBe('closed');
  const [figures] = await readFigures({ store, prices: venue.prices }, clock.nowMs());
  expect(figures?.profitToday).toBe('0.29987655');
});
