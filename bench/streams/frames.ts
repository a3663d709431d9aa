/** Frames of a made-up market: as many symbols as the venue lists, patched in place so that sending costs next to nothing. */

export const SYMBOLS = 550;

export const symbolName = (index: number): string => `S${String(index).padStart(3, '0')}USDT`;

/** One row as the venue sends it; `E` and the price have a fixed width. */
function row(index: number): string {
  return JSON.stringify({
    e: 'markPriceUpdate',
    E: 1_000_000_000_000,
    s: symbolName(index),
    p: '10000.00000000',
    ap: '10000.00000000',
    P: '10001.12345678',
    i: '10000.51234567',
    r: '0.00010000',
    T: 1_000_000_000_000,
    st: 1,
  });
}

export interface FrameMaker {
  /** Returns the next frame: every event newer than the one before, all prices `price`. */
  next(atMs: number, price?: number): Buffer;
}

/** Frames of the combined stream of all marks; `count` rows each. */
export function createArrayFrames(count: number): FrameMaker {
  const rows = Array.from({ length: count }, (_, index) => row(index));
  return patching(`{"stream":"!markPrice@arr@1s","data":[${rows.join(',')}]}`);
}

/** Frames of one symbol each, one after another. */
export function createSingleFrames(count: number): FrameMaker {
  const makers = Array.from({ length: count }, (_, index) =>
    patching(`{"stream":"${symbolName(index).toLowerCase()}@markPrice@1s","data":${row(index)}}`),
  );
  let index = 0;
  return {
    next: (atMs, price) => {
      index = (index + 1) % count;
      const maker = makers[index];
      if (maker === undefined) throw new Error('no frame');
      return maker.next(atMs, price);
    },
  };
}

function patching(text: string): FrameMaker {
  const buffer = Buffer.from(text);
  const timesAt = offsetsOf(text, '"E":');
  const pricesAt = offsetsOf(text, '"p":"');
  return {
    next: (atMs, price) => {
      const time = String(atMs);
      for (const at of timesAt) buffer.write(time, at, 'latin1');
      if (price === undefined) return buffer;
      const digits = price.toFixed(8).padStart(14, '0');
      for (const at of pricesAt) buffer.write(digits, at, 'latin1');
      return buffer;
    },
  };
}

function offsetsOf(text: string, key: string): readonly number[] {
  const offsets: number[] = [];
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
    offsets.push(at + key.length);
  }
  return offsets;
}
