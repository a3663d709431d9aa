import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from './helm.ts';

interface ChartFile {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly kubeVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const CHARTS = (await readdir(join(ROOT, 'charts'))).map((name) => `charts/${name}`);

async function readText(file: string): Promise<string> {
  return readFile(join(ROOT, file), 'utf8');
}

async function readChart(chart: string): Promise<ChartFile> {
  return parse(await readText(`${chart}/Chart.yaml`)) as ChartFile;
}

test.each(CHARTS)('%s says its licence, its changes and the app it carries', async (chart) => {
  const { annotations, appVersion, kubeVersion } = await readChart(chart);
  const { version } = JSON.parse(await readText('package.json')) as { version: string };
  expect(appVersion).toBe(version);
  expect(kubeVersion).toMatch(/^>=1\.\d+\.0-0$/);
  expect(annotations['artifacthub.io/license']).toBe('Apache-2.0');
  expect(await readText(`${chart}/LICENSE`)).toBe(await readText('LICENSE'));
  const changes = parse(annotations['artifacthub.io/changes'] ?? '') as readonly {
    readonly kind: string;
  }[];
  expect(changes.length).toBeGreaterThan(0);
  for (const { kind } of changes) {
    expect(['added', 'changed', 'deprecated', 'removed', 'fixed', 'security']).toContain(kind);
  }
});
