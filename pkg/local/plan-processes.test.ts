import { expect, test } from 'vitest';

import { id, type BoxName, type Lane } from '#pkg/domain';
import type { FleetPlan, PlannedBox, Workload } from '#pkg/fleet-spec';
import { diffLocalProcesses, planLocalProcesses } from './plan-processes.ts';

function box(name: string, role: PlannedBox['role'], index: number): PlannedBox {
  return {
    name: id<BoxName>(name),
    role,
    privateIP: undefined,
    egressAddress: role === 'core' ? undefined : `203.0.113.${index}`,
    bindAddress: `127.0.${index}.1`,
    isLost: false,
  };
}

function workload(of: PlannedBox, kind: Workload['kind'], lane?: Lane, slots?: number): Workload {
  return {
    name: `${of.name}-${lane ?? kind}`,
    kind,
    box: of.name,
    lane,
    slots,
    egressAddress: of.egressAddress,
    bindAddress: of.bindAddress,
    environment: { KRAITE_BOX: of.name },
  };
}

const hyperion = box('hyperion', 'core', 1);
const athena = box('athena', 'brain', 2);
const eos = box('eos', 'trading', 3);

function planWith(
  orders: number,
  boxes: readonly PlannedBox[] = [hyperion, athena, eos],
): FleetPlan {
  return {
    fleet: 'kraite',
    boxes,
    workloads: [
      workload(hyperion, 'mysql'),
      workload(hyperion, 'redis'),
      workload(athena, 'dispatcher'),
      workload(athena, 'web'),
      workload(eos, 'worker', 'positions', 5),
      workload(eos, 'worker', 'orders', orders),
    ],
    capacity: {} as FleetPlan['capacity'],
  };
}

test('a box with lanes gets one worker process with all of them', () => {
  const worker = planLocalProcesses(planWith(8)).find(({ name }) => name === 'eos-worker');
  expect(worker).toMatchObject({ box: 'eos', lanes: { positions: 5, orders: 8 } });
});

test('single workloads get a process each and the servers of the core get none', () => {
  const names = planLocalProcesses(planWith(8)).map(({ name }) => name);
  expect(names).toEqual(['athena-dispatcher', 'athena-web', 'eos-worker']);
});

test('a lost box runs nothing', () => {
  const plan = planWith(8, [hyperion, athena, { ...eos, isLost: true }]);
  expect(planLocalProcesses(plan).map(({ box: name }) => name)).not.toContain('eos');
});

test('a changed slot count starts and stops no process', () => {
  const changes = diffLocalProcesses(
    planLocalProcesses(planWith(8)),
    planLocalProcesses(planWith(12)),
  );
  expect(changes.retold.map(({ name }) => name)).toEqual(['eos-worker']);
  expect([changes.started, changes.stopped, changes.restarted]).toEqual([[], [], []]);
});

test('another address restarts what leaves from it and nothing else', () => {
  const moved = { ...eos, bindAddress: '127.0.9.1' };
  const changes = diffLocalProcesses(
    planLocalProcesses(planWith(8)),
    planLocalProcesses(planWith(8, [hyperion, athena, moved])),
  );
  expect(changes.restarted.map(({ name }) => name)).toEqual(['eos-worker']);
  expect(changes.retold).toEqual([]);
});

test('a removed box stops its processes and an added one starts them', () => {
  const without = planLocalProcesses(planWith(8, [hyperion, athena]));
  const whole = planLocalProcesses(planWith(8));
  expect(diffLocalProcesses(whole, without).stopped.map(({ name }) => name)).toEqual([
    'eos-worker',
  ]);
  expect(diffLocalProcesses(without, whole).started.map(({ name }) => name)).toEqual([
    'eos-worker',
  ]);
});
