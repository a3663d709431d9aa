/**
 * The order book on the streams: its best prices, its first levels, and what changed in it.
 *
 * The update id of a book is venue time, as it is in REST's `depth`: a snapshot with `lastUpdateId` L is followed by
 * the first message with U ≤ L ≤ u, and each message's `pu` is the `u` before.
 * Source: the venue's pages "Diff. Book Depth Streams", "Partial Book Depth Streams", "How to manage a local order
 * book correctly" and "Individual Symbol Book Ticker Streams".
 */
import { required } from '#pkg/base';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import { visibleDepth } from '../venue/book.ts';
import { decimalsOf } from '../venue/filters.ts';
import type { Side } from '../venue/rows.ts';
import type { FrameSource } from './market-streams.ts';
import { SYMBOL_TYPE_USDM } from './price-frames.ts';

type Rows = readonly (readonly [price: string, quantity: string])[];

/** As deep as the deepest snapshot of REST, so that a client's own book stays whole. */
const LEVELS_MAX = 1000;

function sideOf(
  runtime: VenueRuntime,
  symbol: string,
  at: { side: Side; count: number; nowMs: number },
): Rows {
  const world = runtime.venue.worldAt(at.nowMs);
  const listed = required(world.symbols.get(symbol), 'Only listed symbols are asked for.');
  const places = decimalsOf(listed.tickSize);
  return visibleDepth(world, listed, at.side, at.count).map(({ price, quantity }) => [
    price.toFixed(places),
    quantity.toFixed(),
  ]);
}

/** Best prices of some symbols, one message each, only where they changed since the last. */
export function bookSource(runtime: VenueRuntime, symbols: readonly string[]): FrameSource {
  const told = new Map<string, string>();
  return (nowMs) =>
    symbols.flatMap((symbol) => {
      const [bid] = sideOf(runtime, symbol, { side: 'BUY', count: 1, nowMs });
      const [ask] = sideOf(runtime, symbol, { side: 'SELL', count: 1, nowMs });
      const [b, B] = bid ?? ['0', '0'];
      const [a, A] = ask ?? ['0', '0'];
      const text = `${b} ${B} ${a} ${A}`;
      if (told.get(symbol) === text) return [];
      told.set(symbol, text);
      const at = { T: nowMs, E: nowMs, st: SYMBOL_TYPE_USDM };
      return [{ e: 'bookTicker', u: nowMs, s: symbol, b, B, a, A, ...at }];
    });
}

/** The first levels of each side, whole each time. */
export function depthLevels(runtime: VenueRuntime, symbol: string, count: number): FrameSource {
  let pu = runtime.clock.nowMs();
  return (nowMs) => {
    const b = sideOf(runtime, symbol, { side: 'BUY', count, nowMs });
    const a = sideOf(runtime, symbol, { side: 'SELL', count, nowMs });
    const frame = depthUpdate(symbol, { nowMs, pu }, b, a);
    pu = nowMs;
    return [frame];
  };
}

/** What changed since the last message; a level that is gone has the quantity 0. */
export function depthDifferences(runtime: VenueRuntime, symbol: string): FrameSource {
  let pu = runtime.clock.nowMs();
  let bids: ReadonlyMap<string, string> = new Map();
  let asks: ReadonlyMap<string, string> = new Map();
  return (nowMs) => {
    const bidsNow = new Map(sideOf(runtime, symbol, { side: 'BUY', count: LEVELS_MAX, nowMs }));
    const asksNow = new Map(sideOf(runtime, symbol, { side: 'SELL', count: LEVELS_MAX, nowMs }));
    const frame = depthUpdate(
      symbol,
      { nowMs, pu },
      changed(bids, bidsNow),
      changed(asks, asksNow),
    );
    [bids, asks, pu] = [bidsNow, asksNow, nowMs];
    return [frame];
  };
}

function changed(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): Rows {
  const gone = [...before.keys()].filter((price) => !now.has(price));
  return [
    ...gone.map((price) => [price, '0'] as const),
    ...[...now].filter(([price, quantity]) => before.get(price) !== quantity),
  ];
}

function depthUpdate(
  symbol: string,
  at: { readonly nowMs: number; readonly pu: number },
  b: Rows,
  a: Rows,
): object {
  const { nowMs, pu } = at;
  const ids = { U: pu + 1, u: nowMs, pu };
  return { e: 'depthUpdate', E: nowMs, T: nowMs, s: symbol, ...ids, b, a, st: SYMBOL_TYPE_USDM };
}
