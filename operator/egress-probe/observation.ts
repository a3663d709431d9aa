import { isIPv4 } from 'node:net';

/** What one echo service saw, or why that is not known. */
export interface Observation {
  readonly endpoint: string;
  readonly address?: string;
  readonly error?: string;
}

/** What observations say of the address that a box should have. */
export type Verdict =
  | { readonly kind: 'confirmed' }
  /** Enough of them saw another one. */
  | { readonly kind: 'contradicted'; readonly address: string }
  /** Too few answered, or they disagree. */
  | { readonly kind: 'unclear'; readonly why: string };

const AGREEING_MIN = 2;

/** Returns the address that two services (all of them, where there is but one) agree on; undefined when none is. */
export function findAgreed(observations: readonly Observation[]): string | undefined {
  const needed = Math.min(AGREEING_MIN, observations.length);
  return countAddresses(observations).find(([, count]) => count >= needed)?.[0];
}

/**
 * Judges what was seen.
 *
 * Two services that agree on a wrong address contradict, whatever others say: one of the two ways out is wrong then.
 */
export function judgeObservations(expected: string, observations: readonly Observation[]): Verdict {
  const needed = Math.min(AGREEING_MIN, observations.length);
  const counts = countAddresses(observations);
  const agreed = counts.filter(([, count]) => count >= needed && needed > 0);
  const wrong = agreed.find(([address]) => address !== expected);
  if (wrong !== undefined) return { kind: 'contradicted', address: wrong[0] };
  if (agreed.length > 0) return { kind: 'confirmed' };
  const right = counts.find(([address]) => address === expected)?.[1] ?? 0;
  return {
    kind: 'unclear',
    why:
      observations.length === 0
        ? 'no echo service is named'
        : `${right} of ${observations.length} echo services saw ${expected}, ${needed} are needed`,
  };
}

/** The most seen first. */
function countAddresses(observations: readonly Observation[]): readonly [string, number][] {
  const counts = new Map<string, number>();
  for (const { address } of observations) {
    if (address !== undefined) counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

/** Returns the first IPv4 address in the answer of an echo service: plain text, or JSON with it somewhere inside. */
export function findAddress(text: string): string | undefined {
  return text.match(/\d{1,3}(?:\.\d{1,3}){3}/g)?.find((candidate) => isIPv4(candidate));
}
