import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { readGolden } from '../../tests/harness/golden.ts';
import { DASHBOARDS, renderDashboard } from './index.ts';

const FOLDER = 'charts/kraite-fleet/dashboards';
const RUNBOOKS = 'docs/operating/runbooks';

const fileOf = (uid: string): string => `${uid.replace('kraite-', '')}.json`;

test.each(DASHBOARDS)('$title is what the chart ships', (dashboard) => {
  const text = `${JSON.stringify(renderDashboard(dashboard), null, 2)}\n`;
  expect(text).toBe(readGolden(`${FOLDER}/${fileOf(dashboard.uid)}`, text));
  expect(text.length).toBeLessThan(1_048_576);
});

test('the chart ships no dashboard that is not made here', () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual(
    DASHBOARDS.map(({ uid }) => fileOf(uid)).toSorted(),
  );
});

test('each panel says what it shows, has a unit and thresholds, and its runbook is there', () => {
  const panels = DASHBOARDS.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  expect(panels.length).toBeGreaterThan(60);
  for (const { title, description, runbook, thresholds, queries } of panels) {
    expect(description, title).toMatch(/^[A-Z0-9].*\.$/);
    expect(queries.length, title).toBeGreaterThan(0);
    // Whatever has a limit beyond which somebody must act says what to do.
    if (thresholds.critical !== undefined && runbook === undefined) {
      expect(title).toMatch(/percentile|median|step|score|drawdown|memory/i);
    }
    if (runbook !== undefined) {
      expect(readFileSync(`${RUNBOOKS}/${runbook}.md`, 'utf8')).toContain(`# ${runbook}`);
    }
  }
});
