/** Frames of the mark price streams, decoded once at the edge: 550 rows every second. */
import { Type } from 'typebox';

import type { SymbolName } from '#pkg/domain';

import type { MarkTick } from '../exchange.ts';
import { createAnswerCheck, parseAnswer } from './answers.ts';
import { unwrap } from './frames.ts';

const MARK_STREAM = 'mark price stream';
const PLAIN = /^\d{1,18}(?:\.\d{1,18})?$/u;
/** `st` tells USD-M (1) from COIN-M (2) symbols since both come in all-market streams. */
const USD_MARGINED = 1;

/**
 * Returns the mark prices of one frame: a bare array, one object, or either inside the combined wrapper.
 *
 * COIN-M symbols and prices that are not positive are left out. Prices stay text: it runs for every symbol every second,
 * and few marks are ever compared with anything. A frame just as the venue documents it is scanned; any other is parsed.
 */
export function decodeMarkTicks(text: string): MarkTick[] {
  return scanMarkTicks(text) ?? readMarkTicks(text);
}

function readMarkTicks(text: string): MarkTick[] {
  const frame = unwrap(parseAnswer(text, MARK_STREAM));
  const rows = (Array.isArray(frame) ? frame : [frame]) as readonly (MarkRow | null | undefined)[];
  const ticks: MarkTick[] = [];
  for (const row of rows) {
    if (row?.e !== 'markPriceUpdate' || (row.st !== undefined && row.st !== USD_MARGINED)) continue;
    const { E, s, p } = row;
    if (typeof s !== 'string' || typeof p !== 'string' || !PLAIN.test(p) || !Number.isInteger(E)) {
      checkMarkRow(row, MARK_STREAM);
      continue;
    }
    if (Number(p) > 0) ticks.push({ symbol: s as SymbolName, mark: p, atMs: Number(E) });
  }
  return ticks;
}

/** What is read of a row, none of it checked. */
interface MarkRow {
  readonly e?: unknown;
  readonly E?: unknown;
  readonly s?: unknown;
  readonly p?: unknown;
  readonly st?: unknown;
}

const checkMarkRow = createAnswerCheck(
  Type.Object({
    s: Type.String(),
    p: Type.String({ pattern: '^\\d+(\\.\\d+)?$' }),
    E: Type.Integer(),
  }),
);

/** Before the rows of an array frame: nothing, or the combined wrapper. */
const ARRAY_START = /^(?:\{"stream":"[^"\\\p{Cc}]*","data":)?\[/u;
/**
 * One row with its fields in the documented order, without white space, and no field twice that is read. Source:
 * developers.binance.com, "Mark Price Stream for All market"; `ap` and `st` came later.
 */
const ROW =
  /\{"e":"markPriceUpdate","E":([1-9]\d{0,14}),"s":"([^"\\\p{Cc}]{1,64})","p":"(\d{1,18}(?:\.\d{1,18})?)"((?:,"(?![eEsp]")[a-zA-Z]{1,2}":(?:"[^"\\\p{Cc}]*"|0|[1-9]\d{0,14}))*)\}/uy;
const [COMMA, BRACKET] = [44, 93];

/** Returns the ticks of an array frame, or undefined when any byte of it is not as documented. */
function scanMarkTicks(text: string): MarkTick[] | undefined {
  const start = ARRAY_START.exec(text);
  if (start === null) return undefined;
  const ticks: MarkTick[] = [];
  for (let at = start[0].length; ; at += 1) {
    ROW.lastIndex = at;
    const row = ROW.exec(text);
    if (row === null) return undefined;
    const [, atMs, symbol, mark = '', rest = ''] = row;
    if (isUsdMargined(rest) && Number(mark) > 0) {
      ticks.push({ symbol: symbol as SymbolName, mark, atMs: Number(atMs) });
    }
    at = ROW.lastIndex;
    const next = text.charCodeAt(at);
    if (next === COMMA) continue;
    const end = start[0].length > 1 ? at + 2 : at + 1;
    const isEnd = next === BRACKET && text.length === end;
    return isEnd && (start[0].length === 1 || text.endsWith('}')) ? ticks : undefined;
  }
}

function isUsdMargined(rest: string): boolean {
  const at = rest.lastIndexOf('"st":');
  return at < 0 || /^1(?:,|$)/u.test(rest.slice(at + 5));
}
