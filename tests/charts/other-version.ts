import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './helm.ts';

/** A copy of a chart under another version, which is taken away when it is disposed. */
export interface ChartCopy extends AsyncDisposable {
  readonly folder: string;
}

/** Returns `chart` as its release `version` would be: equal in everything else. */
export async function copyAsVersion(chart: string, version: string): Promise<ChartCopy> {
  const parent = await mkdtemp(join(tmpdir(), 'kraite-chart-'));
  const folder = join(parent, 'chart');
  await cp(join(ROOT, chart), folder, { recursive: true });
  const file = join(folder, 'Chart.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^version: .*$/m, `version: ${version}`));
  return {
    folder,
    [Symbol.asyncDispose]: async () => rm(parent, { recursive: true, force: true }),
  };
}
