import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ensurePrograms } from '#pkg/local';
import { METRICS } from '../../pkg/observability/catalogue.ts';
import { CONTROLLER_METRICS } from '../../pkg/observability/controller-catalogue.ts';
import type { MetricDefinition } from '../../pkg/observability/metric-definition.ts';
import { ROOT, run, type ToolResult } from './helm.ts';

const RULES = 'charts/kraite-fleet/rules';
const DASHBOARDS = 'charts/kraite-fleet/dashboards';
const CASES = 'tests/charts/rules';
const RUNBOOKS = 'docs/operating/runbooks';
const RUNBOOK_URL = 'https://syntax.kraite.com/operating/runbooks/';
/** Of a ConfigMap, below the 1 MiB that Kubernetes takes. */
const DASHBOARD_BYTES_MAX = 900_000;

interface Rule {
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly datasource: unknown;
  readonly targets: readonly { readonly expr: string; readonly datasource: unknown }[];
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
}

const ruleFiles = await filesOf(RULES, '.yaml');
const dashboardFiles = await filesOf(DASHBOARDS, '.json');

test('promtool accepts every file of rules', async () => {
  const { status, stdout, stderr } = await promtool(['check', 'rules', ...ruleFiles]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout.match(/SUCCESS/g)).toHaveLength(ruleFiles.length);
});

test('every alert fires when it should, and keeps silent when it should', async () => {
  const { status, stdout, stderr } = await promtool([
    'test',
    'rules',
    ...(await filesOf(CASES, '.yaml')),
  ]);
  expect(stdout + stderr).not.toContain('FAILED');
  expect(status).toBe(0);
});

test('each alert has a severity, a summary, a description, a runbook, and a case for both outcomes', async () => {
  const cases = await readAll(await filesOf(CASES, '.yaml'));
  const runbooks = await readdir(join(ROOT, RUNBOOKS));
  const wrong: string[] = [];
  for (const { alert, labels, annotations } of await readRules()) {
    if (alert === undefined) continue;
    const tried = cases.match(new RegExp(`alertname: ${alert}\\b`, 'g')) ?? [];
    const isComplete =
      /^Kraite[A-Z]\w+$/.test(alert) &&
      ['critical', 'warning', 'info'].includes(labels?.['severity'] ?? '') &&
      annotations?.['summary'] !== undefined &&
      annotations['description'] !== undefined &&
      annotations['runbook_url'] === `${RUNBOOK_URL}${alert}` &&
      runbooks.includes(`${alert}.md`) &&
      tried.length >= 2;
    if (!isComplete) wrong.push(alert);
  }
  expect(wrong).toEqual([]);
});

test('rules and dashboards ask only for metrics that a catalogue holds', async () => {
  const rules = (await readRules()).map(({ expr }) => expr);
  const panels = (await readDashboards()).flatMap((dashboard) => dashboard.panels);
  const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  expect(rules.length).toBeGreaterThan(0);
  expect(queries.length).toBeGreaterThan(0);
  const unknown = [...rules, ...queries].flatMap(metricsOf).filter((name) => !isKnown(name));
  expect(unknown).toEqual([]);
});

test('a dashboard has an id of its own, and its data source is chosen by whoever looks', async () => {
  const dashboards = await readDashboards();
  const ids = dashboards.map(({ uid }) => uid);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { panels } of dashboards) {
    for (const { title, datasource, targets } of panels) {
      for (const each of [datasource, ...targets.map((target) => target.datasource)]) {
        expect(each, title).toEqual({ type: 'prometheus', uid: '${source}' });
      }
    }
  }
  for (const file of dashboardFiles) {
    expect((await stat(join(ROOT, file))).size).toBeLessThan(DASHBOARD_BYTES_MAX);
  }
});

async function promtool(args: readonly string[]): Promise<ToolResult> {
  const report = (): void => undefined;
  const programs = await ensurePrograms(['promtool'], { environment: process.env, report });
  const { command, environment } = programs.promtool;
  const [file, ...first] = command;
  return run(file, [...first, ...args], { ...process.env, ...environment });
}

function metricsOf(expression: string): readonly string[] {
  const withoutTexts = expression.replace(/"[^"]*"/g, '""');
  return (
    withoutTexts.match(
      /\b(kraite|controller_runtime|workqueue|leader_election|rest_client)_\w+/g,
    ) ?? []
  );
}

function isKnown(name: string): boolean {
  const known: Readonly<Record<string, MetricDefinition>> = { ...METRICS, ...CONTROLLER_METRICS };
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return known[name] !== undefined || known[base]?.kind === 'histogram';
}

async function filesOf(folder: string, ending: string): Promise<readonly string[]> {
  const names = await readdir(join(ROOT, folder));
  return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`);
}

async function readAll(files: readonly string[]): Promise<string> {
  const texts = await Promise.all(files.map((file) => readFile(join(ROOT, file), 'utf8')));
  return texts.join('\n');
}

async function readRules(): Promise<readonly Rule[]> {
  const rules: Rule[] = [];
  for (const file of ruleFiles) {
    const { groups } = parse(await readAll([file])) as {
      readonly groups: readonly { readonly rules: readonly Rule[] }[];
    };
    rules.push(...groups.flatMap((group) => group.rules));
  }
  return rules;
}

async function readDashboards(): Promise<readonly Dashboard[]> {
  const dashboards = await Promise.all(
    dashboardFiles.map(async (file) => JSON.parse(await readAll([file])) as Dashboard),
  );
  // A row has a title and nothing to ask.
  return dashboards.map((dashboard) => ({
    ...dashboard,
    panels: dashboard.panels.filter(({ type }) => type !== 'row'),
  }));
}
