/** Random-access noise: each value follows from (seed, index) alone, so a price needs no state and no replay. */

/** Returns a 32-bit hash of `seed` and `index` (murmur3 finalizer). */
export function hashAt(seed: number, index: number): number {
  let mixed = (seed ^ Math.imul(index | 0, 0x9e3779b1)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Returns a 32-bit hash of a text. */
export function hashText(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = hashAt(hash, text.charCodeAt(at));
  return hash;
}

/** Uniform in (0, 1). */
export function uniformAt(seed: number, index: number): number {
  return (hashAt(seed, index) + 0.5) / 4_294_967_296;
}

/** Standard normal deviate. */
export function normalAt(seed: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniformAt(seed, index)));
  return radius * Math.cos(2 * Math.PI * uniformAt(seed ^ 0x5bd1e995, index));
}

/** Student-t deviate with three degrees of freedom: fat tails. */
export function studentAt(seed: number, index: number): number {
  const squares = [1, 2, 3].reduce(
    (sum, salt) => sum + normalAt(seed + salt * 7919, index) ** 2,
    0,
  );
  return normalAt(seed, index) / Math.sqrt(squares / 3);
}

/** Smooth stationary noise with about unit variance: normal values on a lattice, cosine between them. */
export function latticeNoise(seed: number, timeMs: number, periodMs: number): number {
  const position = timeMs / periodMs;
  const cell = Math.floor(position);
  const weight = (1 - Math.cos((position - cell) * Math.PI)) / 2;
  return normalAt(seed, cell) * (1 - weight) + normalAt(seed, cell + 1) * weight;
}
