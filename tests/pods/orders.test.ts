/** A worker that runs is told slots and drain by its mounted ConfigMap, and answers in its heartbeat row. */
import { beforeAll, expect, test } from 'vitest';

import { required } from '#pkg/base';
import { usePodFleet } from './fleet.ts';
import type { Pod } from './kubelet/index.ts';
import { soon } from './soon.ts';

const fleet = usePodFleet();
const WORKER = 'eos-orders';
let pod: Pod;

beforeAll(async () => {
  await fleet.registerAccount();
  pod = await fleet.start(fleet.workload(WORKER));
  await pod.ready();
});

async function heartbeat() {
  const rows = await fleet.store.workers.list();
  return required(
    rows.find(({ process }) => process === WORKER),
    'the worker beats',
  );
}

/** Waits until the process and its row both say so. */
async function expectOrders(wanted: {
  readonly generation: number;
  readonly slots: number;
  readonly isDraining: boolean;
}): Promise<void> {
  const { generation, slots, isDraining } = wanted;
  await soon(async () => {
    const facts = await pod.facts();
    expect(facts).toMatchObject({ generation, isDraining, lanes: [{ name: 'orders', slots }] });
    const row = await heartbeat();
    expect(row).toMatchObject({ generation, pid: pod.pid, lanes: [{ lane: 'orders', slots }] });
  });
}

test('other slots are taken without a restart, and the row acknowledges their generation', async () => {
  await expectOrders({ generation: 1, slots: 8, isDraining: false });
  fleet.order(fleet.workload(WORKER), { slots: 12, isDraining: false, generation: 2 });
  await expectOrders({ generation: 2, slots: 12, isDraining: false });
});

test('no slots at all: the lane takes nothing, and the pod stays', async () => {
  fleet.order(fleet.workload(WORKER), { slots: 0, isDraining: false, generation: 3 });
  await expectOrders({ generation: 3, slots: 0, isDraining: false });
});

test('a drain by the file is acknowledged and done, shows its reason, and ends when the file says so', async () => {
  fleet.order(fleet.workload(WORKER), { isDraining: true, generation: 4 });
  await expectOrders({ generation: 4, slots: 8, isDraining: true });
  await soon(async () => {
    expect(await pod.facts()).toMatchObject({ isDrained: true, reasons: ['BoxDraining'] });
  });
  fleet.order(fleet.workload(WORKER), { isDraining: false, generation: 5 });
  await expectOrders({ generation: 5, slots: 8, isDraining: false });
  expect((await pod.facts()).reasons).toEqual([]);
});

test('a process that was told to drain by its preStop stays drained, whatever the file says', async () => {
  const end = pod.terminate();
  fleet.order(fleet.workload(WORKER), { isDraining: false, generation: 6 });
  expect(await end).toEqual({ code: 0, signal: null, preStopStatus: 200 });
  const rows = await fleet.store.workers.list();
  expect(rows.filter(({ process }) => process === WORKER)).toEqual([]);
});
