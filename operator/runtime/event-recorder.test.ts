import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { createSimulatedKube } from '../../tests/simulation/kube/index.ts';
import { passTime } from '../../tests/simulation/kube/virtual-time.ts';
import { createEventRecorder, EVENT } from './event-recorder.ts';
import type { KubeObject } from './kube-object.ts';

const FLEET: KubeObject = {
  apiVersion: 'test.example/v1',
  kind: 'Fleet',
  metadata: { namespace: 'n', name: 'main', uid: 'u-1', resourceVersion: '7' },
};
const PAUSED = {
  type: 'Warning',
  reason: 'Paused',
  action: 'Reconcile',
  note: 'it waits',
} as const;

function createBench() {
  const clock = createManualClock();
  const kube = createSimulatedKube({ clock, kinds: [EVENT] });
  const recorder = createEventRecorder({
    client: kube.client,
    controller: 'test-operator',
    instance: 'one',
    clock,
    logger: createSilentLogger(),
  });
  return { clock, kube, recorder };
}

test('an event says what happened to which object, and who tells it', async () => {
  const { clock, kube, recorder } = createBench();
  recorder.record(FLEET, PAUSED);
  await passTime(clock, 0);
  const [event] = await kube.client.list(EVENT);
  expect(event).toMatchObject({
    metadata: { namespace: 'n' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'test-operator',
    reportingInstance: 'one',
    ...PAUSED,
    regarding: { apiVersion: 'test.example/v1', kind: 'Fleet', name: 'main', uid: 'u-1' },
  });
  expect(event?.metadata.name).toMatch(/^main\.[0-9a-f]{16}$/);
});

test('an event of an object without a namespace stands in the default one, and a long note is cut', async () => {
  const { clock, kube, recorder } = createBench();
  const name = 'x'.repeat(253);
  recorder.record({ ...FLEET, metadata: { name } }, { ...PAUSED, note: 'y'.repeat(2_000) });
  await passTime(clock, 0);
  const [event] = await kube.client.list(EVENT);
  expect(event?.metadata.namespace).toBe('default');
  expect(event?.metadata.name.length).toBeLessThanOrEqual(253);
  expect(event?.['note']).toHaveLength(1_024);
});

test('a reason that goes on is one event with a count, written once a minute at most', async () => {
  const { clock, kube, recorder } = createBench();
  for (let second = 0; second < 590; second += 1) {
    recorder.record(FLEET, PAUSED);
    await passTime(clock, 1_000);
  }
  const [event, ...others] = await kube.client.list(EVENT);
  expect(others).toEqual([]);
  const series = event?.['series'] as { readonly count: number } | undefined;
  expect(series?.count).toBeGreaterThan(530);
  expect(kube.server.writes.length).toBeLessThanOrEqual(2 + 10);
  await passTime(clock, 20_000);
  recorder.record(FLEET, PAUSED);
  await passTime(clock, 0);
  expect(await kube.client.list(EVENT)).toHaveLength(2);
});

test('a flood of different events is cut, and does not silence what comes after it', async () => {
  const { clock, kube, recorder } = createBench();
  for (let index = 0; index < 1_000; index += 1) {
    recorder.record(FLEET, { ...PAUSED, note: `number ${index}` });
  }
  await passTime(clock, 10_000);
  expect(kube.server.writes).toHaveLength(50);
  recorder.record(FLEET, { ...PAUSED, note: 'after the flood' });
  await passTime(clock, 0);
  const notes = (await kube.client.list(EVENT)).map(({ note }) => note);
  expect(notes).toContain('after the flood');
});

test('an API server that does not answer harms nobody, and a lost reply makes no second event', async () => {
  const { clock, kube, recorder } = createBench();
  kube.server.faults = () => ({ kind: 'loseReply', isDone: true });
  recorder.record(FLEET, PAUSED);
  await passTime(clock, 0);
  kube.server.faults = undefined;
  for (let index = 0; index < 3; index += 1) {
    recorder.record(FLEET, PAUSED);
    await passTime(clock, 61_000);
  }
  const events = await kube.client.list(EVENT);
  expect(events).toHaveLength(1);
  expect(events[0]?.['series']).toMatchObject({ count: 4 });
});
