/**
 * The contract of `Exchange`, as tests. Every case uses the port alone and a venue whose faults can be ordered.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  id,
  price,
  quantity,
  type AccountId,
  type ClientOrderId,
  type Price,
  type Quantity,
  type SymbolName,
} from '#pkg/domain';
import {
  ORDER_RECV_WINDOW_MS,
  type Exchange,
  type OrderIntent,
  type OrderReference,
  type SendFence,
  type VenueOrder,
} from '#pkg/exchange';

export interface ExchangeUnderTest extends AsyncDisposable {
  readonly exchange: Exchange;
  readonly accountId: AccountId;
  /** The next placement is carried out and its reply lost. */
  loseNextPlacementReply(): void;
  /** The next placement is lost on its way to the venue. */
  loseNextPlacement(): void;
  /** The next placement is carried out and answered with "status unknown". */
  answerNextPlacementUnknown(): void;
}

const SYMBOL = id<SymbolName>('DOGEUSDT');
const { signal } = new AbortController();
let sequence = 0;

function nextId(): ClientOrderId {
  sequence += 1;
  return id(`conf-${sequence}`);
}

export function openFence(): SendFence {
  return { signableUntilMs: Number.MAX_SAFE_INTEGER, isOwned: () => true };
}

function plain(clientOrderId: ClientOrderId): OrderReference {
  return { symbol: SYMBOL, clientOrderId, isConditional: false };
}

/** A little over the least notional, in whole steps. */
async function smallQuantity(exchange: Exchange): Promise<Quantity> {
  const { price: mark } = await exchange.readMarkPrice(SYMBOL, signal);
  return quantity(mark.pow(-1).times(20).ceil());
}

async function priceAt(exchange: Exchange, ratio: number): Promise<Price> {
  const { price: mark } = await exchange.readMarkPrice(SYMBOL, signal);
  return price(mark.times(ratio).toDecimalPlaces(5));
}

async function marketIntent(
  exchange: Exchange,
  side: 'BUY' | 'SELL',
): Promise<OrderIntent & { readonly kind: 'market' }> {
  return {
    kind: 'market',
    clientOrderId: nextId(),
    symbol: SYMBOL,
    side,
    direction: 'long',
    quantity: await smallQuantity(exchange),
    isClosing: side === 'SELL',
  };
}

async function restingIntent(
  exchange: Exchange,
): Promise<OrderIntent & { readonly kind: 'limit' }> {
  return {
    kind: 'limit',
    clientOrderId: nextId(),
    symbol: SYMBOL,
    side: 'BUY',
    direction: 'long',
    quantity: await smallQuantity(exchange),
    price: await priceAt(exchange, 0.9),
    isClosing: false,
  };
}

