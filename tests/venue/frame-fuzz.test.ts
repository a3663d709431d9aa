/**
 * Whatever comes over a socket, a decoder answers with a value or with its own error.
 *
 * A bounded run in the suite; by hand, a million: KRAITE_FUZZ_RUNS=1000000 npx vitest run --project venue
 * tests/venue/frame-fuzz.test.ts
 */
import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { createSeededRandom, required, type Random } from '#pkg/base';
import { price } from '#pkg/domain';
import { decodeMarkTicks, decodeUserFrame, ExchangeProtocolError } from '#pkg/exchange';
import { decodeLetter } from '../../pkg/streams/dead-letters.ts';

const RUNS = Number(process.env['KRAITE_FUZZ_RUNS'] ?? 20_000);
const SEED = process.env['KRAITE_FUZZ_SEED'] ?? 'frames';
const TIME_MS_MAX = 3_600_000;
const file = new URL('../payloads/stream-frames.json', import.meta.url);
const payloads = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { frame?: unknown }>;
const frames = Object.values(payloads).flatMap(({ frame }) =>
  frame === undefined ? [] : [JSON.stringify(frame), JSON.stringify({ stream: 'x', data: frame })],
);
const letters = frames.map((frame) =>
  JSON.stringify({ atMs: 1, accountId: 'main', frame, error: 'the core is away' }),
);

/** What stands where something else should. */
const STRANGERS = [
  'null',
  'true',
  '-1',
  '0',
  '1e400',
  '9007199254740993',
  '""',
  '"NaN"',
  '"-0"',
  '"0x10"',
  '"1e3"',
  '"1.2.3"',
  '[]',
  '{}',
  '[[[[]]]]',
  '{"e":"ORDER_TRADE_UPDATE"}',
  '"\\u0000"',
  '"__proto__"',
  '"99999999999999999999999999999999999999999.9"',
];

function pick<T>(random: Random, values: readonly T[]): T {
  return required(values[random.integer(values.length)], 'the list is not empty');
}

/** One to three changes: of bytes, of a value for a stranger, of a key, of the length. */
function mutate(random: Random, text: string): string {
  let mutated = text;
  for (let count = random.integer(3); count >= 0; count -= 1) {
    mutated = pick(random, MUTATIONS)(random, mutated);
  }
  return mutated;
}

const MUTATIONS: readonly ((random: Random, text: string) => string)[] = [
  (random, text) => {
    const at = random.integer(text.length + 1);
    const byte = String.fromCharCode(random.integer(256));
    return text.slice(0, at) + byte + text.slice(at + random.integer(3));
  },
  (random, text) => text.slice(0, random.integer(text.length + 1)),
  (random, text) => replaceOne(random, text, VALUE, () => pick(random, STRANGERS)),
  (random, text) => replaceOne(random, text, VALUE, () => pick(random, STRANGERS)),
  (random, text) => replaceOne(random, text, KEY, () => `"${pick(random, ['e', 'x', 'X', 'o'])}":`),
  (random, text) => replaceOne(random, text, MEMBER, () => ''),
  (_random, text) => `[${text},${text}]`,
];
const VALUE = /(?<=:)(?:"[^"]*"|-?\d[\d.]*|true|false|null)/gu;
const KEY = /"[A-Za-z]+":/gu;
const MEMBER = /"[A-Za-z]+":(?:"[^"]*"|-?\d[\d.]*),/gu;

function replaceOne(random: Random, text: string, shape: RegExp, make: () => string): string {
  const found = [...text.matchAll(shape)];
  if (found.length === 0) return text;
  const match = pick(random, found);
  return text.slice(0, match.index) + make() + text.slice(match.index + match[0].length);
}

/** Calls `decode` with mutations of `sources` until it has answered `RUNS` of them; returns how many it took. */
function fuzz(sources: readonly string[], decode: (text: string) => boolean): number {
  const random = createSeededRandom(SEED);
  let taken = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const text = mutate(random, pick(random, sources));
    try {
      if (decode(text)) taken += 1;
    } catch (error) {
      throw new Error(`run ${run} of seed ${SEED}: ${text}`, { cause: error });
    }
  }
  return taken;
}

/** True when the decoder took it, false when it refused it by its own error; throws for anything else. */
function takes(decode: () => void): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    if (error instanceof ExchangeProtocolError) return false;
    throw error;
  }
}

describe(`decoders under ${RUNS} mutations each`, () => {
  test(
    'a frame of a user stream is an event whose amounts are never negative, or a protocol error',
    { timeout: TIME_MS_MAX },
    () => {
      const taken = fuzz(frames, (text) =>
        takes(() => {
          const event = decodeUserFrame(text);
          if (event.kind === 'order') {
            const { price, averagePrice, filledQuantity } = event.report;
            for (const amount of [price, averagePrice]) {
              if (amount !== undefined && !amount.greaterThan(0)) throw new Error('a zero price');
            }
            if (!filledQuantity.greaterThanOrEqualTo(0)) throw new Error('a negative fill');
          }
          if (event.kind !== 'account') return;
          for (const { quantity } of event.positions) {
            if (!quantity.greaterThanOrEqualTo(0)) throw new Error('a negative quantity');
          }
        }),
      );
      expect(taken).toBeGreaterThan(RUNS / 20);
      expect(taken).toBeLessThan(RUNS);
    },
  );

  test(
    'a frame of the market stream is marks above zero, or a protocol error',
    { timeout: TIME_MS_MAX },
    () => {
      const taken = fuzz(frames, (text) =>
        takes(() => {
          for (const { mark, atMs } of decodeMarkTicks(text)) {
            if (!price(mark).greaterThan(0)) throw new Error('no price');
            if (!Number.isInteger(atMs)) throw new Error('no time');
          }
        }),
      );
      expect(taken).toBeGreaterThan(RUNS / 20);
      expect(taken).toBeLessThan(RUNS);
    },
  );

  test(
    'a frame that is scanned says just what it says when it is parsed',
    { timeout: TIME_MS_MAX },
    () => {
      const arrays = frames.filter((frame) => /^(?:\{"stream":"x","data":)?\[/u.test(frame));
      // A space makes it another text of the same value, which is parsed.
      const parsedOf = (text: string) => decodeMarkTicks(` ${text}`);
      const answerOf = (decode: () => unknown) => {
        try {
          return JSON.stringify(decode());
        } catch (error) {
          if (error instanceof ExchangeProtocolError) return 'refused';
          throw error;
        }
      };
      const taken = fuzz(arrays, (text) => {
        const scanned = answerOf(() => decodeMarkTicks(text));
        const parsed = answerOf(() => parsedOf(text));
        if (scanned !== parsed) throw new Error(`scanned ${scanned}, parsed ${parsed}`);
        return scanned !== 'refused';
      });
      expect(taken).toBeGreaterThan(RUNS / 20);
      expect(taken).toBeLessThan(RUNS);
    },
  );

  test('a line of the dead letters is a letter or none', { timeout: TIME_MS_MAX }, () => {
    const taken = fuzz(letters, (line) => decodeLetter(line) !== undefined);
    expect(taken).toBeGreaterThan(RUNS / 20);
    expect(taken).toBeLessThan(RUNS);
  });
});
