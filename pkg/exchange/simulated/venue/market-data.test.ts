import { describe, expect, test } from 'vitest';
import { Market, START_MS, SYMBOL, type Body } from './venue-testing.ts';

const HOUR_MS = 3_600_000;
const rows = (body: unknown): readonly Body[] => body as readonly Body[];
const candles = (body: unknown): readonly (readonly unknown[])[] =>
  body as readonly (readonly unknown[])[];

describe('the tape', () => {
  test('each second has a trade, and customers stand between them, both halves once', () => {
    const market = new Market();
    market.venue.depth.setScale(SYMBOL, 0);
    const price = market.quote.mark;
    market.nowMs += 400;
    market.limit('a', 'BUY', '3', price);
    market.limit('b', 'SELL', '3', price);
    market.nowMs += 1_600;
    const all = rows(market.call('a', 'GET /fapi/v1/trades', { symbol: SYMBOL, limit: '3' }));
    expect(all.map(({ time }) => Number(time) - START_MS)).toEqual([400, 1_000, 2_000]);
    expect(all[0]).toMatchObject({ qty: '3', isBuyerMaker: true });
    const [own] = rows(market.call('a', 'GET /fapi/v1/userTrades', { symbol: SYMBOL }));
    expect(own?.['id']).toBe(all[0]?.['id']);
  });

  test('walking by id meets every trade once, in order of time', () => {
    const market = new Market();
    market.nowMs += 60_000;
    const seen: Body[] = [];
    let fromId = (START_MS / 1000) * 1000;
    for (let page = 0; page < 7; page += 1) {
      const asked = { symbol: SYMBOL, fromId: String(fromId), limit: '10' };
      const found = rows(market.call('a', 'GET /fapi/v1/aggTrades', asked));
      seen.push(...found);
      fromId = Number(found.at(-1)?.['l'] ?? fromId) + 1;
    }
    expect(seen.map(({ T }) => (Number(T) - START_MS) / 1000)).toEqual(
      Array.from({ length: 61 }, (_, second) => second),
    );
  });

  test('what one taker took at one price is one aggregate', () => {
    const market = new Market();
    market.venue.depth.setScale(SYMBOL, 0);
    const price = market.quote.mark;
    market.nowMs += 500;
    for (const quantity of ['1', '2']) market.limit('a', 'BUY', quantity, price);
    market.limit('b', 'SELL', '3', price);
    const asked = { symbol: SYMBOL, startTime: String(START_MS + 1) };
    const [both] = rows(market.call('a', 'GET /fapi/v1/aggTrades', asked));
    expect(both).toMatchObject({ q: '3', m: true });
    expect(Number(both?.['l']) - Number(both?.['f'])).toBe(1);
  });

  test('more than an hour between the times is refused', () => {
    const market = new Market();
    const asked = { symbol: SYMBOL, startTime: '0', endTime: String(HOUR_MS + 1) };
    expect(market.call('a', 'GET /fapi/v1/aggTrades', asked)).toEqual({ code: -1127 });
  });

  test('trades of before the market began lie within the candle of their minute', () => {
    const market = new Market();
    const startMs = START_MS - 30 * HOUR_MS;
    const asked = { symbol: SYMBOL, startTime: String(startMs), endTime: String(startMs + 59_999) };
    const range = { symbol: SYMBOL, interval: '1h', startTime: String(startMs), limit: '1' };
    const [candle] = candles(market.call('a', 'GET /fapi/v1/klines', range));
    const traded = rows(market.call('a', 'GET /fapi/v1/aggTrades', asked));
    expect(traded).toHaveLength(60);
    for (const { p } of traded) {
      expect(Number(p)).toBeLessThanOrEqual(Number(candle?.[2]) + 0.01);
      expect(Number(p)).toBeGreaterThanOrEqual(Number(candle?.[3]) - 0.01);
    }
  });
});

describe('candles', () => {
  const intervals = ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d'];

  test.each([...intervals, '3d', '1w', '1M'])(
    '%s: every kind follows one after the other, without a gap',
    (interval) => {
      const market = new Market();
      market.nowMs += 1_500;
      const range = { interval, limit: '5' };
      const kinds: readonly (readonly [string, Body])[] = [
        ['klines', { symbol: SYMBOL }],
        ['continuousKlines', { pair: SYMBOL, contractType: 'PERPETUAL' }],
        ['indexPriceKlines', { pair: SYMBOL }],
        ['markPriceKlines', { symbol: SYMBOL }],
        ['premiumIndexKlines', { symbol: SYMBOL }],
      ];
      for (const [kind, named] of kinds) {
        const asked = { ...named, ...range } as Readonly<Record<string, string>>;
        const found = candles(market.call('a', `GET /fapi/v1/${kind}`, asked));
        expect(found, kind).toHaveLength(5);
        for (const [index, [openAt, open, high, low, close, , closeAt]] of found.entries()) {
          const next = found[index + 1];
          if (next !== undefined) expect(next[0]).toBe(Number(closeAt) + 1);
          expect(Number(high)).toBeGreaterThanOrEqual(Math.max(Number(open), Number(close)));
          expect(Number(low)).toBeLessThanOrEqual(Math.min(Number(open), Number(close)));
          expect(Number(openAt)).toBeLessThanOrEqual(market.nowMs);
        }
      }
    },
  );

  test('weeks begin on Monday and months on their first day', () => {
    const market = new Market();
    const opensOf = (interval: string): readonly Date[] =>
      candles(
        market.call('a', 'GET /fapi/v1/klines', { symbol: SYMBOL, interval, limit: '4' }),
      ).map(([openAt]) => new Date(Number(openAt)));
    expect(opensOf('1w').map((date) => date.getUTCDay())).toEqual([1, 1, 1, 1]);
    expect(opensOf('1M').map((date) => date.getUTCDate())).toEqual([1, 1, 1, 1]);
  });

  test('a start of long ago means the oldest candle', () => {
    const market = new Market();
    const asked = { symbol: SYMBOL, interval: '1h', startTime: '0', limit: '3' };
    expect(candles(market.call('a', 'GET /fapi/v1/klines', asked))).toHaveLength(3);
  });
});

