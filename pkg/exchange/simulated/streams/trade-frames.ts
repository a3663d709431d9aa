/**
 * Trades of the market and liquidations of its customers.
 *
 * Source: the venue's pages "Aggregate Trade Streams" and "Liquidation Order Streams": of each symbol at most the
 * newest liquidation of a second is told.
 */
import type { VenueRuntime } from '../server/venue-runtime.ts';
import { decimalsOf } from '../venue/filters.ts';
import { aggregate, printsBetween } from '../venue/tape.ts';
import { listedSymbol, type UserFrame } from '../venue/world.ts';
import type { FrameSource } from './market-streams.ts';
import { SYMBOL_TYPE_USDM } from './price-frames.ts';

/** The tape as REST's `aggTrades` tells it. */
export function aggregateTrades(runtime: VenueRuntime, symbol: string): FrameSource {
  let fromMs = runtime.clock.nowMs();
  return (nowMs) => {
    const world = runtime.venue.worldAt(nowMs);
    const listed = listedSymbol(world, symbol);
    // A jump of venue time is not told trade by trade.
    const sinceMs = Math.max(fromMs + 1, nowMs - JUMP_MS);
    fromMs = nowMs;
    return aggregate(printsBetween(world, symbol, sinceMs, nowMs)).map((trade) => ({
      e: 'aggTrade',
      E: nowMs,
      s: symbol,
      a: trade.id,
      p: trade.price.toFixed(decimalsOf(listed.tickSize)),
      q: trade.quantity.toFixed(),
      f: trade.id,
      l: trade.lastId,
      T: trade.atMs,
      m: trade.isBuyerMaker,
      st: SYMBOL_TYPE_USDM,
    }));
  };
}

const JUMP_MS = 10_000;

export interface Liquidations {
  /** Takes note of a liquidation among the events of accounts. */
  note(frame: UserFrame): void;
  /** Liquidations of a symbol, or of all. */
  source(symbol: string | undefined): FrameSource;
}

export function createLiquidations(): Liquidations {
  const newest = new Map<string, { readonly order: object; readonly atMs: number }>();
  return {
    note: ({ payload }) => {
      const order = payload['o'] as Readonly<Record<string, unknown>> | undefined;
      // Deleveraging and settlement are orders of the venue too, but no liquidations.
      const isLiquidation = String(order?.['c']).startsWith('autoclose-');
      if (payload['e'] !== 'ORDER_TRADE_UPDATE' || order === undefined || !isLiquidation) return;
      if (order['x'] === 'NEW') return;
      newest.set(String(order['s']), { order: bodyOf(order), atMs: Number(payload['E']) });
    },
    source: (symbol) => {
      const told = new Map<string, object>();
      return (nowMs) =>
        [...newest].flatMap(([each, { order, atMs }]) => {
          const isWanted = symbol === undefined || symbol === each;
          if (!isWanted || told.get(each) === order || nowMs - atMs > 2_000) return [];
          told.set(each, order);
          return [{ e: 'forceOrder', E: nowMs, o: order, st: SYMBOL_TYPE_USDM }];
        });
    },
  };
}

function bodyOf(order: Readonly<Record<string, unknown>>): object {
  return {
    s: order['s'],
    S: order['S'],
    o: 'LIMIT',
    f: 'IOC',
    q: order['q'],
    p: order['p'],
    ap: order['ap'],
    X: order['X'],
    l: order['l'],
    z: order['z'],
    T: order['T'],
  };
}
