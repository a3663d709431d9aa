/**
 * The market streams by name: which area carries one, how often it speaks, and what it says.
 *
 * Source of names, areas and speeds: the venue's pages "Important WebSocket Change Notice" and "Websocket Market
 * Streams"; of payloads: its page for each stream. The venue's 100 ms are our 250 ms: the market ticks so often.
 */
import type { VenueRuntime } from '../server/venue-runtime.ts';
import { bookSource, depthDifferences, depthLevels } from './book-frames.ts';
import { continuousKlines, klines } from './candle-frames.ts';
import { assetIndex, assetIndexes, markPrice } from './price-frames.ts';
import type { StreamArea } from './stream-target.ts';
import { miniTicker, ticker } from './ticker-frames.ts';
import { aggregateTrades, type Liquidations } from './trade-frames.ts';

/** Messages of a stream at an instant: none, one, or several. */
export type FrameSource = (nowMs: number) => readonly unknown[];

export interface MarketStream {
  readonly area: Exclude<StreamArea, 'private'>;
  /** It speaks in every so many beats of 250 ms. */
  readonly everyBeats: number;
  readonly source: FrameSource;
}

const BEAT_MS = 250;
const beats = (ms: number): number => Math.max(1, Math.round(ms / BEAT_MS));
const CONTRACT = /^([a-z0-9]+)_perpetual$/;
const KLINE = /^kline_(.+)$/;
const CONTINUOUS_KLINE = /^continuousKline_(.+)$/;
const DEPTH = /^depth(5|10|20)?$/;
const DEPTH_SPEEDS: Readonly<Record<string, number>> = { '100ms': 100, '250ms': 250, '500ms': 500 };

/** Returns the stream of a name, or undefined where the venue would accept the name and say nothing. */
export function findMarketStream(
  runtime: VenueRuntime,
  name: string,
  liquidations: Liquidations,
): MarketStream | undefined {
  if (name.startsWith('!')) return allMarketStream(runtime, name, liquidations);
  const [subject = '', kind = '', ...options] = name.split('@');
  if (subject !== subject.toLowerCase()) return undefined;
  if (kind === 'assetIndex' && subject === 'usdtusd') {
    return stream('market', 1000, (nowMs) => [assetIndex(nowMs)]);
  }
  const contract = CONTRACT.exec(subject)?.[1];
  const symbol = (contract ?? subject).toUpperCase();
  if (!runtime.venue.symbols.includes(symbol)) return undefined;
  const continuous = CONTINUOUS_KLINE.exec(kind)?.[1];
  if (contract !== undefined) {
    const source =
      continuous === undefined ? undefined : continuousKlines(runtime, symbol, continuous);
    return source === undefined ? undefined : stream('market', 250, source);
  }
  return symbolStream(runtime, { symbol, kind, options }, liquidations);
}

function symbolStream(
  runtime: VenueRuntime,
  asked: { readonly symbol: string; readonly kind: string; readonly options: readonly string[] },
  liquidations: Liquidations,
): MarketStream | undefined {
  const { symbol, kind, options } = asked;
  const { venue } = runtime;
  switch (kind) {
    case 'aggTrade':
      return stream('market', 100, aggregateTrades(runtime, symbol));
    case 'markPrice':
      return stream('market', speedOf(options), (nowMs) => [markPrice(venue, symbol, nowMs)]);
    case 'miniTicker':
      return stream('market', 500, (nowMs) => [miniTicker(runtime, symbol, nowMs)]);
    case 'ticker':
      return stream('market', 500, (nowMs) => [ticker(runtime, symbol, nowMs)]);
    case 'bookTicker':
      return stream('public', 100, bookSource(runtime, [symbol]));
    case 'forceOrder':
      return stream('market', 1000, liquidations.source(symbol));
    default:
      return candleOrDepth(runtime, asked);
  }
}

function candleOrDepth(
  runtime: VenueRuntime,
  {
    symbol,
    kind,
    options,
  }: { readonly symbol: string; readonly kind: string; readonly options: readonly string[] },
): MarketStream | undefined {
  const interval = KLINE.exec(kind)?.[1];
  if (interval !== undefined) {
    const source = klines(runtime, symbol, interval);
    return source === undefined ? undefined : stream('market', 250, source);
  }
  const depth = DEPTH.exec(kind);
  const [speed = '250ms'] = options;
  const everyMs = DEPTH_SPEEDS[speed];
  if (depth === null || everyMs === undefined) return undefined;
  const levels = depth[1];
  const source =
    levels === undefined
      ? depthDifferences(runtime, symbol)
      : depthLevels(runtime, symbol, Number(levels));
  return stream('public', everyMs, source);
}

function allMarketStream(
  runtime: VenueRuntime,
  name: string,
  liquidations: Liquidations,
): MarketStream | undefined {
  const { venue } = runtime;
  const [kind, ...options] = name.slice(1).split('@');
  const isAll = options[0] === 'arr';
  const each = (make: (symbol: string, nowMs: number) => unknown): FrameSource => {
    return (nowMs) => [venue.symbols.map((symbol) => make(symbol, nowMs))];
  };
  if (kind === 'bookTicker') return stream('public', 5000, bookSource(runtime, venue.symbols));
  // Spoken when something happens, by `tellContract`.
  if (kind === 'contractInfo') return stream('market', 1000, () => []);
  if (!isAll) return undefined;
  switch (kind) {
    case 'markPrice':
      return stream(
        'market',
        speedOf(options),
        each((symbol, nowMs) => markPrice(venue, symbol, nowMs)),
      );
    case 'miniTicker':
      return stream(
        'market',
        1000,
        each((symbol, nowMs) => miniTicker(runtime, symbol, nowMs)),
      );
    case 'ticker':
      return stream(
        'market',
        1000,
        each((symbol, nowMs) => ticker(runtime, symbol, nowMs)),
      );
    case 'forceOrder':
      return stream('market', 1000, liquidations.source(undefined));
    case 'assetIndex':
      return stream('market', 1000, (nowMs) => [assetIndexes(nowMs)]);
    default:
      return undefined;
  }
}

/** Mark prices come each third second, or each one with `@1s`. */
function speedOf(options: readonly string[]): number {
  return options.includes('1s') ? 1000 : 3000;
}

function stream(area: MarketStream['area'], everyMs: number, source: FrameSource): MarketStream {
  return { area, everyBeats: beats(everyMs), source };
}
