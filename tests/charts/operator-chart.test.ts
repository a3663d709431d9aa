import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { ACCESS_ROLES, OPERATOR_VALUES, renderValuesSchema } from '#operator/charts';
import {
  GROUP,
  KRAITE_FLEET,
  KRAITE_NODE_EGRESS,
  KRAITE_WORKER_POOL,
  PORTS,
  TAINTS,
  VERSION,
} from '#operator/api';
import { HEALTH_PATHS } from '#pkg/observability';
import { readGolden } from '../harness/golden.ts';
import { findObject, lint, objectsOf, render, ROOT } from './helm.ts';
import { copyAsVersion } from './other-version.ts';

const CHART = 'charts/kraite-operator';
const ONE = `${CHART}/ci/one-values.yaml`;

// These two first, because what follows renders the files that they write.
test('values.schema.json is the one that the types give', () => {
  const text = renderValuesSchema(OPERATOR_VALUES);
  expect(text).toBe(readGolden(`${CHART}/values.schema.json`, text));
});

test.each(ACCESS_ROLES)('the chart grants $name what the code says, and where', async (role) => {
  const text = stringify(role.rules, { aliasDuplicateObjects: false });
  expect(text).toBe(readGolden(`${CHART}/files/rbac/${role.name}.yaml`, text));
  const objects = objectsOf(await render({ chart: CHART, namespace: 'kraite-system' }));
  const isSystem = role.scope === 'system';
  expect(findObject(objects, isSystem ? 'Role' : 'ClusterRole', role.name)).toMatchObject({
    rules: role.rules,
  });
  expect(
    findObject(objects, isSystem ? 'RoleBinding' : 'ClusterRoleBinding', role.name),
  ).toMatchObject({ roleRef: { name: role.name }, subjects: [{ namespace: 'kraite-system' }] });
});

test.each([
  { golden: 'operator', values: [] },
  { golden: 'operator-one-replica', values: [ONE] },
])('$golden renders as its golden file', async ({ golden, values }) => {
  const whole = await render({ chart: CHART, values, namespace: 'kraite-system' });
  // The CRDs have a golden test of their own.
  const documents = whole.split(/^---\n/m).filter((text) => !text.includes('/templates/crds/'));
  const text = documents.join('---\n');
  expect(text).toBe(readGolden(`tests/golden/charts/${golden}.yaml`, text));
});

test.each([{ values: [] }, { values: [ONE] }])(
  'helm lint --strict has nothing to say with $values',
  async ({ values }) => {
    expect(await lint(CHART, values)).toEqual([]);
  },
);

test.each([
  { set: ['replicas=0'], says: "at '/replicas': minimum: got 0, want 1" },
  { set: ['replica=3'], says: "additional properties 'replica' not allowed" },
  { set: ['image.digest=abc'], says: "at '/image/digest': 'abc' does not match pattern" },
  { set: ['logLevel=loud'], says: "at '/logLevel': value must be one of" },
])('$set is refused in a sentence', async ({ set, says }) => {
  await expect(render({ chart: CHART, set })).rejects.toThrow(says);
});

test('a newer chart of the same app changes no pod template', async () => {
  await using other = await copyAsVersion(CHART, '0.1.7');
  const now = await render({ chart: CHART });
  const newer = await render({ chart: other.folder });
  expect(newer).not.toBe(now);
  const template = (text: string) => findObject(objectsOf(text), 'Deployment')['spec'];
  expect(template(newer)).toEqual(template(now));
});

test('the Deployment uses the taints, the port and the paths that the operator knows', async () => {
  const objects = objectsOf(await render({ chart: CHART }));
  expect(findObject(objects, 'Deployment')).toMatchObject({
    spec: {
      template: {
        spec: {
          tolerations: [
            { key: TAINTS.role, value: 'brain' },
            { key: TAINTS.role, value: 'indicators' },
            { key: TAINTS.egressUnverified },
          ],
          containers: [
            {
              ports: [{ name: 'health', containerPort: PORTS.health }],
              livenessProbe: { httpGet: { path: HEALTH_PATHS.live } },
              readinessProbe: { httpGet: { path: HEALTH_PATHS.ready } },
            },
          ],
        },
      },
    },
  });
});

test('Artifact Hub is told the kinds that it brings and the image that it runs', async () => {
  const { annotations } = parse(await readFile(join(ROOT, CHART, 'Chart.yaml'), 'utf8')) as {
    readonly annotations: Readonly<Record<string, string>>;
  };
  expect(parse(annotations['artifacthub.io/crds'] ?? '')).toMatchObject(
    [KRAITE_FLEET, KRAITE_WORKER_POOL, KRAITE_NODE_EGRESS].map(({ kind, plural }) => ({
      kind,
      version: VERSION,
      name: `${plural}.${GROUP}`,
    })),
  );
  const images = parse(annotations['artifacthub.io/images'] ?? '') as readonly object[];
  const objects = objectsOf(await render({ chart: CHART }));
  expect(findObject(objects, 'Deployment')).toMatchObject({
    spec: {
      template: { spec: { containers: [{ image: (images[0] as { image: string }).image }] } },
    },
  });
});

test('an operator of named namespaces is bound in those only', async () => {
  const objects = objectsOf(await render({ chart: CHART, values: [ONE] }));
  const bound = objects.filter(({ metadata }) => metadata.name === 'kraite-operator-fleets');
  expect(bound.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
    ['ClusterRole', undefined],
    ['RoleBinding', 'kraite'],
    ['RoleBinding', 'second'],
  ]);
});

test('nothing may make roles, read everything or become somebody else', () => {
  const rules = ACCESS_ROLES.flatMap((role) => role.rules);
  const words = rules.flatMap((rule) => [...rule.apiGroups, ...rule.resources, ...rule.verbs]);
  for (const word of ['*', 'rbac.authorization.k8s.io', 'bind', 'escalate', 'impersonate']) {
    expect(words).not.toContain(word);
  }
});
