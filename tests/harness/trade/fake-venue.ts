/**
 * A venue in memory behind the `Exchange` port, small enough to read, with the faults that matter.
 *
 * Hedge mode, one-way fills at the stated price, fees, conditional stops, and the venue's own habit of
 * keeping client ids unique among *open* orders only. It counts every order that it ever accepted, so that a test can
 * see a second order for one intent.
 */
import { Decimal, type Clock } from '#pkg/base';
import {
  id,
  notional,
  price,
  quantity,
  type AccountId,
  type ClientOrderId,
  type Direction,
  type OrderSide,
  type Price,
  type VenueOrderId,
} from '#pkg/domain';
import {
  ExchangeUnreachableError,
  ORDER_RECV_WINDOW_MS,
  type Cancellation,
  type Exchange,
  type ForcedOrder,
  type MarkPrice,
  type OrderIntent,
  type Placement,
  type RejectionReason,
  type UserEvent,
  type VenueIncome,
  type VenueTrade,
} from '#pkg/exchange';

import { toVenueOrder, type BookOrder } from './book-order.ts';
import { BRACKETS, BTC, BTC_SYMBOL } from './btc.ts';
import type { FakeVenue, MutationFault } from './venue-acts.ts';

const FEE = '0.0004';

interface Held {
  quantity: Decimal;
  cost: Decimal;
}

