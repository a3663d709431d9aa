import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { FLEET_VALUES, renderValuesSchema } from '#operator/charts';
import { API_VERSION, LABELS, PORTS } from '#operator/api';
import { fleetNames } from '#operator/resources';
import { parseFleet } from '#pkg/fleet-spec';
import { readGolden } from '../harness/golden.ts';
import { fleetOf, SAMPLE } from '../harness/sample-fleet.ts';
import { findObject, helm, lint, objectsOf, releaseArguments, render } from './helm.ts';

const CHART = 'charts/kraite-fleet';
const SAMPLE_FILE = 'k8s/samples/fleet.yaml';
const SMALL = `${CHART}/ci/small-values.yaml`;
const MONITORED = `${CHART}/ci/monitored-values.yaml`;

// First, because what follows renders with it.
test('values.schema.json is the one that the types give', () => {
  const text = renderValuesSchema(FLEET_VALUES);
  expect(text).toBe(readGolden(`${CHART}/values.schema.json`, text));
});

test.each([
  { golden: 'fleet-sample', values: [SAMPLE_FILE] },
  { golden: 'fleet-monitored', values: [SMALL, MONITORED] },
])('$golden renders as its golden file', async ({ golden, values }) => {
  const text = await render({ chart: CHART, values });
  expect(text).toBe(readGolden(`tests/golden/charts/${golden}.yaml`, text));
});

test.each([{ values: [SMALL] }, { values: [SAMPLE_FILE, MONITORED] }])(
  'helm lint --strict has nothing to say with $values',
  async ({ values }) => {
    expect(await lint(CHART, values)).toEqual([]);
  },
);

test('a file of a KraiteFleet is a values file, and its spec arrives as it stands', async () => {
  const objects = objectsOf(await render({ chart: CHART, values: [SAMPLE_FILE] }));
  const fleet = findObject(objects, 'KraiteFleet');
  expect(fleet.apiVersion).toBe(API_VERSION);
  expect(fleet.metadata).toMatchObject({ name: 'kraite', namespace: 'kraite' });
  expect(fleet['spec']).toEqual((parse(SAMPLE) as { readonly spec: unknown }).spec);
});

test('the smallest fleet may run in a cluster', async () => {
  const fleet = findObject(
    objectsOf(await render({ chart: CHART, values: [SMALL] })),
    'KraiteFleet',
  );
  const parsed = parseFleet(stringify(fleet), { file: 'rendered', target: 'cluster' });
  expect(parsed).toMatchObject({ kind: 'valid' });
});

test.each([
  { set: ['spec.exchange.mode=demo'], says: "value must be one of 'simulated', 'testnet', 'live'" },
  { set: ['spec.tradin.boxes=1'], says: "at '/spec': additional properties 'tradin' not allowed" },
  {
    set: ['spec.trading.boxes[0].egressIP=eos'],
    says: "at '/spec/trading/boxes/0/egressIP': 'eos' does not match pattern",
  },
  {
    set: ['spec.brain.lanes.own=900'],
    says: "at '/spec/brain/lanes/own': maximum: got 900, want 200",
  },
  { set: ['spec.version=1'], says: "at '/spec/version': got number, want null or string" },
  {
    set: ['metadata.namespace=other'],
    says: 'metadata.namespace is other, but the release goes to kraite: add --namespace other, or leave the field out',
  },
])('$set is refused in a sentence', async ({ set, says }) => {
  await expect(render({ chart: CHART, values: [SAMPLE_FILE], set })).rejects.toThrow(says);
});

test('without a fleet it says what is missing', async () => {
  await expect(render({ chart: CHART })).rejects.toThrow(
    "at '/spec': missing properties 'indicators', 'network', 'core', 'brain', 'trading'",
  );
});

test.each(['kraite', 'a-name-that-leaves-no-room-for-what-comes-after-it'])(
  'NOTES.txt names the Secret that the operator makes for %s',
  async (name) => {
    const release = { chart: CHART, values: [SMALL], set: [`metadata.name=${name}`] };
    const { stdout } = await helm(['install', ...releaseArguments(release), '--dry-run=client']);
    const fleet = fleetOf(SAMPLE);
    const { adminSecret } = fleetNames({ ...fleet, metadata: { ...fleet.metadata, name } });
    expect(stdout).toContain(`get secret ${adminSecret} --output`);
  },
);

test('the Service for metrics selects by the label and the port that the operator gives', async () => {
  const objects = objectsOf(await render({ chart: CHART, values: [SMALL, MONITORED] }));
  expect(findObject(objects, 'Service')).toMatchObject({
    spec: {
      selector: { [LABELS.fleet]: 'kraite' },
      ports: [{ port: PORTS.health, targetPort: 'health' }],
    },
  });
});
