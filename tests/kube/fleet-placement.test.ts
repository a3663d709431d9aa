/** The scheduler puts each pod of the fleet on its box and on no other, with the volumes of that box. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { LABELS, taintsOfRole, type FleetObject } from '#operator/api';
import type { BoxRole } from '#pkg/fleet-spec';
import type { KubeObject } from '#operator/runtime';
import {
  allObjects,
  contextOf,
  sharedObjects,
  SYSTEM_NAMESPACE,
} from '../harness/fleet-objects.ts';
import { changed } from '../harness/sample-fleet.ts';
import {
  openCluster,
  startControlPlane,
  type Cluster,
  type ControlPlane,
} from './harness/index.ts';
import { installCrds } from './harness/install-crds.ts';

const SIMULATED = changed(
  /rest: ''\n( +)publicStream: ''\n +marketStream: ''\n +privateStream: ''/,
  ['rest: http://sim/fapi', 'publicStream: ws://sim/public', 'marketStream: ws://sim/market']
    .concat('privateStream: ws://sim/private')
    .join('\n      '),
);
/** Its address is not proved. */
const UNPROVED = 'nyx';

let plane: ControlPlane;
let cluster: Cluster;

beforeAll(async () => {
  plane = await startControlPlane();
  await installCrds(plane.kubeconfig);
  cluster = await openCluster(plane.kubeconfig);
  await plane.startControllerManager();
  await plane.startScheduler();
  await plane.startKwok();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
});

async function get<T>(...args: readonly string[]): Promise<readonly T[]> {
  const { stdout, stderr, status } = await cluster.kubectl(['get', ...args, '-o', 'json']);
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { readonly items: readonly T[] }).items;
}

function nodeOf(name: string, role: BoxRole | undefined): KubeObject {
  const labels = role === undefined ? {} : { [LABELS.nodeBox]: name, [LABELS.nodeRole]: role };
  const capacity = { cpu: '4', memory: '16Gi', pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: {
      taints: [
        ...(role === undefined ? [] : taintsOfRole(role, { isEgressVerified: name !== UNPROVED })),
      ],
    },
    status: { capacity, allocatable: capacity },
  };
}

interface PodObject extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string };
}

async function createFleet() {
  for (const name of ['kraite', SYSTEM_NAMESPACE]) {
    await cluster.kubectl(['create', 'namespace', name]);
  }
  const unborn = contextOf(undefined, SIMULATED).fleet;
  const { uid: _uid, ...metadata } = unborn.metadata;
  await cluster.apply([{ ...unborn, metadata }]);
  const [fleet] = await get<FleetObject>('kraitefleets', '--namespace', 'kraite');
  if (fleet === undefined) throw new Error('the fleet was applied');
  const { uid } = fleet.metadata;
  return contextOf(({ metadata: { name, namespace } }) => ({
    ...fleet,
    metadata: { name, ...(namespace && { namespace }), ...(uid && { uid }) },
  }));
}

test('every pod stands on its own box, none on an unproved or a strange one, and the volumes are bound', async () => {
  const context = await createFleet();
  const { boxes, workloads } = context.plan;
  await cluster.apply([
    ...boxes.map(({ name, role }) => nodeOf(name, role)),
    nodeOf('stray', undefined),
  ]);
  await cluster.apply([...sharedObjects(), ...allObjects(context)]);

  const pods = () => get<PodObject>('pods', '--namespace', 'kraite');
  const placed = async () => (await pods()).filter(({ spec }) => spec.nodeName !== undefined);
  const waits = workloads.filter(({ box }) => box === UNPROVED);
  await expect
    .poll(async () => (await placed()).length, { timeout: 60_000 })
    .toBe(workloads.length + 1 - waits.length);

  const all = await pods();
  expect(all).toHaveLength(workloads.length + 1);
  for (const { spec, metadata } of all) {
    const box = metadata.labels?.[LABELS.box] ?? context.fleet.spec.brain.box;
    expect(spec.nodeName, metadata.name).toBe(box === UNPROVED ? undefined : box);
  }
  const claims = await get<{
    readonly metadata: { readonly name: string };
    readonly status: { readonly phase: string };
  }>('persistentvolumeclaims', '--namespace', 'kraite');
  expect(claims.map(({ metadata }) => metadata.name)).toHaveLength(2 + 6);
  expect(claims.filter(({ status }) => status.phase !== 'Bound')).toEqual([]);
});

test('agents and probes stand on each box that calls the venue, proved or not', async () => {
  const agents = () => get<PodObject>('pods', '--namespace', SYSTEM_NAMESPACE);
  const callers = ['athena', 'eos', 'hemera', 'iris', 'nyx', 'tyche'];
  await expect
    .poll(async () => (await agents()).map(({ spec }) => spec.nodeName).toSorted(), {
      timeout: 30_000,
    })
    .toEqual([...callers, ...callers].toSorted());
});