export function createFakeVenue(clock: Clock): FakeVenue {
  const book: BookOrder[] = [];
  const held = new Map<Direction, Held>();
  const trades: VenueTrade[] = [];
  let events: UserEvent[] = [];
  let areMarksShown = true;
  const forced: ForcedOrder[] = [];
  const incomes: VenueIncome[] = [];
  const faults: { readonly suffix: string; readonly fault: MutationFault }[] = [];
  let mark = price(60_000);
  let isReachable = true;
  let sequence = 1000;

  const find = (clientOrderId: ClientOrderId): BookOrder | undefined =>
    book.findLast((order) => order.intent.clientOrderId === clientOrderId);
  const bySuffix = (suffix: string): BookOrder => {
    const order = book.findLast((other) => other.intent.clientOrderId.endsWith(suffix));
    if (order === undefined) throw new Error(`no order ends with ${suffix}`);
    return order;
  };
  const takeFault = (clientOrderId: ClientOrderId): MutationFault | undefined => {
    const at = faults.findIndex(({ suffix }) => clientOrderId.endsWith(suffix));
    return at < 0 ? undefined : faults.splice(at, 1)[0]?.fault;
  };
  const read = (): void => {
    if (!isReachable) throw new ExchangeUnreachableError({});
  };
  const emit = (order: BookOrder, isAmendment = false): void => {
    const { status, venueOrderId, price: at, filled, average, updatedAtMs } = order;
    events.push({
      kind: 'order',
      symbol: order.intent.symbol,
      clientOrderId: order.intent.clientOrderId,
      direction: order.intent.direction,
      isConditional: order.intent.kind === 'stop',
      isForced: false,
      isAmendment,
      report: {
        status,
        venueOrderId,
        price: at,
        filledQuantity: quantity(filled),
        averagePrice: average,
        updatedAtMs,
      },
      atMs: clock.nowMs(),
    });
  };
  const emitAccount = (direction: Direction): void => {
    const left = held.get(direction)?.quantity ?? new Decimal(0);
    events.push({
      kind: 'account',
      positions: [{ symbol: BTC, direction, quantity: quantity(left) }],
      atMs: clock.nowMs(),
    });
  };

  const trade = (order: BookOrder, size: Decimal, at: Price): void => {
    const { direction, side } = order.intent;
    const position = held.get(direction) ?? { quantity: new Decimal(0), cost: new Decimal(0) };
    held.set(direction, position);
    const isEntry = isEntrySide(side, direction);
    const average = position.quantity.isZero() ? at : position.cost.div(position.quantity);
    let realized = new Decimal(0);
    if (isEntry) {
      position.quantity = position.quantity.plus(size);
      position.cost = position.cost.plus(size.times(at));
    } else {
      const gain = direction === 'long' ? at.minus(average) : average.minus(at);
      realized = gain.times(size);
      position.quantity = position.quantity.minus(size);
      position.cost = position.cost.minus(size.times(average));
    }
    order.filled = order.filled.plus(size);
    order.average = at;
    order.status = 'filled';
    order.updatedAtMs = clock.nowMs();
    trades.push({
      tradeId: String((sequence += 1)),
      venueOrderId: order.venueOrderId,
      symbol: BTC,
      direction,
      side,
      price: at,
      quantity: quantity(size),
      realizedPnl: notional(realized),
      fee: notional(size.times(at).times(FEE)),
      atMs: clock.nowMs(),
    });
    emitAccount(direction);
    emit(order);
  };

  const match = (): void => {
    for (const order of book) {
      if (order.status !== 'new') continue;
      const { intent } = order;
      const { side } = intent;
      const limit = order.price;
      if (limit === undefined) continue;
      const held1 = held.get(intent.direction)?.quantity ?? new Decimal(0);
      if (intent.kind === 'stop') {
        const isHit = side === 'SELL' ? mark.lte(limit) : mark.gte(limit);
        if (isHit && held1.gt(0)) trade(order, held1, mark);
      } else {
        const isHit = side === 'BUY' ? mark.lte(limit) : mark.gte(limit);
        const left = Decimal.sub(order.quantity, order.filled);
        const size = isEntrySide(side, intent.direction) ? left : Decimal.min(left, held1);
        if (isHit && size.gt(0)) trade(order, size, limit);
      }
    }
  };

  const accept = (intent: OrderIntent): Placement => {
    const standing = find(intent.clientOrderId);
    if (standing?.status === 'new') return rejected('DuplicateClientOrderId');
    const isClosing = !isEntrySide(intent.side, intent.direction);
    const left = held.get(intent.direction)?.quantity ?? new Decimal(0);
    if (isClosing && intent.kind === 'market' && left.lt(intent.quantity)) {
      return rejected('PositionAlreadyClosed');
    }
    if (intent.kind === 'stop') {
      const isPassed =
        intent.side === 'SELL' ? mark.lte(intent.triggerPrice) : mark.gte(intent.triggerPrice);
      if (isPassed) return rejected('WouldTriggerNow');
    }
    const order: BookOrder = {
      intent,
      venueOrderId: id<VenueOrderId>(String((sequence += 1))),
      status: 'new',
      price:
        intent.kind === 'stop'
          ? intent.triggerPrice
          : intent.kind === 'limit'
            ? intent.price
            : undefined,
      quantity: intent.kind === 'stop' ? quantity(0) : intent.quantity,
      filled: new Decimal(0),
      average: undefined,
      updatedAtMs: clock.nowMs(),
    };
    book.push(order);
    emit(order);
    if (intent.kind === 'market') trade(order, intent.quantity, mark);
    else match();
    return { kind: 'accepted', order: toVenueOrder(order) };
  };

  /** Does a mutation, or what its fault makes of it. `signedAtMs` bounds a late arrival. */
  const mutate = (
    clientOrderId: ClientOrderId,
    act: () => Placement,
    signedAtMs: number,
  ): Placement => {
    const fault = takeFault(clientOrderId);
    if (fault?.kind === 'rejected') return rejected(fault.reason);
    if (fault === undefined) return act();
    if (fault.kind === 'lost-after') act();
    if (fault.kind === 'late') {
      clock.schedule(fault.delayMs, () => {
        if (clock.nowMs() <= signedAtMs + ORDER_RECV_WINDOW_MS) act();
      });
    }
    return { kind: 'unknown', cause: new Error('the reply was lost') };
  };

  const cancel = (order: BookOrder): void => {
    order.status = 'canceled';
    order.updatedAtMs = clock.nowMs();
    emit(order);
  };

  const exchange: Exchange = {
    address: '127.0.0.1',
    readClockOffsetMs: async () => 0,
    clockOffsetMs: () => 0,
    verifyKey: async () => undefined,
    readKey: async () => ({ kind: 'usable', isBoundToAddresses: false, pairs: [] }),
    readSymbols: async () => [BTC_SYMBOL],
    readLeverageBrackets: async () => new Map([[BTC, BRACKETS]]),
    readCandles: async () => [],
    readMarkPrice: async (symbol) => {
      read();
      return { symbol, price: mark, atMs: clock.nowMs() };
    },
    readBalance: async () => ({ walletUsdt: notional(10_000), availableUsdt: notional(9_000) }),
    readPositions: async () => {
      read();
      return [...held].flatMap(([direction, { quantity: size, cost }]) => {
        if (size.isZero()) return [];
        const entryPrice = price(cost.div(size));
        return [
          {
            symbol: BTC,
            direction,
            quantity: quantity(size),
            entryPrice,
            breakEvenPrice: entryPrice,
            markPrice: mark,
            liquidationPrice: undefined,
            unrealizedPnl: notional(0),
          },
        ];
      });
    },
    readOpenOrders: async () => {
      read();
      return book.filter((order) => order.status === 'new').map(toVenueOrder);
    },
    readTrades: async () => {
      read();
      return trades;
    },
    readForcedOrders: async () => forced,
    readIncome: async () => incomes,
    ensureHedgeMode: async () => undefined,
    ensureCrossMargin: async () => undefined,
    setLeverage: async () => undefined,
    placeOrder: async (_accountId: AccountId, intent, fence) => {
      if (clock.nowMs() > fence.signableUntilMs) return { kind: 'not-sent', why: 'FencePassed' };
      if (!fence.isOwned()) return { kind: 'not-sent', why: 'LeaseLost' };
      return mutate(intent.clientOrderId, () => accept(intent), clock.nowMs());
    },
    findOrder: async (_accountId, reference) => {
      read();
      const order = find(reference.clientOrderId);
      return order === undefined ? undefined : toVenueOrder(order);
    },
    cancelOrder: async (_accountId, reference): Promise<Cancellation> => {
      const fault = takeFault(id<ClientOrderId>(`${reference.clientOrderId}!cancel`));
      if (fault?.kind === 'lost-before') return { kind: 'unknown', cause: new Error('lost') };
      const order = find(reference.clientOrderId);
      if (order?.status !== 'new') return { kind: 'already-gone' };
      cancel(order);
      return fault === undefined
        ? { kind: 'canceled' }
        : { kind: 'unknown', cause: new Error('lost') };
    },
    modifyOrder: async (_accountId, change) => {
      const act = (): Placement => {
        const order = find(change.clientOrderId);
        if (order?.status !== 'new') return rejected('OrderNotFound');
        order.price = change.price;
        order.quantity = change.quantity;
        order.updatedAtMs = clock.nowMs();
        emit(order, true);
        match();
        return { kind: 'accepted', order: toVenueOrder(order) };
      };
      return mutate(id<ClientOrderId>(`${change.clientOrderId}!modify`), act, clock.nowMs());
    },
    openUserStream: async () => 'key',
    extendUserStream: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };

  const readMark = (): MarkPrice => ({ symbol: BTC, price: mark, atMs: clock.nowMs() });
  return {
    exchange,
    prices: {
      write: async () => undefined,
      find: async () => (areMarksShown ? readMark() : undefined),
      readAll: async () => new Map(areMarksShown ? [[BTC, readMark()]] : []),
    },
    showMarks: (isShown) => void (areMarksShown = isShown),
    trades,
    setMark: (value) => {
      mark = price(value);
      match();
    },
    failNext: (suffix, fault) => faults.push({ suffix, fault }),
    setReachable: (value) => {
      isReachable = value;
    },
    cancelOutside: (suffix) => cancel(bySuffix(suffix)),
    amendOutside: (suffix, newPrice) => {
      const order = bySuffix(suffix);
      order.price = price(newPrice);
      order.updatedAtMs = clock.nowMs();
      emit(order, true);
    },
    tradeOutside: async (direction, size) => {
      accept({
        kind: 'market',
        clientOrderId: id<ClientOrderId>('by-hand'),
        symbol: BTC,
        side: direction === 'long' ? 'BUY' : 'SELL',
        direction,
        quantity: quantity(size),
        isClosing: false,
      });
    },
    closeOutside: (direction, by) => {
      const position = held.get(direction);
      if (position === undefined) return;
      const venueOrderId = id<VenueOrderId>(String((sequence += 1)));
      const average = position.cost.div(position.quantity);
      const gain = direction === 'long' ? mark.minus(average) : average.minus(mark);
      trades.push({
        tradeId: String((sequence += 1)),
        venueOrderId,
        symbol: BTC,
        direction,
        side: direction === 'long' ? 'SELL' : 'BUY',
        price: mark,
        quantity: quantity(position.quantity),
        realizedPnl: notional(gain.times(position.quantity)),
        fee: notional(position.quantity.times(mark).times(FEE)),
        atMs: clock.nowMs(),
      });
      if (by !== undefined) forced.push({ venueOrderId, cause: by });
      held.set(direction, { quantity: new Decimal(0), cost: new Decimal(0) });
      emitAccount(direction);
    },
    bookIncome: (kind, amount) => {
      incomes.push({
        kind,
        symbol: BTC,
        amount: notional(amount),
        atMs: clock.nowMs(),
        tradeId: undefined,
      });
    },
    accepted: (suffix) =>
      book.filter((order) => order.intent.clientOrderId.endsWith(suffix)).length,
    duplicates: () => {
      const ids = book.map((order) => order.intent.clientOrderId);
      return ids.filter((each, at) => ids.indexOf(each) !== at);
    },
    working: () => book.filter((order) => order.status === 'new').map(toVenueOrder),
    held: (direction) => held.get(direction)?.quantity.toNumber() ?? 0,
    drainEvents: () => {
      const drained = events;
      events = [];
      return drained;
    },
  };
}

function isEntrySide(side: OrderSide, direction: Direction): boolean {
  return (side === 'BUY') === (direction === 'long');
}

function rejected(reason: RejectionReason): Placement {
  return { kind: 'rejected', reason, venueCode: '-1', message: reason };
}
