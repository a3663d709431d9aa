import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { LABELS } from '#operator/api';
import { parseFleet, type KraiteFleet } from '#pkg/fleet-spec';
import { findObject, objectsOf, render, ROOT } from './helm.ts';

interface HelmRelease {
  readonly name: string;
  readonly namespace: string;
  readonly chartPath: string;
  readonly valuesFiles?: readonly string[];
  readonly setValueTemplates?: Readonly<Record<string, string>>;
}

interface Patch {
  readonly op: 'add';
  readonly path: string;
  readonly value: string;
}

interface Skaffold {
  readonly build: {
    readonly artifacts: readonly {
      readonly image: string;
      readonly context: string;
      readonly docker: { readonly dockerfile: string };
    }[];
  };
  readonly manifests: {
    readonly rawYaml: readonly string[];
    readonly helm: { readonly releases: readonly HelmRelease[] };
  };
  readonly profiles: readonly { readonly name: string; readonly patches?: readonly Patch[] }[];
}

const skaffold = await readYaml<Skaffold>('skaffold.yaml');
const IMAGE = 'ghcr.io/kraite/kraite';

async function readYaml<Value>(file: string): Promise<Value> {
  return parse(await readFile(join(ROOT, file), 'utf8')) as Value;
}

/** The releases as a profile leaves them; only additions to lists are used. */
function releasesOf(profile: Skaffold['profiles'][number]): readonly HelmRelease[] {
  return skaffold.manifests.helm.releases.map((release, index) => {
    const added = (profile.patches ?? []).filter(
      ({ path }) => path === `/manifests/helm/releases/${index}/valuesFiles/-`,
    );
    const valuesFiles = [...(release.valuesFiles ?? []), ...added.map(({ value }) => value)];
    return { ...release, valuesFiles };
  });
}

test('there is a profile for kind and one for an automatic build', () => {
  expect(skaffold.profiles.map(({ name }) => name)).toEqual(['local', 'ci']);
});

test('every path of skaffold.yaml exists', async () => {
  const files = [
    ...skaffold.build.artifacts.map(({ context, docker }) => join(context, docker.dockerfile)),
    ...skaffold.manifests.rawYaml,
    ...skaffold.profiles.flatMap((profile) =>
      releasesOf(profile).flatMap(({ chartPath, valuesFiles = [] }) => [chartPath, ...valuesFiles]),
    ),
  ];
  for (const file of files) await expect(access(join(ROOT, file)), file).resolves.toBeUndefined();
});

test.each(skaffold.profiles)('every release of profile $name renders', async (profile) => {
  for (const release of releasesOf(profile)) {
    const set = Object.keys(release.setValueTemplates ?? {}).map(
      (key) => `${key}=${key.endsWith('tag') ? '0.1.0-dev' : 'registry.example.com/kraite'}`,
    );
    const text = await render({
      chart: release.chartPath,
      name: release.name,
      namespace: release.namespace,
      values: release.valuesFiles ?? [],
      set,
    });
    expect(text).toContain('registry.example.com/kraite');
  }
});

test.each(skaffold.profiles)('the fleet of profile $name may run in a cluster', async (profile) => {
  const release = releasesOf(profile).find(({ chartPath }) => chartPath.endsWith('kraite-fleet'));
  const text = await render({
    chart: release?.chartPath ?? '',
    values: release?.valuesFiles ?? [],
  });
  const fleet = findObject(objectsOf(text), 'KraiteFleet');
  const parsed = parseFleet(stringify(fleet), { file: 'rendered', target: 'cluster' });
  expect(parsed).toMatchObject({ kind: 'valid' });
});

test('the simulated exchange serves what the fleet on kind is told', async () => {
  const objects = objectsOf(await readFile(join(ROOT, 'k8s/exchange-sim.yaml'), 'utf8'));
  const { name, namespace } = findObject(objects, 'Service').metadata;
  const { spec } = await readYaml<KraiteFleet>('k8s/kind-values.yaml');
  const urls = [...Object.values(spec.exchange.endpoints), spec.indicators.provider.endpoint];
  for (const url of urls) expect(new URL(url).hostname).toBe(`${name}.${namespace}.svc`);
  expect(findObject(objects, 'Deployment')).toMatchObject({
    spec: {
      template: { spec: { containers: [{ image: expect.stringContaining(IMAGE) as string }] } },
    },
  });
});

test('kind has one worker for each box of the sample, under its name', async () => {
  const { nodes } = await readYaml<{
    readonly nodes: readonly {
      readonly role: string;
      readonly labels?: Readonly<Record<string, string>>;
    }[];
  }>('k8s/kind.yaml');
  const workers = nodes.filter(({ role }) => role === 'worker');
  const { spec } = await readYaml<KraiteFleet>('k8s/samples/fleet.yaml');
  expect(workers.map(({ labels }) => labels?.[LABELS.box])).toEqual(
    spec.network.boxes.map(({ name }) => name),
  );
});
