/** Candles of the contract, of its index, of its mark price and of the premium. */
import type { Candle } from '#pkg/domain';
import { INTERVALS_MS, stepOpen } from '../../market/intervals.ts';
import type { CandleRange } from '../../market/market.ts';
import { decimalsOf } from '../filters.ts';
import { optionalInteger, text, type Parameters } from '../parameters.ts';
import { VenueRejection } from '../rejection.ts';
import { listedSymbol } from '../world.ts';
import { limitOf, open, type Endpoint, type EndpointCall } from './endpoint.ts';

const ROWS = { normal: 500, most: 1500 };
const PREMIUM_LOOKS = 12;

function klinesWeight(parameters: Parameters): number {
  const limit = Number(parameters['limit'] ?? ROWS.normal);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1000 ? 5 : 10;
}

function rangeOf(parameters: Parameters): CandleRange {
  const intervalMs = INTERVALS_MS[text(parameters, 'interval')];
  if (intervalMs === undefined) throw new VenueRejection('-1120');
  return {
    intervalMs,
    limit: limitOf(parameters, ROWS),
    startMs: optionalInteger(parameters, 'startTime'),
    endMs: optionalInteger(parameters, 'endTime'),
  };
}

/** `share` scales the price at an instant: 1 for the contract, less or more for its index. */
function rowsOf(
  { world, market, parameters }: EndpointCall,
  name: 'symbol' | 'pair',
  kind: { readonly hasVolume: boolean; readonly isIndex: boolean },
): unknown {
  const listed = listedSymbol(world, text(parameters, name));
  const range = rangeOf(parameters);
  const places = decimalsOf(listed.tickSize);
  return market.candles(listed.symbol, range, world.nowMs).map((candle) => {
    const share = kind.isIndex ? 1 / (1 + market.premiumAt(listed.symbol, candle.openAtMs)) : 1;
    return candleRow(candle, { ...kind, intervalMs: range.intervalMs, places, share });
  });
}

function candleRow(
  candle: Candle,
  form: {
    readonly hasVolume: boolean;
    readonly intervalMs: number;
    readonly places: number;
    readonly share: number;
  },
): readonly unknown[] {
  const price = (value: number): string => (value * form.share).toFixed(form.places);
  const quote = candle.volume * candle.close;
  const count = Math.max(1, Math.round(quote / 2_000));
  const [volume, turnover, bought, boughtQuote] = form.hasVolume
    ? [
        candle.volume.toFixed(3),
        quote.toFixed(5),
        (candle.volume / 2).toFixed(3),
        (quote / 2).toFixed(5),
      ]
    : ['0', '0', '0', '0'];
  return [
    candle.openAtMs,
    price(candle.open),
    price(candle.high),
    price(candle.low),
    price(candle.close),
    volume,
    stepOpen(form.intervalMs, candle.openAtMs, 1) - 1,
    turnover,
    count,
    bought,
    boughtQuote,
    '0',
  ];
}

function continuous(call: EndpointCall): unknown {
  if (text(call.parameters, 'contractType') !== 'PERPETUAL') throw new VenueRejection('-4104');
  return rowsOf(call, 'pair', { hasVolume: true, isIndex: false });
}

/** The premium of the contract over its index; high and low from a handful of looks into each candle. */
function premium({ world, market, parameters }: EndpointCall): unknown {
  const { symbol } = listedSymbol(world, text(parameters, 'symbol'));
  const range = rangeOf(parameters);
  return market.candles(symbol, range, world.nowMs).map(({ openAtMs }) => {
    const closeAtMs = stepOpen(range.intervalMs, openAtMs, 1);
    const endMs = Math.min(closeAtMs, world.nowMs);
    const looks = Array.from({ length: PREMIUM_LOOKS + 1 }, (_, index) =>
      market.premiumAt(symbol, openAtMs + ((endMs - openAtMs) * index) / PREMIUM_LOOKS),
    );
    const [first = 0] = looks;
    const prices = [first, Math.max(...looks), Math.min(...looks), looks.at(-1) ?? first];
    const texts = prices.map((price) => price.toFixed(8));
    return [openAtMs, ...texts, '0', closeAtMs - 1, '0', PREMIUM_LOOKS, '0', '0', '0'];
  });
}

export const CANDLE_ENDPOINTS: readonly Endpoint[] = [
  open('/fapi/v1/klines', klinesWeight, (call) =>
    rowsOf(call, 'symbol', { hasVolume: true, isIndex: false }),
  ),
  open('/fapi/v1/continuousKlines', klinesWeight, continuous),
  open('/fapi/v1/indexPriceKlines', klinesWeight, (call) =>
    rowsOf(call, 'pair', { hasVolume: false, isIndex: true }),
  ),
  open('/fapi/v1/markPriceKlines', klinesWeight, (call) =>
    rowsOf(call, 'symbol', { hasVolume: false, isIndex: false }),
  ),
  open('/fapi/v1/premiumIndexKlines', klinesWeight, premium),
];
