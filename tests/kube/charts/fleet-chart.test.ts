import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../charts/helm.ts';
import { must, untilSucceeds, useChartCluster } from './cluster.ts';
import { runTestPod } from './run-test-pod.ts';

const CHART = join(ROOT, 'charts/kraite-fleet');
const VALUES = ['k8s/samples/fleet.yaml', 'k8s/kind-values.yaml'].flatMap((file) => [
  '--values',
  join(ROOT, file),
]);
const NAMESPACE = ['--namespace', 'kraite'] as const;

const cluster = useChartCluster();

beforeAll(async () => {
  // The kinds alone: nobody reconciles, so the test says what the operator would.
  await must(
    cluster.kubectl(
      'apply',
      '--server-side',
      '-f',
      join(ROOT, 'charts/kraite-operator/templates/crds'),
    ),
  );
  await must(cluster.kubectl('wait', '--for', 'condition=Established', 'crd', '--all'));
});
afterEach(async () => {
  await cluster.helm('uninstall', 'kraite', ...NAMESPACE, '--wait');
});

function upgrade(...more: readonly string[]) {
  return cluster.helm(
    ...['upgrade', '--install', 'kraite', CHART, ...NAMESPACE, '--create-namespace'],
    ...[...VALUES, '--wait', '--timeout', '60s', ...more],
  );
}

interface Condition {
  readonly type: 'Ready' | 'Stalled';
  readonly status: 'True' | 'False';
  readonly message: string;
}

/** Writes the status that an operator would, for generation `observedGeneration`. */
async function report(observedGeneration: number, conditions: readonly Condition[]): Promise<void> {
  const status = {
    observedGeneration,
    message: conditions.map(({ message }) => message).join(' '),
    conditions: conditions.map((condition) => ({
      ...condition,
      reason: 'Tried',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })),
  };
  await must(
    cluster.kubectl(
      ...['patch', 'kraitefleet', 'kraite', ...NAMESPACE, '--subresource', 'status'],
      ...['--type', 'merge', '--patch', JSON.stringify({ status })],
    ),
  );
}

async function read(path: string): Promise<string> {
  return must(
    cluster.kubectl('get', 'kraitefleet', 'kraite', ...NAMESPACE, '--output', `jsonpath=${path}`),
  );
}

const READY: Condition = { type: 'Ready', status: 'True', message: 'all boxes are ready' };
const NOT_READY: Condition = { type: 'Ready', status: 'False', message: 'eos is not ready' };

/** Resolves with what helm said; tells whether it has. */
function watched<Result>(promise: Promise<Result>) {
  const state = { hasEnded: false };
  const result = promise.finally(() => {
    state.hasEnded = true;
  });
  return { state, result };
}

const pause = (ms: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Waits until the API server has the object in its `generation`th form. */
async function untilApplied(generation: number): Promise<void> {
  await untilSucceeds(() =>
    cluster.kubectl(
      ...['wait', 'kraitefleet/kraite', ...NAMESPACE, '--timeout', '30s'],
      `--for=jsonpath={.metadata.generation}=${generation}`,
    ),
  );
}

async function installReady(): Promise<void> {
  const { result } = watched(upgrade());
  await untilApplied(1);
  await report(1, [READY]);
  expect(await result).toMatchObject({ status: 0 });
}

test('an installation that waits returns when the fleet is Ready, and not before', async () => {
  const { state, result } = watched(upgrade());
  await untilApplied(1);
  await pause(1_500);
  expect(state.hasEnded).toBe(false);
  await report(1, [NOT_READY]);
  await pause(1_500);
  expect(state.hasEnded).toBe(false);
  await report(1, [READY]);
  expect(await result).toMatchObject({ status: 0 });
});

test('an installation that waits fails at once, with the reason, when the fleet stalls', async () => {
  const { result } = watched(upgrade());
  await untilApplied(1);
  await report(1, [
    NOT_READY,
    { type: 'Stalled', status: 'True', message: 'eos is in two fleets' },
  ]);
  const { status, stderr } = await result;
  expect(status).not.toBe(0);
  expect(stderr).toContain('eos is in two fleets');
});

test('an upgrade waits for the new generation, and a rollback brings the old object back', async () => {
  await installReady();
  const { state, result } = watched(upgrade('--set', 'spec.update.drainTimeout=5m'));
  await untilApplied(2);
  await pause(1_000);
  expect(state.hasEnded).toBe(false);
  await report(2, [READY]);
  expect(await result).toMatchObject({ status: 0 });
  expect(await read('{.spec.update.drainTimeout}')).toBe('5m');

  const rollback = watched(cluster.helm('rollback', 'kraite', '1', ...NAMESPACE, '--wait'));
  await untilApplied(3);
  await report(3, [READY]);
  expect(await rollback.result).toMatchObject({ status: 0 });
  expect(await read('{.spec.update.drainTimeout}')).toBe('20m');
});

test('a fleet that makes no sense is refused by the API server, in a sentence', async () => {
  const { status, stderr } = await upgrade('--set', 'spec.brain.egressIP=203.0.113.13');
  expect(status).not.toBe(0);
  expect(stderr).toContain(
    '203.0.113.13 is the address of athena already (spec.brain.egressIP); give each box its own',
  );
});

test.each([
  { name: 'Ready', generation: 1, condition: READY, passes: true, says: 'Ready' },
  {
    name: 'not Ready',
    generation: 1,
    condition: NOT_READY,
    passes: false,
    says: 'not Ready: Tried eos is not ready',
  },
  {
    name: 'Ready as it was before',
    generation: 0,
    condition: READY,
    passes: false,
    says: 'not Ready',
  },
])('helm test of a fleet that is $name', async ({ generation, condition, passes, says }) => {
  await installReady();
  await report(generation, [condition]);
  const [tested, pod] = await Promise.all([
    cluster.helm('test', 'kraite', ...NAMESPACE, '--timeout', '30s'),
    runTestPod(
      cluster,
      { namespace: 'kraite', name: 'kraite-test' },
      {
        FLEET_URL: `${cluster.url}/apis/fleet.kraite.io/v1alpha1/namespaces/kraite/kraitefleets/kraite`,
      },
    ),
  ]);
  expect(pod.stdout).toContain(says);
  expect(tested.status === 0).toBe(passes);
});

test('a removal deletes the fleet and keeps its kind', async () => {
  await installReady();
  await must(cluster.helm('uninstall', 'kraite', ...NAMESPACE, '--wait'));
  const { status, stderr } = await cluster.kubectl('get', 'kraitefleet', 'kraite', ...NAMESPACE);
  expect(status).not.toBe(0);
  expect(stderr).toContain('NotFound');
});
