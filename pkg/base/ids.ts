import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;

/** Makes ids: 26 lower-case characters (Crockford base 32), ordered by time of making within one maker. */
export type IdMaker = () => string;

/** Returns a maker of time-ordered ids: 48 bits of ms, then 80 random bits that grow within one ms (ULID layout). */
export function createIdMaker(clock: Clock, random: Random): IdMaker {
  let lastMs = -1;
  let tail: number[] = [];
  return () => {
    const nowMs = clock.nowMs();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      tail = Array.from({ length: RANDOM_LENGTH }, () => random.integer(32));
    } else {
      increment(tail);
    }
    return encodeTime(lastMs) + tail.map((digit) => ALPHABET.charAt(digit)).join('');
  };
}

function encodeTime(timeMs: number): string {
  let rest = timeMs;
  let text = '';
  for (let index = 0; index < TIME_LENGTH; index += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function increment(digits: number[]): void {
  for (let index = digits.length - 1; index >= 0; index -= 1) {
    const digit = digits[index] ?? 0;
    digits[index] = (digit + 1) % 32;
    if (digit < 31) return;
  }
}
