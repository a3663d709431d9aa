import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../harness/eventually.ts';
import {
  must,
  sampleFleet,
  startFleetCluster,
  startOperator,
  type FleetCluster,
  type RunningOperator,
} from './fleet-cluster.ts';

let world: FleetCluster;
let operator: RunningOperator;
beforeAll(async () => {
  world = await startFleetCluster();
  operator = startOperator(world.plane, {
    ...(process.env['KRAITE_TEST_LOG'] === undefined ? {} : { logLevel: 'info' as const }),
  });
}, 120_000);
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

test('one applied object becomes every object of the plan, and then Ready', async () => {
  await world.cluster.apply(sampleFleet());
  await eventually(
    async () => {
      const deployments = await world.list('deployments');
      expect(deployments.length).toBe(26);
      expect((await world.list('statefulsets')).length).toBe(2);
      expect((await world.list('kwp')).length).toBe(21);
    },
    { limitMs: 30_000, everyMs: 200 },
  );
  await eventually(async () => expect((await world.list('kne', [])).length).toBe(7), {
    limitMs: 20_000,
    everyMs: 200,
  });
  await world.proveEgress();
  await eventually(
    async () => {
      const fleet = await world.get('kf', 'kraite');
      expect(fleet?.['status']).toMatchObject({ phase: 'Ready' });
    },
    { limitMs: 60_000, everyMs: 500 },
  );
  const shown = await must(world.cluster, ['get', 'kf', '--namespace=kraite', '--output=wide']);
  expect(shown.replace(/ \d+s /, ' AGE ').replaceAll(/ +/g, ' ')).toBe(
    [
      'NAME READY PHASE CORE BRAIN WORKERS EGRESS VERSION AGE MESSAGE',
      'kraite True Ready 2/2 5/5 21/21 6/6 0.1.0 AGE every box runs what the object says',
    ].join('\n'),
  );
});

test('nothing is written while nothing changes', async () => {
  const before = await operator.writes();
  await world.cluster.kubectl(['annotate', 'kf/kraite', '--namespace=kraite', 'a=b']);
  await new Promise((resolve) => {
    setTimeout(resolve, 25_000);
  });
  expect((await operator.writes()) - before).toBe(0);
});
