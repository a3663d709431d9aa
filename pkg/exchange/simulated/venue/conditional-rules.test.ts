import { describe, expect, test } from 'vitest';
import { Market, SYMBOL, type Body } from './venue-testing.ts';

describe('conditional orders', () => {
  const algo = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', clientAlgoId: 'algo' };
  const statusOf = (market: Market): Body =>
    market.call('a', 'GET /fapi/v1/algoOrder', { clientAlgoId: 'algo' });

  test('a trailing stop wakes, follows the price up and sells on the way back', () => {
    const market = new Market();
    market.market('a', 'BUY', '1');
    const trail = { ...algo, type: 'TRAILING_STOP_MARKET', quantity: '1', callbackRate: '10' };
    market.call('a', 'POST /fapi/v1/algoOrder', trail);
    market.tick();
    market.gap(1.5);
    market.tick();
    expect(statusOf(market)).toMatchObject({ algoStatus: 'NEW' });
    market.gap(0.8);
    expect(statusOf(market)).toMatchObject({ algoStatus: 'FINISHED' });
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
  });

  test('what cannot be placed when it triggers is rejected with the reason', () => {
    const market = new Market();
    const trigger = market.quote.mark.times(0.97).toFixed(2);
    const stop = { ...algo, type: 'STOP_MARKET', quantity: '2000', triggerPrice: trigger };
    expect(market.call('a', 'POST /fapi/v1/algoOrder', stop)).toMatchObject({ algoStatus: 'NEW' });
    market.gap(0.9);
    expect(statusOf(market)).toMatchObject({ algoStatus: 'REJECTED' });
    const last = market.frames.findLast((frame) => frame['e'] === 'ALGO_UPDATE');
    expect(last?.['o']).toMatchObject({ X: 'REJECTED', rm: 'Margin is insufficient.' });
  });

  test.each([
    ['BUY', 1.03, 1.16, -4183],
    ['SELL', 0.97, 0.84, -4184],
  ])('a %s whose limit stands too far from its trigger is refused', (side, at, far, code) => {
    const market = new Market();
    const trigger = market.quote.mark.times(at);
    const stop = { ...algo, side, type: 'STOP', quantity: '1', triggerPrice: trigger.toFixed(2) };
    const place = (price: number): Body =>
      market.call('a', 'POST /fapi/v1/algoOrder', {
        ...stop,
        price: trigger.times(price).toFixed(2),
      });
    expect(place(far)).toEqual({ code });
    expect(place(1)).toMatchObject({ algoStatus: 'NEW' });
  });

  test('a protected stop waits while mark and contract price are far apart', () => {
    const market = new Market();
    market.market('a', 'BUY', '1');
    const triggerPrice = market.quote.mark.times(0.8).toFixed(2);
    const stop = { ...algo, type: 'STOP_MARKET', closePosition: 'true', triggerPrice };
    market.call('a', 'POST /fapi/v1/algoOrder', { ...stop, priceProtect: 'true' });
    market.gap(0.7, 'last');
    expect(statusOf(market)).toMatchObject({ algoStatus: 'NEW' });
    market.gap(0.75);
    expect(statusOf(market)).toMatchObject({ algoStatus: 'NEW' });
    market.gap(1 / 0.7, 'last');
    expect(statusOf(market)).toMatchObject({ algoStatus: 'FINISHED' });
  });

  test('a stop that finds nothing to reduce is rejected in the documented words', () => {
    const market = new Market();
    market.market('a', 'BUY', '1');
    const triggerPrice = market.quote.mark.times(0.9).toFixed(2);
    const stop = { ...algo, type: 'STOP_MARKET', quantity: '1', reduceOnly: 'true', triggerPrice };
    market.call('a', 'POST /fapi/v1/algoOrder', { ...stop, side: 'SELL' });
    market.market('a', 'SELL', '1');
    expect(statusOf(market)).toMatchObject({ algoStatus: 'EXPIRED' });
    const again = { ...stop, clientAlgoId: 'algo-2' };
    market.call('a', 'POST /fapi/v1/algoOrder', again);
    market.gap(0.85);
    const last = market.frames.findLast((frame) => frame['e'] === 'ALGO_UPDATE');
    expect(last?.['o']).toMatchObject({ caid: 'algo-2', X: 'REJECTED', rm: 'Reduce Only reject' });
  });

  test('a flash crash of the contract alone spares a stop that watches the mark price', () => {
    const market = new Market();
    market.market('a', 'BUY', '1');
    const triggerPrice = market.quote.mark.times(0.8).toFixed(2);
    const stop = { ...algo, type: 'STOP_MARKET', closePosition: 'true', triggerPrice };
    market.call('a', 'POST /fapi/v1/algoOrder', { ...stop, workingType: 'MARK_PRICE' });
    market.gap(0.7, 'last');
    expect(statusOf(market)).toMatchObject({ algoStatus: 'NEW' });
  });
});
