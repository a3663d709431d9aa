import { parseInstant } from '#pkg/base';
import { ANNOTATIONS, type FleetObject } from '#operator/api';

/** What an update waits for at each box, and what a person may pass by annotation. */
export const GATES = [
  'window',
  'funding',
  'migration',
  'drain',
  'ready',
  'egress',
  'canary',
] as const;
export type Gate = (typeof GATES)[number];

/**
 * Returns the gates that the fleet's annotation passes now.
 *
 * `fleet.kraite.io/skip-gate: drain=2026-01-01T00:00:00Z,canary=…`: each until its instant, so that none stays open
 * because somebody forgot it.
 */
export function skippedGates(fleet: FleetObject, nowMs: number): ReadonlySet<Gate> {
  const text = fleet.metadata.annotations?.[ANNOTATIONS.skipGate] ?? '';
  return new Set(
    text.split(',').flatMap((entry) => {
      const [name, until] = entry.trim().split('=');
      const gate = GATES.find((each) => each === name);
      const untilMs = parseInstant(until);
      return gate !== undefined && untilMs !== undefined && nowMs < untilMs ? [gate] : [];
    }),
  );
}
