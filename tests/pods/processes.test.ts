/** Each process of the fleet, started exactly as the operator's pod says. */
import { get } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';

import type { Workload } from '#pkg/fleet-spec';
import { eventually } from '../harness/eventually.ts';
import { podTemplateOf, usePodFleet } from './fleet.ts';
import type { Pod } from './kubelet/index.ts';
import { soon } from './soon.ts';

const fleet = usePodFleet();

/** One pod for each kind and lane: the boxes differ in nothing but their name and address. */
const NAMES = [
  'athena-dispatcher',
  'athena-scheduler',
  'athena-market-stream',
  'athena-user-stream',
  'athena-web',
  'athena-user-data-stream',
  'athena-own',
  'eos-positions',
  'eos-orders',
  'eos-priority',
  'eos-own',
  'tyche-indicators',
  'tyche-cronjobs',
  'tyche-own',
] as const;

const pods = new Map<string, Pod>();

function podOf(name: string): Pod {
  const pod = pods.get(name);
  if (pod === undefined) throw new Error(`${name} was started before all tests`);
  return pod;
}

beforeAll(async () => {
  await fleet.registerAccount();
  for (const name of NAMES) pods.set(name, await fleet.start(fleet.workload(name)));
}, 60_000);

test('the list names every kind and lane of the plan', () => {
  const kindsOf = (workloads: readonly Workload[]) =>
    new Set(workloads.map(({ kind, lane }) => `${kind} ${lane ?? ''}`));
  const started = kindsOf(NAMES.map((name) => fleet.workload(name)));
  const planned = fleet.context.plan.workloads.filter(
    ({ kind }) => kind !== 'mysql' && kind !== 'redis',
  );
  expect(started).toEqual(kindsOf(planned));
});

test.each(NAMES)('%s passes its probes and says who it is', async (name) => {
  const workload = fleet.workload(name);
  const facts = await podOf(name).ready();
  expect(facts).toMatchObject({
    process: name,
    box: workload.box,
    version: fleet.context.fleet.spec.version,
    isReady: true,
    isDraining: false,
    lanes:
      workload.lane === undefined
        ? []
        : [{ name: workload.lane, slots: workload.slots, busy: expect.any(Number) as number }],
    ...(workload.kind === 'worker' ? { generation: 1 } : {}),
  });
  const metrics = await (await fetch(`${podOf(name).url('health')}/metrics`)).text();
  expect(metrics).toContain(`process="${name}"`);
});

test('the pods together trade: a position is opened, and its stop stands at the venue', async () => {
  await eventually(
    async () => {
      const open = await fleet.store.positions.listOpen();
      const orders = await Promise.all(open.map(({ id }) => fleet.store.orders.listByPosition(id)));
      const stops = orders.flat().filter(({ purpose }) => purpose === 'stop');
      expect(stops.some(({ venueOrderId }) => venueOrderId !== undefined)).toBe(true);
    },
    { limitMs: 90_000, everyMs: 200 },
  );
});

test('web answers each of its hosts on the http port of the pod', async () => {
  const { adminHost, publicHost, docsHost } = fleet.context.fleet.spec.web;
  const address = podOf('athena-web').url('http');
  for (const host of [adminHost, publicHost, docsHost]) {
    expect(await statusOf(address, host), host).toBeLessThan(400);
  }
  expect(await statusOf(address, 'other.example')).toBe(421);
});

/** Asks under a name that no name server knows. */
function statusOf(address: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(address, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

describe('a pod that is deleted', () => {
  test.each(NAMES)(
    '%s drains on the preStop GET and ends in order within its grace',
    async (name) => {
      const end = await podOf(name).terminate();
      expect(end, podOf(name).log()).toEqual({ code: 0, signal: null, preStopStatus: 200 });
    },
  );
});

test('a pod that waits for its database says so, and ends at once when it is deleted', async () => {
  const nowhere = 'mysql://kraite:secret@127.0.0.1:1/kraite';
  const pod = await fleet.start(fleet.workload('eos-orders'), {
    environment: { KRAITE_MYSQL_URL: nowhere },
  });
  await soon(async () => {
    expect(await pod.facts()).toMatchObject({ isReady: false, reasons: ['DatabaseUnreachable'] });
  });
  expect(await pod.terminate()).toEqual({ code: 0, signal: null, preStopStatus: 200 });
  expect(pod.log()).not.toContain('secret');
});

test('no pod of the fleet holds a token of the API server', () => {
  const { core, workloads, migration } = fleet.built;
  const objects = [...core, ...workloads].map(({ object }) => object);
  for (const object of [...objects, migration]) {
    const { spec } = podTemplateOf(object);
    expect(spec.automountServiceAccountToken, object.metadata.name).toBe(false);
    expect(JSON.stringify(spec)).not.toContain('serviceAccountToken');
  }
});
