/** A real API server takes every manifest of the fleet, in a namespace that enforces the `restricted` level. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { buildWebAddress } from '#operator/resources';
import type { FleetObject } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import {
  allObjects,
  contextOf,
  sharedObjects,
  SYSTEM_NAMESPACE,
} from '../harness/fleet-objects.ts';
import { breachesOf, podSpecOf } from '../harness/restricted-pods.ts';
import { openSharedCluster, type Cluster } from './harness/index.ts';

const EXISTING = { secret: 'brought' };

const VARIANTS: readonly {
  readonly name: string;
  readonly change: (spec: FleetObject['spec']) => FleetObject['spec'];
}[] = [
  {
    name: 'real money, a standby and certificates of an authority',
    change: (spec) => ({
      ...spec,
      exchange: { ...spec.exchange, mode: 'live' },
      brain: { ...spec.brain, standbyBox: 'tyche' },
      web: { ...spec.web, tls: { acmeEmail: 'ops@example.org', secret: null } },
    }),
  },
  {
    name: 'servers and a certificate that a person brings',
    change: (spec) => ({
      ...spec,
      core: {
        ...spec.core,
        mysql: { ...spec.core.mysql, existing: EXISTING },
        redis: { ...spec.core.redis, existing: EXISTING },
      },
      web: { ...spec.web, tls: { acmeEmail: null, secret: 'certificate' } },
    }),
  },
];

let cluster: Cluster;
let namespace: { readonly name: string } & AsyncDisposable;
let system: { readonly name: string } & AsyncDisposable;

const LEVEL = 'pod-security.kubernetes.io';
const levelLabels = (level: string) =>
  ['enforce', 'warn', 'audit'].map((mode) => `${LEVEL}/${mode}=${level}`);

beforeAll(async () => {
  cluster = await openSharedCluster();
  namespace = await cluster.makeNamespace();
  system = await cluster.makeNamespace();
  await kubectl(['label', 'namespace', namespace.name, ...levelLabels('restricted')]);
  await kubectl(['label', 'namespace', system.name, ...levelLabels('privileged')]);
});
afterAll(async () => {
  await kubectl(['delete', 'persistentvolumes', '--selector', `${FLEET}=kraite`, '--wait=false']);
  await namespace[Symbol.asyncDispose]();
  await system[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const FLEET = 'fleet.kraite.io/fleet';

function contextHere() {
  return contextOf((fleet) => ({
    ...fleet,
    metadata: { ...fleet.metadata, namespace: namespace.name },
  }));
}

function sharedHere(): readonly KubeObject[] {
  return JSON.parse(
    JSON.stringify(sharedObjects()).replaceAll(SYSTEM_NAMESPACE, system.name),
  ) as readonly KubeObject[];
}

async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const result = await cluster.kubectl(args, input === undefined ? {} : { input });
  if (result.status !== 0) throw new Error(`kubectl ${args.join(' ')}:\n${result.stderr}`);
  return result.stderr;
}

/** Applies as the operator does, where a field that the API server does not know is an error. Returns the warnings. */
async function applyStrictly(
  objects: readonly KubeObject[],
  flags: readonly string[] = [],
): Promise<string> {
  const text = objects.map((each) => JSON.stringify(each)).join('\n---\n');
  const args = ['apply', '--server-side', '--field-manager=kraite-operator', '--validate=strict'];
  return kubectl([...args, ...flags, '-f', '-'], text);
}

test('every object is taken, first for a try and then in earnest, and nothing is warned of', async () => {
  const objects = [...sharedHere(), ...allObjects(contextHere())];
  expect(await applyStrictly(objects, ['--dry-run=server'])).toBe('');
  expect(await applyStrictly(objects)).toBe('');
});

test.each(VARIANTS)('so is every object of a fleet with $name', async ({ change }) => {
  const { fleet } = contextHere();
  const context = contextOf(() => ({ ...fleet, spec: change(fleet.spec) }));
  expect(await applyStrictly(allObjects(context), ['--dry-run=server'])).toBe('');
});

test('applied again, no object changes', async () => {
  const objects = [...sharedHere(), ...allObjects(contextHere())];
  const text = objects.map((each) => JSON.stringify(each)).join('\n---\n');
  const versions = async (): Promise<readonly string[]> => {
    const shown = await cluster.kubectl(
      [
        'get',
        '-f',
        '-',
        '-o',
        'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}',
      ],
      { input: text },
    );
    return shown.stdout.trim().split('\n');
  };
  // A pool is written once more: only now the default of its status is stored.
  await applyStrictly(objects);
  const before = await versions();
  expect(before).toHaveLength(objects.length);
  expect(await applyStrictly(objects)).toBe('');
  expect(await versions()).toEqual(before);
});

test('the address of the brain is taken as the status of its Service', async () => {
  const address = buildWebAddress(contextHere());
  expect(await applyStrictly([address], ['--subresource=status'])).toBe('');
});

test('the API server and the check of this repository agree on what is restricted', async () => {
  const pods = allObjects(contextHere()).flatMap((object) => {
    const spec = podSpecOf(object);
    return spec === undefined ? [] : [spec];
  });
  const names = pods.map((_, index) => `pod-${index}`);
  const objects = pods.map((spec, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: names[index] ?? '', namespace: namespace.name },
    spec: { ...spec },
  }));
  expect(pods.flatMap(breachesOf)).toEqual([]);
  // A pod is refused where a Deployment is but warned of.
  expect(await applyStrictly(objects, ['--dry-run=server'])).toBe('');
  const [agent] = sharedHere().map(podSpecOf);
  expect(breachesOf(agent ?? { containers: [] })).toContain('hostNetwork');
});
