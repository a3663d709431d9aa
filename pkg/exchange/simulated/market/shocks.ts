/**
 * Shocks of single symbols: sudden, fat-tailed, mean-reverting, of both signs, one after the other.
 *
 * Time is cut into cycles; in each, every symbol is hit once in its own slot. Neighbouring slots form a pair
 * with opposite signs, so that single symbols jump by 10 to 15 % while their mean hardly moves; a symbol's
 * signs alternate, and every fourth cycle chance decides anew with which to go on. A shock rises in two
 * seconds and then fades by half every ten seconds or so.
 */
import { createSeededRandom } from '#pkg/base';
import { hashAt, studentAt, uniformAt } from './noise.ts';

const CYCLE_MS = 48_000;
const RISE_MS = 2_000;
const AMPLITUDE_MIN = 0.108;
const AMPLITUDE_MAX = 0.148;
const AMPLITUDE_SPREAD = 0.011;
const HALF_LIFE_MS_MIN = 10_000;
const HALF_LIFE_MS_SPREAD = 3_000;
/** Older shocks have faded to a thousandth. */
const CYCLES_REMEMBERED = 3;

export interface ShockSchedule {
  /** Displacement of the logarithm of the price of symbol `index` at `marketMs`. */
  displacementAt(index: number, marketMs: number): number;
}

/** Returns the schedule of `symbolCount` symbols. */
export function createShockSchedule(seed: number | string, symbolCount: number): ShockSchedule {
  const random = createSeededRandom(`${seed}/shocks`);
  const signSeed = random.integer(2 ** 31);
  const slots = shuffle(symbolCount, (bound) => random.integer(bound));
  const symbolSeeds = Array.from({ length: symbolCount }, () => random.integer(2 ** 31));
  const slotMs = CYCLE_MS / symbolCount;

  function shockAt(index: number, cycle: number, marketMs: number): number {
    if (cycle < 0) return 0;
    const slot = slots[index] ?? 0;
    const seedOfSymbol = symbolSeeds[index] ?? 0;
    const jitterMs = uniformAt(seedOfSymbol, cycle) * slotMs;
    const elapsedMs = marketMs - (cycle * CYCLE_MS + slot * slotMs + jitterMs);
    if (elapsedMs <= 0) return 0;
    const isUp = hashAt(signSeed + (slot >> 1) * 101, cycle >> 2) % 2 === 0;
    const sign = (isUp ? 1 : -1) * (slot % 2 === 0 ? 1 : -1) * (cycle % 2 === 0 ? 1 : -1);
    const tail = Math.abs(studentAt(seedOfSymbol ^ 0x2545f491, cycle));
    const amplitude = Math.min(AMPLITUDE_MAX, AMPLITUDE_MIN + AMPLITUDE_SPREAD * tail);
    if (elapsedMs < RISE_MS) return sign * amplitude * (elapsedMs / RISE_MS);
    const halfLifeMs =
      HALF_LIFE_MS_MIN + HALF_LIFE_MS_SPREAD * uniformAt(seedOfSymbol ^ 0x1b873593, cycle);
    return sign * amplitude * 2 ** (-(elapsedMs - RISE_MS) / halfLifeMs);
  }

  return {
    displacementAt: (index, marketMs) => {
      const cycle = Math.floor(marketMs / CYCLE_MS);
      let sum = 0;
      for (let back = 0; back < CYCLES_REMEMBERED; back += 1) {
        sum += shockAt(index, cycle - back, marketMs);
      }
      return sum;
    },
  };
}

function shuffle(count: number, integer: (bound: number) => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index -= 1) {
    const other = integer(index + 1);
    const held = order[index] ?? 0;
    order[index] = order[other] ?? 0;
    order[other] = held;
  }
  return order;
}
