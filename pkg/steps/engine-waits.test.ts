import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { id, type BoxName, type Lane } from '#pkg/domain';
import { createMemoryStore, StoreUnavailableError, type Store } from '#pkg/store';
import { DISPATCHER_LEASE } from './dispatcher/dispatcher.ts';
import { readEngineWaits } from './engine-waits.ts';

const EOS = id<BoxName>('eos');

/** A store with ready steps of these lanes; the memory store's own counts need whole workflows. */
function storeWith(ready: readonly { readonly lane: Lane; readonly box?: BoxName }[]) {
  const clock = createManualClock();
  const memory = createMemoryStore({ clock });
  const steps: Store['steps'] = {
    ...memory.steps,
    countByLane: async () =>
      ready.map(({ lane, box }) => ({ lane, box, state: 'ready' as const, count: 2 })),
  };
  const serve = (box: BoxName, ...lanes: readonly Lane[]): Promise<void> =>
    memory.workers.beat(
      {
        workerId: `${box}-worker`,
        box,
        process: `${box}-worker`,
        pid: 1,
        version: '0.1.0',
        lanes: lanes.map((lane) => ({ lane, slots: 3, busy: 0 })),
        generation: 1,
        state: 'ready',
        reason: undefined,
      },
      1_500,
    );
  return { clock, store: { ...memory, steps }, serve };
}

test('without a dispatcher a submitted workflow says so, and one that runs does not', async () => {
  const { store, clock } = storeWith([]);
  await store.leases.acquire(DISPATCHER_LEASE, 'athena', 3_000);
  expect((await readEngineWaits(store)).waits).toEqual([]);

  clock.advance(3_001);
  const { waits, reasonOfWorkflow } = await readEngineWaits(store);
  expect(waits).toEqual([{ what: 'workflows', count: 0, reason: 'DispatcherAway' }]);
  expect(reasonOfWorkflow({ state: 'submitted', reason: undefined })).toBe('DispatcherAway');
  expect(reasonOfWorkflow({ state: 'running', reason: undefined })).toBeUndefined();
});

test('steps of a lane that no living worker serves say so, those pinned to a box that is gone too', async () => {
  const { store, clock, serve } = storeWith([{ lane: 'orders' }, { lane: 'own', box: EOS }]);
  await store.leases.acquire(DISPATCHER_LEASE, 'athena', 60_000);
  await serve(EOS, 'orders', 'own');
  expect((await readEngineWaits(store)).waits).toEqual([]);

  clock.advance(6_000);
  await serve(id<BoxName>('iris'), 'orders', 'own');
  const { waits, reasonOfStep } = await readEngineWaits(store);
  expect(waits).toEqual([{ what: 'steps', count: 2, reason: 'LaneUnserved', lane: 'own of eos' }]);
  const step = { state: 'ready', reason: undefined } as const;
  expect(reasonOfStep({ ...step, lane: 'own', box: EOS })).toBe('LaneUnserved');
  expect(reasonOfStep({ ...step, lane: 'orders', box: undefined })).toBeUndefined();
});

test('ready steps say what keeps the lanes from taking them, and nothing else of it does', async () => {
  const { store, serve } = storeWith([{ lane: 'orders' }]);
  await store.leases.acquire(DISPATCHER_LEASE, 'athena', 60_000);
  await serve(EOS, 'orders');
  const read = () => readEngineWaits(store, () => Promise.resolve('QueuesOutOfMemory'));
  const { waits, reasonOfStep, reasonOfWorkflow } = await read();
  expect(waits).toEqual([{ what: 'steps', count: 2, reason: 'QueuesOutOfMemory' }]);
  const step = { reason: undefined, lane: 'orders', box: undefined } as const;
  expect(reasonOfStep({ ...step, state: 'ready' })).toBe('QueuesOutOfMemory');
  expect(reasonOfStep({ ...step, state: 'running' })).toBeUndefined();
  expect(reasonOfWorkflow({ state: 'submitted', reason: undefined })).toBeUndefined();
});

test.each([
  ['DiskFull', 'DatabaseFull'],
  ['ReadOnly', 'DatabaseReadOnly'],
])(
  'a database that takes no write (%s) is named in place of the dispatcher that it keeps from its lease',
  async (problem, reason) => {
    const { store } = storeWith([{ lane: 'orders' }]);
    const leases: Store['leases'] = {
      ...store.leases,
      acquire: () => Promise.reject(new StoreUnavailableError({ fields: { problem } })),
    };
    const { waits, reasonOfStep, reasonOfWorkflow } = await readEngineWaits({ ...store, leases });
    expect(waits[0]).toEqual({ what: 'workflows', count: 0, reason });
    expect(reasonOfWorkflow({ state: 'submitted', reason: undefined })).toBe(reason);
    const step = { state: 'ready', reason: undefined, lane: 'orders', box: undefined } as const;
    expect(reasonOfStep(step)).toBe(reason);
  },
);
