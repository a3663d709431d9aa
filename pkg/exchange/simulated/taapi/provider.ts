/**
 * The indicator provider: the TAAPI protocol over the simulated market's candles.
 *
 *   POST /bulk          {secret, construct: {exchange, symbol, interval, indicators: [{id?, indicator, …}]}}
 *   GET  /{indicator}   ?secret&exchange&symbol&interval[&period&backtrack&results&addResultTimestamp]
 *
 * Several results come as arrays, oldest first. Sources: the provider's pages "Direct", "POST REST (Bulk)" and
 * "Rate limits".
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '#pkg/base';
import type { Candle } from '#pkg/domain';
import { INTERVALS_MS } from '../market/intervals.ts';
import type { Market } from '../market/market.ts';
import { decimalsOf } from '../venue/filters.ts';
import { readBody } from '../server/read-body.ts';
import { CALCULATIONS, type Reading } from './calculations.ts';
import { createRequestLog, type RequestWindow } from './request-log.ts';

export const CALCULATIONS_MAX = 20;
const CANDLES_USED = 500;
const RESULTS_MAX = 300;
const EXCHANGES = ['binancefutures', 'binance'];

export interface ProviderOptions {
  readonly secret: string;
  readonly window: RequestWindow;
}

interface Sources {
  readonly market: Market;
  readonly symbols: readonly string[];
  readonly clock: Clock;
}

type Fields = Readonly<Record<string, unknown>>;

interface ProviderAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Returns the handler of the provider's port. */
export function createProviderHandler(
  sources: Sources,
  options: ProviderOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const isAllowed = createRequestLog(options.window);
  return (request, response) => {
    answer(sources, options, request, isAllowed)
      .catch((): ProviderAnswer => refusal(400, 'The request body is not valid JSON.'))
      .then(({ status, body }) => {
        response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
        response.end(JSON.stringify(body));
      })
      .catch(() => request.socket.destroy());
  };
}

async function answer(
  sources: Sources,
  options: ProviderOptions,
  request: IncomingMessage,
  isAllowed: (nowMs: number) => boolean,
): Promise<ProviderAnswer> {
  const url = new URL(request.url ?? '/', 'http://provider');
  const isBulk = request.method === 'POST' && url.pathname === '/bulk';
  const fields: Fields = isBulk
    ? (JSON.parse(await readBody(request)) as Fields)
    : Object.fromEntries(url.searchParams);
  if (fields['secret'] !== options.secret) {
    return refusal(401, 'Unauthorized: the secret is wrong or missing.');
  }
  if (!isAllowed(sources.clock.nowMs())) {
    return refusal(429, '429: You have exceeded your request limit (TAAPI.IO rate-limit)!');
  }
  if (isBulk) return answerBulk(sources, fields);
  const indicator = url.pathname.slice(1);
  const outcome = calculate(readCandles(sources), { ...fields, indicator }, fields);
  return 'error' in outcome ? refusal(outcome.status, outcome.error) : ok(outcome.result);
}

function answerBulk(sources: Sources, fields: Fields): ProviderAnswer {
  const given = fields['construct'];
  const constructs = (Array.isArray(given) ? given : [given]) as readonly (Fields | undefined)[];
  const wanted = constructs.flatMap((construct) => {
    const indicators = construct?.['indicators'];
    if (construct === undefined || !Array.isArray(indicators)) return [];
    return (indicators as readonly Fields[]).map((indicator) => ({ construct, indicator }));
  });
  if (wanted.length === 0) return refusal(400, 'The construct names no indicators.');
  const count = wanted.reduce(
    (sum, { indicator }) => sum + Math.max(1, Number(indicator['backtracks'] ?? 1)),
    0,
  );
  if (count > CALCULATIONS_MAX) {
    return refusal(
      400,
      `You have exceeded the limit of ${CALCULATIONS_MAX} calculations per request: ${count}.`,
    );
  }
  const candlesOf = readCandles(sources);
  const data = wanted.map(({ construct, indicator }) => {
    const outcome = calculate(candlesOf, indicator, construct);
    return {
      id: indicator['id'] ?? defaultId(construct, indicator),
      indicator: indicator['indicator'],
      result: 'error' in outcome ? {} : outcome.result,
      errors: 'error' in outcome ? [outcome.error] : [],
    };
  });
  return ok({ data });
}

