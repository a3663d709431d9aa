import { laneOf } from '#pkg/schedule';
import { TIMETABLE } from './timetable.ts';

/** Returns the timetable as a page of documentation. */
export function renderTimetable(): string {
  const rows = TIMETABLE.map((entry) => {
    const after = (entry.after ?? []).map((name) => `\`${name}\``).join(', ');
    return `| \`${entry.name}\` | ${entry.purpose} | ${entry.cron === undefined ? `every ${entry.everyMs / 1_000} s` : `\`${entry.cron}\``} | ${entry.atStart ? 'yes' : ''} | ${after} | \`${laneOf(entry)}\` | ${entry.heldIn.join(', ')} | ${entry.overlapMsMax / 60_000} min |`;
  });
  return [
    '# The timetable',
    '',
    'What runs when, in UTC. Generated from `pkg/trade/timetable.ts`; regenerate with',
    '`KRAITE_UPDATE_GOLDEN=1 npx vitest run pkg/trade`. How it is kept: [modes](../guides/modes.md#the-timetable).',
    '',
    '| entry | what it does | when | at once when it never ran | after | lane | held in | one run at most |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
