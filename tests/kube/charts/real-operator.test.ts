import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KRAITE_FLEET, type FleetObject } from '#operator/api';
import { KINDS } from '#operator/resources';
import { ROOT } from '../../charts/helm.ts';
import { eventually } from '../../harness/eventually.ts';
import type { ToolResult } from '../harness/run.ts';
import {
  FLEET_NAMESPACE,
  startFleetCluster,
  startOperator,
  type FleetCluster,
  type RunningOperator,
} from '../operator/fleet-cluster.ts';
import { playProcesses } from '../operator/play-processes.ts';

const FILES = ['k8s/samples/fleet.yaml', 'k8s/kind-values.yaml'];
const AT = ['--namespace', FLEET_NAMESPACE, '--wait', '--timeout', '100s'];

let world: FleetCluster;
let operator: RunningOperator;

beforeAll(async () => {
  world = await startFleetCluster();
  operator = await startOperator(world.operatorKubeconfig, {
    ask: playProcesses(world, new Map()),
  });
}, 120_000);
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

function upgrade(...more: readonly string[]): Promise<ToolResult> {
  const values = FILES.flatMap((file) => ['--values', join(ROOT, file)]);
  const chart = join(ROOT, 'charts/kraite-fleet');
  return world.cluster.helm(['upgrade', '--install', 'kraite', chart, ...AT, ...values, ...more]);
}

/** Lets the boxes prove their addresses again and again until helm has ended. */
async function playedUntil(helm: Promise<ToolResult>): Promise<ToolResult> {
  let hasEnded = false;
  const ended = helm.finally(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    await world.playAgents();
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
  }
  return ended;
}

async function statusOf(): Promise<FleetObject['status']> {
  return ((await world.get(KRAITE_FLEET, 'kraite')) as FleetObject | undefined)?.status;
}

async function podsOf(): Promise<readonly string[]> {
  return (await world.list(KINDS.Pod)).map(({ metadata }) => metadata.uid ?? '').toSorted();
}

test('helm waits for the operator until the fleet is Ready, and for no longer', async () => {
  let hasEnded = false;
  const installing = upgrade().finally(() => {
    hasEnded = true;
  });
  // No address is proved yet: everything may stand, and the fleet is not Ready.
  await eventually(async () => expect(await world.list(KINDS.Deployment)).not.toHaveLength(0), {
    limitMs: 60_000,
    everyMs: 200,
  });
  expect(hasEnded).toBe(false);
  expect(await playedUntil(installing)).toMatchObject({ status: 0, stderr: '' });
  expect(await statusOf()).toMatchObject({ phase: 'Ready', observedGeneration: 1 });
});

test('an upgrade that changes slots, and its rollback, replace no pod', async () => {
  const pods = await podsOf();
  expect(pods.length).toBeGreaterThan(20);
  const changed = upgrade('--set', 'spec.brain.lanes.user-data-stream=9');
  expect(await playedUntil(changed)).toMatchObject({ status: 0 });
  expect(await statusOf()).toMatchObject({ phase: 'Ready', observedGeneration: 2 });
  const back = world.cluster.helm(['rollback', 'kraite', '1', ...AT]);
  expect(await playedUntil(back)).toMatchObject({ status: 0 });
  expect(await statusOf()).toMatchObject({ phase: 'Ready', observedGeneration: 3 });
  expect(await podsOf()).toEqual(pods);
});