export function exchangeConformance(name: string, start: () => Promise<ExchangeUnderTest>): void {
  describe(`exchange conformance: ${name}`, () => {
    let venue: ExchangeUnderTest;
    const place = (intent: OrderIntent, fence = openFence()) =>
      venue.exchange.placeOrder(venue.accountId, intent, fence, signal);
    const find = (reference: OrderReference) =>
      venue.exchange.findOrder(venue.accountId, reference, signal);
    const openOrders = (): Promise<readonly VenueOrder[]> =>
      venue.exchange.readOpenOrders(venue.accountId, { symbol: SYMBOL }, signal);

    beforeAll(async () => {
      venue = await start();
      await venue.exchange.ensureHedgeMode(venue.accountId, signal);
    });
    afterAll(() => venue[Symbol.asyncDispose]());

    test('modes and leverage are set, and set again without complaint', async () => {
      const { exchange, accountId } = venue;
      await exchange.ensureHedgeMode(accountId, signal);
      await exchange.ensureCrossMargin(accountId, SYMBOL, signal);
      await exchange.ensureCrossMargin(accountId, SYMBOL, signal);
      await exchange.setLeverage(accountId, SYMBOL, 10, signal);
      await expect(exchange.setLeverage(accountId, SYMBOL, 10, signal)).resolves.toBeUndefined();
    });

    test('the market is read: symbols with filters, brackets, candles, a mark', async () => {
      const { exchange, accountId } = venue;
      const symbols = await exchange.readSymbols(signal);
      const rules = symbols.find(({ rules: each }) => each.symbol === SYMBOL)?.rules;
      const brackets = await exchange.readLeverageBrackets(accountId, signal);
      const candles = await exchange.readCandles(SYMBOL, '1h', 10, signal);
      const mark = await exchange.readMarkPrice(SYMBOL, signal);

      expect(rules?.tickSize.greaterThan(0)).toBe(true);
      expect(rules?.notionalMin.greaterThan(0)).toBe(true);
      expect(brackets.get(SYMBOL)?.[0]?.leverageMax).toBeGreaterThan(1);
      expect(candles).toHaveLength(10);
      expect(candles.map(({ openAtMs }) => openAtMs)).toEqual(
        candles.map(({ openAtMs }) => openAtMs).toSorted((a, b) => a - b),
      );
      expect(mark.price.greaterThan(0)).toBe(true);
    });

    test('a position lives from its entry over stop, profit and ladder to flat', async () => {
      const { exchange, accountId } = venue;
      const entry = await marketIntent(exchange, 'BUY');
      const placed = await place(entry);
      expect(placed).toMatchObject({ kind: 'accepted' });

      const filled = await find(plain(entry.clientOrderId));
      expect(filled).toMatchObject({ status: 'filled', direction: 'long', isConditional: false });
      expect(filled?.averagePrice?.greaterThan(0)).toBe(true);
      expect(filled?.filledQuantity.eq(entry.quantity)).toBe(true);

      const stop: OrderIntent = {
        kind: 'stop',
        clientOrderId: nextId(),
        symbol: SYMBOL,
        side: 'SELL',
        direction: 'long',
        triggerPrice: await priceAt(exchange, 0.6),
      };
      const profit: OrderIntent & { kind: 'limit' } = {
        ...(await restingIntent(exchange)),
        side: 'SELL',
        quantity: entry.quantity,
        price: await priceAt(exchange, 1.1),
        isClosing: true,
      };
      expect(await place(stop)).toMatchObject({
        kind: 'accepted',
        order: { isConditional: true, status: 'new' },
      });
      expect(await place(profit)).toMatchObject({ kind: 'accepted', order: { status: 'new' } });
      expect((await openOrders()).map(({ clientOrderId }) => clientOrderId).toSorted()).toEqual(
        [stop.clientOrderId, profit.clientOrderId].toSorted(),
      );

      const moved = await exchange.modifyOrder(
        accountId,
        {
          symbol: SYMBOL,
          clientOrderId: profit.clientOrderId,
          side: 'SELL',
          price: await priceAt(exchange, 1.09),
          quantity: entry.quantity,
        },
        openFence(),
        signal,
      );
      expect(moved).toMatchObject({ kind: 'accepted' });

      const [position] = await exchange.readPositions(accountId, { symbol: SYMBOL }, signal);
      expect(position).toMatchObject({ symbol: SYMBOL, direction: 'long' });
      expect(position?.quantity.eq(entry.quantity)).toBe(true);

      const stopReference = {
        symbol: SYMBOL,
        clientOrderId: stop.clientOrderId,
        isConditional: true,
      };
      expect(await exchange.cancelOrder(accountId, plain(profit.clientOrderId), signal)).toEqual({
        kind: 'canceled',
      });
      expect(await exchange.cancelOrder(accountId, stopReference, signal)).toEqual({
        kind: 'canceled',
      });
      expect(await exchange.cancelOrder(accountId, stopReference, signal)).toEqual({
        kind: 'already-gone',
      });
      expect(await find(stopReference)).toMatchObject({ status: 'canceled', isConditional: true });

      const close = { ...(await marketIntent(exchange, 'SELL')), quantity: entry.quantity };
      expect(await place(close)).toMatchObject({ kind: 'accepted' });
      expect(await exchange.readPositions(accountId, { symbol: SYMBOL }, signal)).toEqual([]);

      const trades = await exchange.readTrades(
        accountId,
        { symbol: SYMBOL, sinceMs: (filled?.updatedAtMs ?? 0) - 1 },
        signal,
      );
      expect(trades.map(({ side }) => side)).toEqual(['BUY', 'SELL']);
      const income = await exchange.readIncome(
        accountId,
        { symbol: SYMBOL, sinceMs: (filled?.updatedAtMs ?? 0) - 1 },
        signal,
      );
      expect(income.map(({ kind }) => kind)).toContain('COMMISSION');
      const since = { symbol: SYMBOL, sinceMs: (filled?.updatedAtMs ?? 0) - 1 };
      expect(await exchange.readForcedOrders(accountId, since, signal)).toEqual([]);
      const balance = await exchange.readBalance(accountId, signal);
      expect(balance.walletUsdt.greaterThan(0)).toBe(true);
    });

    test('a lost reply to a placement is unknown, and looking it up finds the one order', async () => {
      const intent = await restingIntent(venue.exchange);
      venue.loseNextPlacementReply();
      expect(await place(intent)).toMatchObject({ kind: 'unknown' });
      expect(await find(plain(intent.clientOrderId))).toMatchObject({ status: 'new' });
      expect((await openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual([
        intent.clientOrderId,
      ]);
      await venue.exchange.cancelOrder(venue.accountId, plain(intent.clientOrderId), signal);
    });

    test('a lost request is unknown as well, and looking it up finds nothing', async () => {
      const intent = await restingIntent(venue.exchange);
      venue.loseNextPlacement();
      expect(await place(intent)).toMatchObject({ kind: 'unknown' });
      expect(await find(plain(intent.clientOrderId))).toBeUndefined();
    });

    test('"status unknown" of the venue is unknown, though the order stands', async () => {
      const intent = await restingIntent(venue.exchange);
      venue.answerNextPlacementUnknown();
      expect(await place(intent)).toMatchObject({ kind: 'unknown' });
      expect(await find(plain(intent.clientOrderId))).toMatchObject({ status: 'new' });
      await venue.exchange.cancelOrder(venue.accountId, plain(intent.clientOrderId), signal);
    });

    test('a second send under a working id is not a second order, and a filled id shields nothing', async () => {
      const resting = await restingIntent(venue.exchange);
      await place(resting);
      expect(await place(resting)).toMatchObject({ kind: 'unknown' });
      expect(await openOrders()).toHaveLength(1);
      await venue.exchange.cancelOrder(venue.accountId, plain(resting.clientOrderId), signal);

      const entry = await marketIntent(venue.exchange, 'BUY');
      await place(entry);
      expect(await place(entry)).toMatchObject({ kind: 'accepted' });
      const [held] = await venue.exchange.readPositions(
        venue.accountId,
        { symbol: SYMBOL },
        signal,
      );
      expect(held?.quantity.eq(entry.quantity.times(2))).toBe(true);
      const close = await marketIntent(venue.exchange, 'SELL');
      await place({ ...close, quantity: quantity(entry.quantity.times(2)) });
    });

    test('nothing leaves once the fence has passed or the step is lost', async () => {
      const intent = await restingIntent(venue.exchange);
      expect(await place(intent, { signableUntilMs: 1, isOwned: () => true })).toEqual({
        kind: 'not-sent',
        why: 'FencePassed',
      });
      expect(
        await place(intent, { signableUntilMs: Number.MAX_SAFE_INTEGER, isOwned: () => false }),
      ).toEqual({ kind: 'not-sent', why: 'LeaseLost' });
      expect(await find(plain(intent.clientOrderId))).toBeUndefined();
    });

    test('what the venue rejects says why in our words', async () => {
      const small = { ...(await restingIntent(venue.exchange)), quantity: quantity(1) };
      expect(await place(small)).toMatchObject({ kind: 'rejected', reason: 'BelowMinNotional' });
      const entry = await marketIntent(venue.exchange, 'BUY');
      await place(entry);
      const stop: OrderIntent = {
        kind: 'stop',
        clientOrderId: nextId(),
        symbol: SYMBOL,
        side: 'SELL',
        direction: 'long',
        triggerPrice: await priceAt(venue.exchange, 1.2),
      };
      expect(await place(stop)).toMatchObject({ kind: 'rejected', reason: 'WouldTriggerNow' });
      const close = { ...(await marketIntent(venue.exchange, 'SELL')), quantity: entry.quantity };
      await place(close);
      expect(await place({ ...close, clientOrderId: nextId() })).toMatchObject({
        kind: 'rejected',
        reason: 'PositionAlreadyClosed',
      });
    });

    test('a stream key is minted, extended, and found gone only when it is', async () => {
      const key = await venue.exchange.openUserStream(venue.accountId, signal);
      expect(key.length).toBeGreaterThan(10);
      await venue.exchange.extendUserStream(venue.accountId, signal);
    });

    test('orders are signed for a window that the port fixes', () => {
      expect(ORDER_RECV_WINDOW_MS).toBeLessThanOrEqual(1_500);
    });
  });
}
