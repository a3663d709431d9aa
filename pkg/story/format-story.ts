import { formatInstant } from '#pkg/base';

import type { Moment, PositionStory } from './narrate.ts';

/** Returns a story as lines: its sentence, what it waits for, then each moment with its time and the time since the first. */
export function formatStory(story: PositionStory): readonly string[] {
  const { summary, reason, waits, moments } = story;
  const firstMs = moments[0]?.atMs ?? 0;
  return [
    summary,
    ...(reason === undefined ? [] : [`because of ${reason}`]),
    ...waits.map((wait) => `waits: ${wait}`),
    '',
    ...moments.map((moment) => formatMoment(moment, firstMs)),
  ];
}

function formatMoment({ atMs, kind, text, reason }: Moment, firstMs: number): string {
  const time = formatInstant(atMs).slice(5, 23).replace('T', ' ');
  const since = `+${((atMs - firstMs) / 1000).toFixed(3)}s`;
  const why = reason === undefined || text.includes(reason) ? '' : `  ${reason}`;
  return `${time} ${since.padStart(11)}  ${kind.padEnd(8)} ${text.replaceAll(/\s+/gu, ' ')}${why}`;
}
