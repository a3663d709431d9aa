import { readFile } from 'node:fs/promises';
import { Type } from 'typebox';
import { expect, test } from 'vitest';

import { createIdMaker, createManualClock, createSeededRandom } from '#pkg/base';
import { id, type BoxName } from '#pkg/domain';
import { createMetrics, createSilentLogger } from '#pkg/observability';
import { createMemoryQueues, createMemorySignals } from '#pkg/queues';
import {
  createDispatcher,
  createStepWorker,
  createSubmitter,
  defineStep,
  defineWorkflow,
  implementStep,
  planStep,
} from '#pkg/steps';
import { createMemoryStore } from '#pkg/store';
import { caretakerMetrics, showBacklog, showLanes, workerMetrics } from './engine-metrics.ts';

const anything = { arguments: Type.Null(), response: Type.Null() };
const flake = defineStep({ name: 'flake', lane: 'positions', ...anything, retry: { baseMs: 10 } });
const skip = defineStep({ name: 'skip', lane: 'positions', ...anything });
const unserved = defineStep({ name: 'unserved', lane: 'orders', ...anything });
const story = defineWorkflow<null>({
  name: 'story',
  isProtective: false,
  steps: () => [planStep(flake, null, { index: 1 }), planStep(skip, null, { index: 2 })],
});
const waiting = defineWorkflow<null>({
  name: 'waiting',
  isProtective: false,
  steps: () => [planStep(unserved, null, { index: 1 })],
});

test('what worker and dispatcher do is counted: admission, retries, reasons, ends, and what waits for how long', async () => {
  const clock = createManualClock();
  const random = createSeededRandom(1);
  const makeId = createIdMaker(clock, random);
  const logger = createSilentLogger();
  const store = createMemoryStore({ clock });
  const parts = {
    store,
    queues: createMemoryQueues({ logger }),
    signals: createMemorySignals(),
    clock,
    logger,
  };
  const metrics = createMetrics({ box: 'eos', process: 'p', version: '1', isNodeIncluded: false });
  const worker = createStepWorker(
    {
      ...parts,
      handlers: [
        implementStep(flake, async ({ attempt }) => {
          if (attempt === 1) throw new Error('once');
          return { kind: 'completed', response: null };
        }),
        implementStep(skip, async () => ({ kind: 'skipped', reason: 'AwaitingFill' })),
      ],
      random,
      makeId,
      box: id<BoxName>('eos'),
      workerId: 'eos-1',
      process: { name: 'eos-worker', pid: 1, version: '1' },
      gate: () => undefined,
      metrics: workerMetrics(metrics),
    },
    { generation: 1, isDraining: false, lanes: [{ lane: 'positions', slots: 2 }] },
  );
  const dispatcher = createDispatcher({
    ...parts,
    holder: 'athena',
    gate: async () => [],
    metrics: caretakerMetrics(metrics),
  });
  showLanes(metrics, worker);
  showBacklog(metrics, { steps: store.steps, nowMs: () => clock.nowMs() });
  const pass = async (durationMs: number): Promise<void> => {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= 50) {
      clock.advance(50);
      for (let turn = 0; turn < 300; turn += 1) await Promise.resolve();
    }
  };
  const submit = createSubmitter({ ...parts, steps: store.steps, makeId });
  await worker.start();
  await submit(story, null);
  await submit(waiting, null);
  await pass(6_000);

  const { text } = await metrics.render();
  const expected = [
    'kraite_workflows_admitted_total{workflow="story",.*} 1',
    'kraite_workflows_finished_total{workflow="story",outcome="completed",.*} 1',
    'kraite_step_retries_total{lane="positions",.*} 1',
    'kraite_steps_woken_total{.*} 1',
    'kraite_refusals_total{reason="AwaitingFill",.*} 1',
    'kraite_steps_finished_total{lane="positions",outcome="completed",.*} 1',
    'kraite_step_duration_seconds_count{.*handler="skip".*} 1',
    'kraite_step_hop_seconds_count{.*lane="positions".*} [1-9]',
    'kraite_step_queue_wait_seconds_count{.*lane="positions".*} [1-9]',
    'kraite_lane_slots{lane="positions",.*} 2',
    'kraite_lane_slots_busy{lane="positions",.*} 0',
    'kraite_steps{lane="orders",state="ready",.*} 1',
    'kraite_steps_oldest_ready_seconds{lane="orders",.*} [5-6]',
    'kraite_steps_swept_total{.*} [1-9]',
  ];
  const isThere = (line: string): boolean => new RegExp(`^${line}`, 'm').test(text);
  expect(expected.filter((line) => !isThere(line))).toEqual([]);
  await Promise.all([worker, dispatcher].map((part) => part[Symbol.asyncDispose]()));
});

test('every metric of the engine in the catalogue is written by somebody', async () => {
  const [catalogue = '', ...sources] = await Promise.all(
    ['../observability/catalogue.ts', 'engine-metrics.ts', 'core.ts', 'dispatcher.ts'].map((name) =>
      readFile(new URL(name, import.meta.url), 'utf8'),
    ),
  );
  const engine = [
    ...catalogue.matchAll(/^ {2}(kraite_(?:step|lane|workflow|refusals|lease)\w+): \{/gm),
  ].map(([, name = '']) => name);
  expect(engine.length).toBeGreaterThan(15);
  expect(engine.filter((name) => !sources.some((text) => text.includes(`'${name}'`)))).toEqual([]);
});
