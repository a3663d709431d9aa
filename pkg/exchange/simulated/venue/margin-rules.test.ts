import { describe, expect, test } from 'vitest';
import { Decimal, required } from '#pkg/base';
import { isolationFaults } from './ledger-testing.ts';
import { Market, SYMBOL, type Body } from './venue-testing.ts';

describe('margin', () => {
  test('a position beyond its bracket and a leverage too small for it are refused', () => {
    const market = new Market({ a: '100000' });
    market.call('a', 'POST /fapi/v1/leverage', { symbol: SYMBOL, leverage: '75' });
    expect(market.market('a', 'BUY', '500')).toEqual({ code: -2027 });
    market.call('a', 'POST /fapi/v1/leverage', { symbol: SYMBOL, leverage: '10' });
    expect(market.market('a', 'BUY', '5000')).toMatchObject({ status: 'FILLED' });
    const lower = { symbol: SYMBOL, leverage: '2' };
    expect(market.call('a', 'POST /fapi/v1/leverage', lower)).toEqual({ code: -2028 });
  });

  test('what is set apart for an isolated position is all that it can lose', () => {
    const market = new Market();
    const isolate = { symbol: SYMBOL, marginType: 'ISOLATED' };
    market.call('a', 'POST /fapi/v1/marginType', isolate);
    market.market('a', 'BUY', '100');
    const add = { symbol: SYMBOL, type: '1', amount: '50' };
    expect(market.call('a', 'POST /fapi/v1/positionMargin', add)).toMatchObject({ code: 200 });
    const take = { symbol: SYMBOL, type: '2', amount: '5000' };
    expect(market.call('a', 'POST /fapi/v1/positionMargin', take)).toEqual({ code: -4051 });
    const apart = required([...market.venue.state.positionsOf('a')][0], 'held').isolatedWallet;
    const before = Number(market.venue.state.get('accounts', 'a')?.wallet);
    market.gap(0.8);
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
    const after = Number(market.venue.state.get('accounts', 'a')?.wallet);
    expect(before - after).toBeLessThanOrEqual(Number(apart) + 0.000_001);
    expect(market.faults).toEqual([]);
  });

  test.each(['CROSSED', 'ISOLATED'])(
    'a large position of a %s margin is reduced to what its margin bears, not closed',
    (marginType) => {
      const market = new Market({ a: '230000' });
      market.call('a', 'POST /fapi/v1/marginType', { symbol: SYMBOL, marginType });
      market.call('a', 'POST /fapi/v1/leverage', { symbol: SYMBOL, leverage: '5' });
      const quantity = new Decimal(1_000_000).div(market.quote.mark).toFixed(0);
      market.market('a', 'BUY', quantity);
      market.gap(marginType === 'CROSSED' ? 0.79 : 0.82);
      const [rest] = [...market.venue.state.positionsOf('a')];
      const part = Number(rest?.amount) / Number(quantity);
      expect(part).toBeGreaterThan(0.5);
      expect(part).toBeLessThan(1);
      const forced = market.call('a', 'GET /fapi/v1/forceOrders') as unknown as readonly Body[];
      expect(forced).toHaveLength(1);
      const paid = [...market.venue.state.rows('fund')].map(({ kind }) => kind);
      expect(paid).toEqual(['CLEARANCE']);
      market.tick();
      expect([...market.venue.state.positionsOf('a')]).toEqual([rest]);
      expect(market.faults).toEqual([]);
      expect(isolationFaults(market.sent)).toEqual([]);
    },
  );

  test('a position whose part finds no taker is closed whole', () => {
    const market = new Market({ a: '230000' });
    market.call('a', 'POST /fapi/v1/leverage', { symbol: SYMBOL, leverage: '5' });
    market.market('a', 'BUY', new Decimal(1_000_000).div(market.quote.mark).toFixed(0));
    market.venue.depth.setScale(SYMBOL, 0);
    market.gap(0.79);
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
    expect(market.faults).toEqual([]);
  });

  test('an isolated position that its own stop closes in a gap costs the other money nothing', () => {
    const market = new Market();
    market.call('a', 'POST /fapi/v1/marginType', { symbol: SYMBOL, marginType: 'ISOLATED' });
    market.call('a', 'POST /fapi/v1/leverage', { symbol: SYMBOL, leverage: '20' });
    market.market('a', 'BUY', '100');
    const triggerPrice = market.quote.mark.times(0.97).toFixed(2);
    const stop = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', type: 'STOP_MARKET' };
    market.call('a', 'POST /fapi/v1/algoOrder', { ...stop, closePosition: 'true', triggerPrice });
    const apart = required([...market.venue.state.positionsOf('a')][0], 'held').isolatedWallet;
    const before = Number(market.venue.state.get('accounts', 'a')?.wallet);
    market.gap(0.7);
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
    expect(market.call('a', 'GET /fapi/v1/forceOrders')).toEqual([]);
    const after = Number(market.venue.state.get('accounts', 'a')?.wallet);
    expect(before - after).toBeCloseTo(Number(apart), 6);
    expect([...market.venue.state.rows('fund')].map(({ kind }) => kind)).toContain('COVER');
    expect(isolationFaults(market.sent)).toEqual([]);
    expect(market.faults).toEqual([]);
  });

  test('who has no margin left is liquidated, is told so, and never owes', () => {
    const market = new Market({ a: '1000' });
    market.market('a', 'BUY', '100');
    market.limit('a', 'BUY', '1', market.quote.mark.times(0.5));
    market.gap(0.9);
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
    expect(market.call('a', 'GET /fapi/v1/openOrders')).toEqual([]);
    const [forced] = market.call('a', 'GET /fapi/v1/forceOrders') as unknown as readonly Body[];
    expect(String(forced?.['clientOrderId'])).toMatch(/^autoclose-/);
    const names = market.frames.map((frame) => frame['e']);
    expect(names).toContain('MARGIN_CALL');
    const orders = market.frames.filter((frame) => frame['e'] === 'ORDER_TRADE_UPDATE');
    expect(orders.map(({ o }) => (o as Body)['x'])).toContain('CALCULATED');
    expect(Number(market.venue.state.get('accounts', 'a')?.wallet)).toBeGreaterThanOrEqual(0);
    expect(market.faults).toEqual([]);
  });

  test('with an empty fund and an empty book the best-ranked opposite position is deleveraged', () => {
    const market = new Market({ a: '1000', b: '100000' });
    market.market('a', 'BUY', '100');
    market.market('b', 'SELL', '150');
    market.setFund('0');
    market.venue.depth.setScale(SYMBOL, 0);
    market.gap(0.85);
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
    expect([...market.venue.state.positionsOf('b')]).toMatchObject([{ amount: '-50' }]);
    const asked = { autoCloseType: 'ADL' };
    const rows = market.call('b', 'GET /fapi/v1/forceOrders', asked) as unknown as readonly Body[];
    expect(String(rows[0]?.['clientOrderId'])).toMatch(/^adl_autoclose/);
    expect(market.faults).toEqual([]);
  });

  test('a stop that sells far below what was there leaves no debt', () => {
    const market = new Market({ a: '1000' });
    market.market('a', 'BUY', '100');
    const trigger = market.quote.mark.times(0.97).toFixed(2);
    const stop = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', type: 'STOP_MARKET' };
    const more = { closePosition: 'true', triggerPrice: trigger };
    market.call('a', 'POST /fapi/v1/algoOrder', { ...stop, ...more });
    market.gap(0.7);
    expect(market.call('a', 'GET /fapi/v1/forceOrders')).toEqual([]);
    expect(market.venue.state.get('accounts', 'a')?.wallet).toBe('0');
    const incomes = [...market.venue.state.incomesOf('a')].map(({ kind }) => kind);
    expect(incomes.at(-1)).toBe('INSURANCE_CLEAR');
    expect(market.faults).toEqual([]);
  });

  test('nobody is deleveraged at a loss: the fund goes below zero instead', () => {
    const market = new Market({ a: '1000', b: '100000' });
    market.setFund('0');
    market.market('a', 'BUY', '100');
    market.venue.depth.setScale(SYMBOL, 0);
    const late = market.quote.mark.times(0.8);
    const stop = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', type: 'STOP' };
    const more = { triggerPrice: late.times(1.1).toFixed(2), price: late.toFixed(2) };
    market.call('b', 'POST /fapi/v1/algoOrder', { ...stop, ...more, quantity: '150' });
    market.limit('b', 'BUY', '150', late);
    market.gap(0.8);
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
    const profit = [...market.venue.state.incomesOf('b')].filter(
      (row) => Number(row.amount) < -500,
    );
    expect(profit).toEqual([]);
    expect(Number(market.venue.state.get('meta', 'all')?.insuranceFund)).toBeLessThan(0);
    expect(market.faults).toEqual([]);
  });

  test('funding is paid once at its instant, by one side to the other', () => {
    const market = new Market();
    market.market('a', 'BUY', '10');
    market.market('b', 'SELL', '10');
    market.tick(901_000);
    market.tick();
    const paid = ['a', 'b'].map((key) =>
      [...market.venue.state.incomesOf(key)].filter(({ kind }) => kind === 'FUNDING_FEE'),
    );
    expect(paid.map((rows) => rows.length)).toEqual([1, 1]);
    const [one, other] = paid.flat().map(({ amount }) => Number(amount));
    expect(Number(one) + Number(other)).toBeCloseTo(0, 8);
    const update = required(
      market.frames.find((frame) => (frame['a'] as Body | undefined)?.['m'] === 'FUNDING_FEE'),
      'funding is told',
    );
    expect((update['a'] as Body)['P']).toEqual([]);
    expect(market.faults).toEqual([]);
  });
});