/** `binancefutures_BTC/USDT_1h_ema_40_0`, as the provider names what was not named. */
function defaultId(construct: Fields, indicator: Fields): string {
  const { indicator: name, backtrack, ...rest } = indicator;
  const parts = [construct['exchange'], construct['symbol'], construct['interval'], name];
  return [...parts, ...Object.values(rest), backtrack ?? 0].map(String).join('_');
}

type Outcome = { readonly result: unknown } | { readonly status: number; readonly error: string };

type CandlesOf = (symbol: string, intervalMs: number) => readonly Candle[] | undefined;

/** The venue's candles with the prices that it publishes, each series read once; undefined where it lists no such symbol. */
function readCandles({ market, symbols, clock }: Sources): CandlesOf {
  const known = new Map<string, readonly Candle[]>();
  return (symbol, intervalMs) => {
    if (!symbols.includes(symbol)) return undefined;
    const key = `${symbol} ${intervalMs}`;
    const standing = known.get(key);
    if (standing !== undefined) return standing;
    const tickSize = market.listed.find((each) => each.symbol === symbol)?.tickSize;
    const places = tickSize === undefined ? 8 : decimalsOf(tickSize);
    const rounded = (price: number): number => Number(price.toFixed(places));
    const candles = market
      .candles(symbol, { intervalMs, limit: CANDLES_USED }, clock.nowMs())
      .map(({ openAtMs, open, high, low, close, volume }) => ({
        ...{ openAtMs, volume },
        ...{ open: rounded(open), high: rounded(high), low: rounded(low), close: rounded(close) },
      }));
    known.set(key, candles);
    return candles;
  };
}

function calculate(candlesOf: CandlesOf, wanted: Fields, where: Fields): Outcome {
  const name = String(wanted['indicator']);
  const calculation = CALCULATIONS.get(name);
  if (calculation === undefined) {
    return { status: 404, error: `The indicator ${name} is not available.` };
  }
  if (!EXCHANGES.includes(String(where['exchange']))) {
    return { status: 400, error: `The exchange ${String(where['exchange'])} is not supported.` };
  }
  const intervalMs = INTERVALS_MS[String(where['interval'])];
  if (intervalMs === undefined) {
    return { status: 400, error: `The interval ${String(where['interval'])} is not supported.` };
  }
  const candles = candlesOf(String(where['symbol']).replace('/', ''), intervalMs);
  if (candles === undefined) {
    return { status: 400, error: `No candles: ${String(where['symbol'])} was not found.` };
  }
  const numbers = numbersOf(wanted);
  const readings = calculation(candles, numbers);
  return pick(wanted, numbers, { candles, readings });
}

interface Computed {
  readonly candles: readonly Candle[];
  readonly readings: readonly Reading[];
}

/** Takes the results that were asked for: one, several as arrays, or one for each backtrack. */
function pick(wanted: Fields, numbers: Readonly<Record<string, number>>, all: Computed): Outcome {
  const backtrack = numbers['backtrack'] ?? 0;
  const asked = wanted['addResultTimestamp'];
  const stamped = asked === true || asked === 'true';
  const last = all.candles.length - 1 - backtrack;
  const at = (index: number): Reading => {
    const reading = all.readings[index];
    const candle = all.candles[index];
    if (reading === undefined || candle === undefined || !stamped) return reading;
    return { ...reading, timestamp: Math.floor(candle.openAtMs / 1000) };
  };
  const backtracks = numbers['backtracks'];
  if (backtracks !== undefined) {
    const rows = Array.from({ length: backtracks }, (_, back) => ({
      ...at(last - back),
      backtrack: back,
    }));
    return { result: rows };
  }
  const results = numbers['results'];
  if (results === undefined) {
    const reading = at(last);
    return reading === undefined ? tooFew() : { result: reading };
  }
  const count = Math.min(results, RESULTS_MAX);
  const rows = Array.from({ length: count }, (_, index) => at(last - count + 1 + index));
  const arrays: Record<string, (number | string)[]> = {};
  for (const row of rows) {
    if (row === undefined) return tooFew();
    for (const [field, value] of Object.entries(row)) (arrays[field] ??= []).push(value);
  }
  return { result: arrays };
}

function tooFew(): Outcome {
  return { status: 400, error: 'There are too few candles to calculate the indicator.' };
}

function numbersOf(fields: Fields): Readonly<Record<string, number>> {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(fields)) {
    const number = Number(value);
    if (value !== '' && Number.isInteger(number) && number >= 0) numbers[name] = number;
  }
  return numbers;
}

function ok(body: unknown): ProviderAnswer {
  return { status: 200, body };
}

function refusal(status: number, error: string): ProviderAnswer {
  return { status, body: { error } };
}
