/**
 * A real Prometheus looks at a real fleet: every panel of the dashboards that asks a fleet is answered with data, every
 * rule can be evaluated, and what the runbooks tell a person to type works.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { DASHBOARDS, fleetQueryOf } from '#pkg/monitoring';
import { eventually } from '../harness/eventually.ts';
import { startFleet, useFleets, type RunningFleet } from './harness.ts';

useFleets();

const RUNBOOKS = 'docs/operating/runbooks';
/** Of a second scrape of series that came with the first position. */
const DATA_MS_MAX = 120_000;

interface Answer {
  readonly status: string;
  readonly data: { readonly result: readonly unknown[] };
}

test('every panel of a fleet has data, every rule is evaluated, every command of a runbook works', async () => {
  const fleet = startFleet({ args: ['--observe'] });
  await fleet.ready();
  const { url } = await fleet.waitFor(({ kind }) => kind === 'FleetObserved');
  await fleet.waitFor(({ kind }) => kind === 'PositionOpened', 60_000);

  const dashboards = DASHBOARDS.map((dashboard) => ({
    ...dashboard,
    panels: dashboard.rows
      .flatMap(({ panels }) => panels)
      .filter(({ source }) => source === 'fleet'),
  }));
  const panels = dashboards.flatMap(({ title: of, panels: its }) =>
    its.map((panel) => ({ of, ...panel })),
  );
  expect(panels.length).toBeGreaterThan(60);
  await eventually(
    async () => {
      const empty: string[] = [];
      for (const { of, title, queries } of panels) {
        for (const { expr } of queries) {
          const { status, data } = await ask(String(url), expr);
          if (status !== 'success' || data.result.length === 0)
            empty.push(`${of}: ${title}: ${expr}`);
        }
      }
      expect(empty).toEqual([]);
    },
    { limitMs: DATA_MS_MAX, everyMs: 3_000 },
  );
  for (const dashboard of dashboards.filter(({ panels: its }) => its.length > 0)) {
    const metric = /^label_values\((\w+), fleet\)$/.exec(fleetQueryOf(dashboard))?.[1];
    const values = await get(String(url), `/api/v1/label/fleet/values?match[]=${metric}`);
    expect(values).toMatchObject({ data: ['kraite'] });
  }

  await expectRulesEvaluated(String(url));
  await expectRunbooksWork(fleet);
}, 300_000);

async function ask(url: string, expression: string): Promise<Answer> {
  const query = expression.replaceAll('$fleet', '.*').replaceAll('$__rate_interval', '30s');
  return (await get(url, `/api/v1/query?query=${encodeURIComponent(query)}`)) as Answer;
}

async function get(url: string, path: string): Promise<unknown> {
  return (await fetch(`${url}${path}`)).json();
}

async function expectRulesEvaluated(url: string): Promise<void> {
  const { data } = (await get(url, '/api/v1/rules')) as {
    readonly data: {
      readonly groups: readonly {
        readonly rules: readonly {
          readonly name: string;
          readonly health: string;
          readonly state: string;
          readonly labels: Readonly<Record<string, string>>;
        }[];
      }[];
    };
  };
  const rules = data.groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(30);
  expect(rules.filter(({ health }) => health !== 'ok').map(({ name }) => name)).toEqual([]);
  const firing = rules.filter(
    ({ state, labels }) => state === 'firing' && labels['severity'] === 'critical',
  );
  expect(firing.map(({ name }) => name)).toEqual([]);
}

async function expectRunbooksWork(fleet: RunningFleet): Promise<void> {
  const commands = readdirSync(RUNBOOKS).flatMap((file) => {
    const text = readFileSync(`${RUNBOOKS}/${file}`, 'utf8');
    return [...text.matchAll(/```sh\n([^`]+)```/g)].flatMap(([, block = '']) =>
      block.trim().split('\n'),
    );
  });
  const distinct = [...new Set(commands)].filter((command) => command.startsWith('kraite '));
  expect(distinct.length).toBeGreaterThan(8);
  for (const command of distinct) {
    const { code, stderr } = await fleet.kraite(...command.split(' ').slice(1));
    // `health` and `status` answer 1 when something is not well, which a young fleet may still be.
    expect([command, code === 1 && stderr === '' ? 0 : code, stderr]).toEqual([command, 0, '']);
  }
}
