import { expect, test } from 'vitest';

import { REASONS } from '#pkg/base';
import { readGolden } from '../harness/golden.ts';

/** The page of all reasons, by name. */
function renderReasonsPage(): string {
  const rows = Object.entries(REASONS)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([word, sentence]) => `| \`${word}\` | ${sentence} |`);
  return [
    '# Reasons',
    '',
    '<!-- Generated from pkg/base/reasons.ts. To regenerate: KRAITE_UPDATE_GOLDEN=1 vitest run tests/tidy -->',
    '',
    'Whenever the fleet pauses, refuses or waits, it says why with one of these words: in the log, as a metric label, in the',
    'row, on a terminal and on the page. One search finds them all.',
    '',
    '| reason | what it means |',
    '| --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

test('the page of reasons names every reason', () => {
  const text = renderReasonsPage();
  expect(text).toBe(readGolden('docs/reference/reasons.md', text));
});
