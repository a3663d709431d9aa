/** One REST endpoint: who may ask, what it weighs, what it does. */
import type { Market } from '../../market/market.ts';
import { optionalInteger, optionalText, type Parameters } from '../parameters.ts';
import { VenueRejection } from '../rejection.ts';
import type { AccountRow } from '../rows.ts';
import { listedSymbol, type World } from '../world.ts';

/** Open to all; a known key in the header; or signed as well. */
export type Security = 'public' | 'key' | 'signed';

/** Requests that are counted apart: funding rates, and the statistics below /futures/data. */
export type Pool = 'funding' | 'data';

export interface EndpointCall {
  readonly world: World;
  readonly market: Market;
  readonly parameters: Parameters;
}

interface EndpointCommon {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path below the host, `/fapi/v1/order`. */
  readonly path: string;
  /** Weight on the source address. */
  readonly weight: (parameters: Parameters) => number;
  /** What it counts on the account's order limits of ten seconds and of a minute. */
  readonly orders?: { readonly '10S': number; readonly '1M': number };
  /** A pool of its own beside the weight of the address. */
  readonly pool?: Pool;
}

export type Endpoint =
  | (EndpointCommon & {
      readonly security: 'public';
      readonly run: (call: EndpointCall) => unknown;
    })
  | (EndpointCommon & {
      readonly security: 'key' | 'signed';
      readonly run: (call: EndpointCall, account: AccountRow) => unknown;
    });

type Weight = number | ((parameters: Parameters) => number);
type Method = EndpointCommon['method'];
type SignedRun = (call: EndpointCall, account: AccountRow) => unknown;

const weigh = (weight: Weight) => (typeof weight === 'number' ? (): number => weight : weight);

export function open(
  path: string,
  weight: Weight,
  run: (call: EndpointCall) => unknown,
  pool?: Pool,
): Endpoint {
  const pooled = pool === undefined ? {} : { pool };
  return { method: 'GET', path, security: 'public', weight: weigh(weight), run, ...pooled };
}

export function keyed(method: Method, path: string, weight: Weight, run: SignedRun): Endpoint {
  return { method, path, security: 'key', weight: weigh(weight), run };
}

export function signed(method: Method, path: string, weight: Weight, run: SignedRun): Endpoint {
  return { method, path, security: 'signed', weight: weigh(weight), run };
}

/** Weight of an endpoint that costs more without a symbol. */
export const bySymbol =
  (withSymbol: number, without: number) =>
  (parameters: Parameters): number =>
    optionalText(parameters, 'symbol') === undefined ? without : withSymbol;

/** Returns the symbol asked for, or all of them. */
export function chosenSymbols(world: World, parameters: Parameters): readonly string[] {
  const symbol = optionalText(parameters, 'symbol');
  if (symbol === undefined) return [...world.symbols.keys()];
  return [listedSymbol(world, symbol).symbol];
}

export interface Dated {
  readonly symbol: string;
  readonly atMs: number;
}

/** How many rows a history gives, and of which times. */
export interface Limits {
  readonly normal: number;
  readonly most: number;
  /** Days that are meant when no time is sent. */
  readonly recentDays?: number;
  /** Most days between the times. */
  readonly spanDays?: number;
}

const DAY_MS = 86_400_000;

/** Cuts a history to symbol, times and limit; without a start the newest rows are meant. */
export function cut<Row extends Dated>(
  rows: Iterable<Row>,
  { world, parameters }: Pick<EndpointCall, 'world' | 'parameters'>,
  limits: Limits,
): readonly Row[] {
  const symbol = optionalText(parameters, 'symbol');
  const startMs = optionalInteger(parameters, 'startTime');
  const askedEndMs = optionalInteger(parameters, 'endTime');
  const endMs = askedEndMs ?? Number.POSITIVE_INFINITY;
  if (startMs !== undefined && startMs > endMs) throw new VenueRejection('-1023');
  const spanDays = limits.spanDays ?? Number.POSITIVE_INFINITY;
  if (startMs !== undefined && askedEndMs !== undefined && endMs - startMs > spanDays * DAY_MS) {
    throw new VenueRejection('-4165', `Maximum time interval is ${spanDays} days`);
  }
  const isTimeless = startMs === undefined && askedEndMs === undefined;
  const recentMs =
    isTimeless && limits.recentDays !== undefined ? world.nowMs - limits.recentDays * DAY_MS : 0;
  const limit = limitOf(parameters, limits);
  const found = [...rows].filter(
    (row) =>
      (symbol === undefined || row.symbol === symbol) &&
      row.atMs >= (startMs ?? recentMs) &&
      row.atMs <= endMs,
  );
  return startMs === undefined ? found.slice(-limit) : found.slice(0, limit);
}

/** Returns the `limit` asked for, or throws -1130. */
export function limitOf(
  parameters: Parameters,
  { normal, most }: { readonly normal: number; readonly most: number },
): number {
  const limit = optionalInteger(parameters, 'limit') ?? normal;
  if (limit < 1 || limit > most) throw new VenueRejection('-1130');
  return limit;
}
