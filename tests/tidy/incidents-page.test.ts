import { expect, test } from 'vitest';

import { readGolden } from '../harness/golden.ts';
import { INCIDENTS, type Incident } from './incidents.ts';
import { listFiles, readSource } from './source-tree.ts';

const COUNT = 58;
const PAGE = 'docs/internals/incidents.md';
/** "(incident 7)", "(incidents 14, 15)", "(incident 15: nothing is left live)". */
const NAMED = /\(incidents? (?<numbers>\d+(?:, \d+)*)[):]/gu;

/** Returns the test files that name each incident. */
async function findNamed(): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const found = new Map<number, Set<string>>();
  for (const file of await listTests()) {
    for (const match of (await readSource(file)).matchAll(NAMED)) {
      for (const number of (match.groups?.['numbers'] ?? '').split(', ').map(Number)) {
        found.set(number, (found.get(number) ?? new Set()).add(file));
      }
    }
  }
  return found;
}

async function listTests(): Promise<readonly string[]> {
  const files = [
    ...(await listFiles('pkg')),
    ...(await listFiles('operator')),
    ...(await listFiles('tests')),
  ];
  return files
    .filter((file) => file.endsWith('.test.ts') || file.startsWith('tests/conformance/'))
    .filter((file) => !import.meta.filename.endsWith(file));
}

function answerOf(incident: Incident, named: ReadonlySet<string>): string {
  const files = new Set([...named, ...(incident.held ?? []).map(([file]) => file)]);
  const links = [...files].toSorted().map((file) => `[\`${file}\`](../../${file})`);
  const words = [
    incident.unlike,
    incident.open === undefined ? undefined : `**Open.** ${incident.open}`,
  ];
  return [links.join(', '), ...words].filter((part) => part !== undefined && part !== '').join(' ');
}

test('every incident has its test, or the reason why it has none', async () => {
  const named = await findNamed();
  for (let number = 1; number <= COUNT; number += 1) {
    const incident = INCIDENTS[number];
    expect(incident, `incident ${number} is not in tests/tidy/incidents.ts`).toBeDefined();
    const answer = answerOf(incident ?? { what: '' }, named.get(number) ?? new Set());
    expect(answer, `incident ${number} has neither a test nor a reason`).not.toBe('');
  }
  expect(Object.keys(INCIDENTS)).toHaveLength(COUNT);
  expect([...named.keys()].filter((number) => number < 1 || number > COUNT)).toEqual([]);
});

test('the tests that are named for an incident exist', async () => {
  for (const [number, { held = [] }] of Object.entries(INCIDENTS)) {
    for (const [file, name] of held) {
      expect(await readSource(file), `incident ${number}: no such test in ${file}`).toContain(name);
    }
  }
});

test('the page of incidents is up to date', async () => {
  const named = await findNamed();
  const rows = Object.entries(INCIDENTS).map(
    ([number, incident]) =>
      `| ${number} | ${incident.what} | ${answerOf(incident, named.get(Number(number)) ?? new Set())} |`,
  );
  const text = [
    '# Incidents of the fleet before',
    '',
    '<!-- Generated from tests/tidy/incidents.ts and the names of tests. To regenerate: KRAITE_UPDATE_GOLDEN=1 npx vitest run tests/tidy -->',
    '',
    'What went wrong where this kind of fleet ran before, and the tests that would notice it here. In a file, search for',
    '"(incident N)"; where no test has that in its name, `tests/tidy/incidents.ts` says which one is meant. Rows marked open are not held yet.',
    '',
    '| | what happened | held by |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
  expect(text).toBe(readGolden(PAGE, text));
});
