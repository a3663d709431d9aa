import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCluster } from './cluster.ts';

const FOLDER = join(import.meta.dirname, '../../../charts/kraite-operator/templates/crds');

/** Installs our three kinds as the chart holds them, and waits until they are served. */
export async function installCrds(kubeconfig: string): Promise<void> {
  await using cluster = await openCluster(kubeconfig);
  const names = await readdir(FOLDER);
  const texts = await Promise.all(names.map((name) => readFile(join(FOLDER, name), 'utf8')));
  await cluster.apply(texts.join('---\n'));
  const crds = names.map((name) => `crd/${name.replace(/\.yaml$/, '')}`);
  const waited = await cluster.kubectl(['wait', '--for=condition=Established', ...crds]);
  if (waited.status !== 0) throw new Error(waited.stderr);
}