test('the margin mode of several assets is refused with open orders and with isolated symbols', () => {
  const market = new Market();
  const several = { multiAssetsMargin: 'true' };
  market.limit('a', 'BUY', '1', market.quote.mark.times(0.5));
  expect(market.call('a', 'POST /fapi/v1/multiAssetsMargin', several)).toEqual({ code: -4170 });
  market.call('a', 'DELETE /fapi/v1/allOpenOrders', { symbol: SYMBOL });
  market.call('a', 'POST /fapi/v1/marginType', { symbol: SYMBOL, marginType: 'ISOLATED' });
  expect(market.call('a', 'POST /fapi/v1/multiAssetsMargin', several)).toEqual({ code: -4167 });
  market.call('a', 'POST /fapi/v1/marginType', { symbol: SYMBOL, marginType: 'CROSSED' });
  expect(market.call('a', 'POST /fapi/v1/multiAssetsMargin', several)).toEqual({
    code: 200,
    msg: 'success',
  });
  expect(market.call('a', 'POST /fapi/v1/multiAssetsMargin', several)).toEqual({ code: -4171 });
  const isolate = { symbol: SYMBOL, marginType: 'ISOLATED' };
  expect(market.call('a', 'POST /fapi/v1/marginType', isolate)).toEqual({ code: -4168 });
});
