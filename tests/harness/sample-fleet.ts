import { readFileSync } from 'node:fs';

import { formatMistake, parseFleet, type FleetTarget, type KraiteFleet } from '#pkg/fleet-spec';

/** The text of k8s/samples/fleet.yaml. */
export const SAMPLE = readFileSync(
  new URL('../../k8s/samples/fleet.yaml', import.meta.url),
  'utf8',
);

/** One way to get an object wrong, and every line that is said about it. */
export interface Refusal {
  readonly name: string;
  readonly text: string;
  readonly target?: FleetTarget;
  readonly says: readonly string[];
}

export function mistakesOf(text: string, target: FleetTarget = 'local'): readonly string[] {
  const parsed = parseFleet(text, { file: 'fleet.yaml', target });
  return parsed.kind === 'valid' ? [] : parsed.mistakes.map(formatMistake);
}

/** The object of a text that must be valid. */
export function fleetOf(text: string): KraiteFleet {
  const parsed = parseFleet(text, { file: 'fleet.yaml' });
  if (parsed.kind === 'invalid') throw new Error(parsed.mistakes.map(formatMistake).join('\n'));
  return parsed.fleet;
}

/** The sample with one place changed; the place must be there. */
export function changed(from: string | RegExp, to: string): string {
  const text = SAMPLE.replace(from, to);
  if (text === SAMPLE) throw new Error(`the sample has no ${String(from)}`);
  return text;
}

/** Number of the `nth` line of the sample that holds `text`. */
export function lineWith(text: string, nth = 1): number {
  const hits = SAMPLE.split('\n').flatMap((line, index) =>
    line.includes(text) ? [index + 1] : [],
  );
  return hits[nth - 1] ?? 0;
}
