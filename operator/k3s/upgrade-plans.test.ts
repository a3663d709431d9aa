import { parseAllDocuments } from 'yaml';
import { expect, test } from 'vitest';

import { readGolden } from '../../tests/harness/golden.ts';
import { changed, fleetOf, SAMPLE } from '../../tests/harness/sample-fleet.ts';
import { renderUpgradePlans } from './upgrade-plans.ts';

const VERSION = 'v1.36.3+k3s1';

interface Plan {
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

function plansOf(text = SAMPLE): readonly Plan[] {
  const rendered = renderUpgradePlans(fleetOf(text), VERSION);
  return parseAllDocuments(rendered).map((document) => document.toJS() as Plan);
}

test('the plans of the sample are the golden ones', () => {
  const text = renderUpgradePlans(fleetOf(SAMPLE), VERSION);
  expect(text).toBe(readGolden('k8s/upgrade/plans.yaml', text));
});

test('one box at a time, servers before agents', () => {
  const [servers, agents] = plansOf();
  for (const plan of [servers, agents]) {
    expect(plan?.spec).toMatchObject({ concurrency: 1, exclusive: true, version: VERSION });
  }
  expect(agents?.spec['prepare']).toMatchObject({ args: ['prepare', servers?.metadata.name] });
});

test('a drain waits for the disruption budgets, longer than a box may drain', () => {
  const [servers, agents] = plansOf(changed('drainTimeout: 20m', 'drainTimeout: 45m'));
  const drain = agents?.spec['drain'] as Readonly<Record<string, number | boolean>>;
  expect(drain).toMatchObject({ force: false, disableEviction: false });
  expect(drain).not.toHaveProperty('skipWaitForDeleteTimeout');
  expect(drain['timeout']).toBe(55 * 60 * 1e9);
  expect(Number(agents?.spec['jobActiveDeadlineSecs'])).toBeGreaterThan(55 * 60);
  expect(servers?.spec).not.toHaveProperty('drain');
  expect(servers?.spec).not.toHaveProperty('cordon');
});

test.each([
  { windows: '[]', window: undefined },
  {
    windows: "[{ days: [Sat, Sun], from: '09:30', lasts: 90m }]",
    window: { days: ['sat', 'sun'], startTime: '09:30', endTime: '11:00', timeZone: 'UTC' },
  },
  {
    windows: "[{ days: [], from: '22:00', lasts: 6h }]",
    window: expect.objectContaining({ startTime: '22:00', endTime: '23:59' }) as unknown,
  },
  {
    windows: "[{ from: '01:00', lasts: 2h }, { from: '13:00', lasts: 2h }]",
    window: undefined,
  },
])('the windows $windows become $window', ({ windows, window }) => {
  const text = windows === '[]' ? SAMPLE : changed('windows: []', `windows: ${windows}`);
  for (const { spec } of plansOf(text)) {
    expect(spec['window']).toEqual(window);
  }
});
