import { randomBytes } from 'node:crypto';

/** The one door to chance. Seeded in tests, simulations and the simulated market. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Standard normal deviate (Box–Muller). */
  normal(): number;
}

function fromUniform(next: () => number): Random {
  return {
    next,
    integer: (bound) => Math.floor(next() * bound),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** Returns a generator whose whole sequence follows from `seed` (mulberry32 after a 32-bit FNV-1a hash). */
export function createSeededRandom(seed: number | string): Random {
  let state = hashSeed(String(seed));
  return fromUniform(() => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  });
}

/** Returns a generator fed by the operating system. */
export function createSystemRandom(): Random {
  return fromUniform(() => randomBytes(6).readUIntBE(0, 6) / 2 ** 48);
}

function hashSeed(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}
