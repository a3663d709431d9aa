import type { Candle } from '#pkg/domain';
import { findDisagreement, type IndicatorReading } from '#pkg/indicators';
import type { ReadingSource } from '#pkg/prospects';

import type { RunReading } from './conclude-direction.ts';

export type JoinedReadings =
  | {
      readonly kind: 'joined';
      readonly readings: readonly RunReading[];
      readonly source: ReadingSource;
    }
  | { readonly kind: 'disagree'; readonly message: string };

/**
 * Puts the readings of a provider and our own together: where both speak they must agree, and where the provider is silent
 * our own stand in.
 */
export function joinSources(
  provider: readonly RunReading[],
  own: { readonly readings: readonly IndicatorReading[]; readonly candles: readonly Candle[] },
  atMs: number,
): JoinedReadings {
  const message = findDisagreement(
    provider.map(({ reading }) => reading),
    own.readings,
    own.candles,
  );
  if (message !== undefined) return { kind: 'disagree', message };
  const said = new Set(provider.map(({ reading }) => reading.query.indicator));
  const added = own.readings.flatMap((reading): RunReading[] =>
    reading.kind === 'read' && !said.has(reading.query.indicator)
      ? [{ reading, readAtMs: atMs }]
      : [],
  );
  return {
    kind: 'joined',
    readings: [...provider, ...added],
    source: own.readings.length === 0 ? 'provider' : provider.length === 0 ? 'candles' : 'both',
  };
}
