import type { Candle } from '#pkg/domain';

/** A row that is no candle. */
export interface KlineMistake {
  /** From 1; the header counts. */
  readonly line: number;
  readonly message: string;
}

export type ParsedKlines =
  | { readonly kind: 'read'; readonly candles: readonly Candle[] }
  | { readonly kind: 'invalid'; readonly mistakes: readonly KlineMistake[] };

const MINUTE_MS = 60_000;
/** So many mistakes say that the file is of another kind. */
const MISTAKES_MAX = 10;

/**
 * What stands where. `venue` is the form of the venue's public archive (github.com/binance/binance-public-data,
 * "Klines"): open time, open, high, low, close, volume, and six more. `recorded` is the form of `data/`.
 */
const FORMS = [
  { name: 'venue', columns: 12, open: 1, high: 2, low: 3, close: 4, volume: 5 },
  { name: 'recorded', columns: 7, open: 1, high: 4, low: 3, close: 2, volume: 5 },
] as const;
type Form = (typeof FORMS)[number];

/**
 * Returns the candles of a CSV file of klines that are `lengthMs` long each, oldest first, or its first mistakes.
 *
 * A header line, empty lines and repeated equal rows are passed over. Times may be seconds, milliseconds or
 * microseconds since 1970; their size tells.
 */
export function parseKlines(text: string, lengthMs: number): ParsedKlines {
  const candles = new Map<number, Candle>();
  const mistakes: KlineMistake[] = [];
  for (const [index, row] of text.split(/\r?\n/u).entries()) {
    if (row.trim() === '' || (index === 0 && /^\s*[a-z]/iu.test(row))) continue;
    const parsed = parseRow(row, lengthMs);
    const message =
      typeof parsed === 'string' ? parsed : contradiction(candles.get(parsed.openAtMs), parsed);
    if (message !== undefined) mistakes.push({ line: index + 1, message });
    else if (typeof parsed !== 'string') candles.set(parsed.openAtMs, parsed);
    if (mistakes.length === MISTAKES_MAX) break;
  }
  if (mistakes.length > 0) return { kind: 'invalid', mistakes };
  if (candles.size === 0) {
    return { kind: 'invalid', mistakes: [{ line: 1, message: 'the file holds no candle' }] };
  }
  return {
    kind: 'read',
    candles: [...candles.values()].toSorted((a, b) => a.openAtMs - b.openAtMs),
  };
}

function parseRow(row: string, lengthMs: number): Candle | string {
  const cells = row.split(',').map((cell) => cell.trim());
  const form = FORMS.find(({ columns }) => columns === cells.length);
  if (form === undefined) {
    return `${cells.length} columns; 12 (the venue's klines) or 7 (time,open,close,low,high,volume,trades) are read`;
  }
  const openAtMs = toMs(numberOf(cells, 0));
  if (openAtMs === undefined) return `${cells[0] ?? ''} is no time in s, ms or µs since 1970`;
  if (openAtMs % lengthMs !== 0) {
    return `${cells[0] ?? ''} is not the beginning of a candle of ${lengthMs / MINUTE_MS} min`;
  }
  const candle = candleOf(cells, form, openAtMs);
  return misshape(candle) ?? candle;
}

function candleOf(cells: readonly string[], form: Form, openAtMs: number): Candle {
  return {
    openAtMs,
    open: numberOf(cells, form.open),
    high: numberOf(cells, form.high),
    low: numberOf(cells, form.low),
    close: numberOf(cells, form.close),
    volume: numberOf(cells, form.volume),
  };
}

function numberOf(cells: readonly string[], index: number): number {
  const cell = cells[index] ?? '';
  return /^\d+(?:\.\d+)?(?:e[-+]?\d+)?$/iu.test(cell) ? Number(cell) : Number.NaN;
}

/** 10^11 s is the year 5138 and 10^11 ms is 1973; 10^14 ms is 5138 and 10^14 µs is 1973. */
function toMs(time: number): number | undefined {
  if (!Number.isInteger(time) || time <= 0 || time >= 1e17) return undefined;
  if (time < 1e11) return time * 1_000;
  return time < 1e14 ? time : time / 1_000;
}

function misshape({ open, high, low, close, volume }: Candle): string | undefined {
  for (const [name, value] of Object.entries({ open, high, low, close })) {
    if (!(value > 0 && Number.isFinite(value))) return `${name} is no positive number`;
  }
  if (!Number.isFinite(volume)) return 'volume is no number from 0';
  if (low > Math.min(open, close)) return 'low lies above open or close';
  return high < Math.max(open, close) ? 'high lies below open or close' : undefined;
}

/** What differs between two rows of one time; undefined when they are equal or there is one. */
function contradiction(standing: Candle | undefined, candle: Candle): string | undefined {
  if (standing === undefined) return undefined;
  const names = ['open', 'high', 'low', 'close', 'volume'] as const;
  const differs = names.find((name) => standing[name] !== candle[name]);
  return differs === undefined
    ? undefined
    : `a row before says another ${differs} for the same time`;
}