describe('statistics', () => {
  const asked = { symbol: SYMBOL, period: '5m', limit: '12' };

  test.each([
    ['openInterestHist', 'sumOpenInterest'],
    ['topLongShortPositionRatio', 'longShortRatio'],
    ['topLongShortAccountRatio', 'longShortRatio'],
    ['globalLongShortAccountRatio', 'longShortRatio'],
    ['takerlongshortRatio', 'buySellRatio'],
  ])('%s goes back in whole periods to the newest', (path, field) => {
    const market = new Market();
    const found = rows(market.call('a', `GET /futures/data/${path}`, asked));
    expect(found).toHaveLength(12);
    for (const [index, row] of found.entries()) {
      expect(row['timestamp']).toBe(START_MS - (11 - index) * 300_000);
      expect(Number(row[field])).toBeGreaterThan(0);
    }
  });

  test('basis is the difference of contract and index; a quarter does not trade here', () => {
    const market = new Market();
    const pair = { pair: SYMBOL, period: '5m', contractType: 'PERPETUAL' };
    const [row] = rows(market.call('a', 'GET /futures/data/basis', pair));
    const apart = Number(row?.['futuresPrice']) - Number(row?.['indexPrice']);
    expect(Math.abs(apart - Number(row?.['basis']))).toBeLessThan(0.01);
    const quarter = { ...pair, contractType: 'CURRENT_QUARTER' };
    expect(market.call('a', 'GET /futures/data/basis', quarter)).toEqual({ code: -4104 });
  });

  test('what customers hold counts as open interest', () => {
    const market = new Market();
    const held = (): number =>
      Number(market.call('a', 'GET /fapi/v1/openInterest', { symbol: SYMBOL })['openInterest']);
    const before = held();
    market.market('a', 'BUY', '7');
    expect(held() - before).toBeCloseTo(7, 2);
  });

  test('a start of more than 30 days ago is refused', () => {
    const market = new Market();
    const startTime = String(START_MS - 31 * 24 * HOUR_MS);
    const old = market.call('a', 'GET /futures/data/openInterestHist', { ...asked, startTime });
    expect(old).toEqual({ code: -1130 });
  });

  test('an empty fund makes the risk of deleveraging high', () => {
    const market = new Market();
    const riskOf = (): unknown =>
      market.call('a', 'GET /fapi/v1/symbolAdlRisk', { symbol: SYMBOL })['adlRisk'];
    expect(riskOf()).toBe('low');
    market.setFund('0');
    expect(riskOf()).toBe('high');
  });
});

describe('histories', () => {
  test('a span of more than seven days is refused, none means the last seven', () => {
    const market = new Market();
    market.market('a', 'BUY', '1');
    const day = 24 * HOUR_MS;
    const span = { startTime: String(START_MS), endTime: String(START_MS + 7 * day + 1) };
    for (const path of ['userTrades', 'allOrders']) {
      const asked = { symbol: SYMBOL, ...span };
      expect(market.call('a', `GET /fapi/v1/${path}`, asked)).toEqual({ code: -4165 });
      expect(market.call('a', `GET /fapi/v1/${path}`, { symbol: SYMBOL })).toHaveLength(1);
    }
    market.nowMs += 8 * day;
    expect(market.call('a', 'GET /fapi/v1/userTrades', { symbol: SYMBOL })).toEqual([]);
    expect(market.call('a', 'GET /fapi/v1/income', { incomeType: 'COMMISSION' })).toEqual([]);
    const since = { startTime: String(START_MS) };
    expect(market.call('a', 'GET /fapi/v1/income', since)).toHaveLength(2);
  });

  test('a walk by trade id knows no times', () => {
    const market = new Market();
    const both = { symbol: SYMBOL, fromId: '1', startTime: String(START_MS) };
    expect(market.call('a', 'GET /fapi/v1/userTrades', both)).toEqual({ code: -1128 });
  });
});
