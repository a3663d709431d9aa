/** The listed symbols: names, filters and first prices near what the venue lists; BTC and ETH start where their recording does. */
import { createSeededRandom } from '#pkg/base';

export interface ListedSymbol {
  readonly symbol: string;
  readonly baseAsset: string;
  /** First price; undefined for symbols that replay recorded candles. */
  readonly firstPrice: number | undefined;
  readonly tickSize: string;
  readonly stepSize: string;
  readonly quantityMax: string;
  readonly marketQuantityMax: string;
  /** Least worth of an order, in quote currency. */
  readonly notionalMin: string;
  /** PERCENT_PRICE band around the mark price. */
  readonly multiplierUp: string;
  readonly multiplierDown: string;
  readonly leverageMax: number;
  /** Part of BTC's move that this symbol follows. */
  readonly beta: number;
}

type Row = readonly [
  baseAsset: string,
  firstPrice: number | undefined,
  tickSize: string,
  stepSize: string,
  leverageMax: number,
  beta: number,
];

const ROWS: readonly Row[] = [
  ['BTC', undefined, '0.10', '0.001', 125, 1],
  ['ETH', undefined, '0.01', '0.001', 125, 1],
  ['SOL', 148.32, '0.0100', '0.01', 100, 0.6],
  ['BNB', 642.1, '0.010', '0.01', 75, 0.45],
  ['XRP', 2.2145, '0.0001', '0.1', 75, 0.55],
  ['DOGE', 0.17342, '0.000010', '1', 75, 0.6],
  ['ADA', 0.6218, '0.00010', '1', 75, 0.5],
  ['LINK', 14.236, '0.001', '0.01', 75, 0.55],
  ['AVAX', 21.87, '0.0010', '1', 75, 0.6],
  ['DOT', 4.126, '0.001', '0.1', 75, 0.5],
  ['LTC', 87.43, '0.01', '0.001', 75, 0.45],
  ['BCH', 442.6, '0.01', '0.001', 75, 0.45],
  ['TRX', 0.26914, '0.00001', '1', 75, 0.3],
  ['NEAR', 2.511, '0.0010', '1', 75, 0.6],
  ['ATOM', 4.372, '0.001', '0.01', 75, 0.5],
  ['UNI', 6.884, '0.0010', '1', 75, 0.55],
  ['FIL', 2.668, '0.001', '0.1', 75, 0.5],
  ['APT', 5.3142, '0.00010', '0.1', 75, 0.55],
  ['ARB', 0.3641, '0.000100', '0.1', 75, 0.6],
  ['OP', 0.7218, '0.0001000', '0.1', 75, 0.6],
  ['SUI', 3.2846, '0.000100', '0.1', 75, 0.65],
  ['INJ', 11.248, '0.001000', '0.1', 50, 0.55],
  ['ETC', 17.032, '0.001', '0.01', 75, 0.5],
  ['AAVE', 182.44, '0.010', '0.1', 50, 0.5],
  ['XLM', 0.28713, '0.00001', '1', 50, 0.45],
  ['HBAR', 0.18266, '0.00001', '1', 50, 0.5],
];

/**
 * MIN_NOTIONAL where it is not 5. The venue changes it "without prior announcement" (its page "Contract Specifications
 * of USDⓈ-M Futures"); these are what public tests recorded of its exchangeInfo.
 */
const NOTIONAL_MIN: Readonly<Record<string, string>> = { BTC: '100', ETH: '20' };

/** Symbols of the simulated market unless more are asked for, BTC and ETH first. */
export const LISTED_SYMBOLS: readonly ListedSymbol[] = ROWS.map(toListed);

export const SYMBOLS_MAX = 1000;

/** Returns `count` symbols: the usual ones, then made ones (`T027USDT`, some counted in thousands: `1000T030USDT`). */
export function listSymbols(count: number): readonly ListedSymbol[] {
  const random = createSeededRandom('symbols');
  const made = Array.from({ length: Math.max(0, count - ROWS.length) }, (_, index) => {
    const name = `T${String(index + ROWS.length + 1).padStart(3, '0')}`;
    const price = Number((10 ** (random.next() * 4 - 2)).toPrecision(4));
    return toListed([
      index % 10 === 3 ? `1000${name}` : name,
      price,
      ...stepsFor(price),
      random.next() < 0.5 ? 50 : 75,
      0.3 + 0.4 * random.next(),
    ]);
  });
  return [...LISTED_SYMBOLS.slice(0, count), ...made];
}

/** Returns the usual symbol of this name, or one made for it; prices begin at `price` unless it is BTC or ETH. */
export function symbolNamed(name: string, price: number): ListedSymbol {
  const known = LISTED_SYMBOLS.find(({ symbol }) => symbol === name);
  if (known !== undefined)
    return known.firstPrice === undefined ? known : { ...known, firstPrice: price };
  const base = name.replace(/USD[TC]$/, '');
  return { ...toListed([base, price, ...stepsFor(price), 50, 0.5]), symbol: name };
}

/** Tick and step that suit a price: five digits, and a step worth some cents. */
function stepsFor(price: number): readonly [tickSize: string, stepSize: string] {
  const decimals = Math.max(0, 4 - Math.ceil(Math.log10(price)));
  return [(10 ** -decimals).toFixed(decimals), price > 20 ? '0.01' : price > 1 ? '0.1' : '1'];
}

function toListed([
  baseAsset,
  firstPrice,
  tickSize,
  stepSize,
  leverageMax,
  beta,
]: Row): ListedSymbol {
  const isMajor = firstPrice === undefined;
  return {
    symbol: `${baseAsset}USDT`,
    baseAsset,
    firstPrice,
    tickSize,
    stepSize,
    quantityMax: isMajor ? '1000' : '10000000',
    marketQuantityMax: isMajor ? '120' : '2000000',
    notionalMin: NOTIONAL_MIN[baseAsset] ?? '5',
    multiplierUp: isMajor ? '1.0500' : '1.1500',
    multiplierDown: isMajor ? '0.9500' : '0.8500',
    leverageMax,
    beta,
  };
}
