/** What the engine does when processes die, freeze or lose Redis. Bounds are read from event stamps. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { planStep } from '#pkg/steps';
import type { WorkflowId } from '#pkg/domain';
import { eventually } from '../harness/eventually.ts';
import { flushRedis } from '../harness/flush-redis.ts';
import { clock, startDispatcher } from './fixture/compose.ts';
import { chain, crash, hog, linger, note, steps, waitFor } from './fixture/definitions.ts';
import { responsesOf, stepNamed, useEngine, type EngineProcess } from './fixture/index.ts';

const engine = useEngine();
const RECOVERY_MS_MAX = 2_000;
/** So much longer than a lease that the step is taken over in the midst of it, on a busy machine too. */
const HOG_MS = 6_000;

/** Submits one long step and resolves when it runs. */
async function submitLinger(text: string, ms: number): Promise<WorkflowId> {
  const { workflowId } = await engine.parts.submit(steps, [
    planStep(linger, { text, ms }, { index: 1 }),
    planStep(note, { text: `${text} done` }, { index: 2 }),
  ]);
  await eventually(async () => expect(await said('Started', text)).toHaveLength(1));
  return workflowId;
}

async function said(kind: string, text: string) {
  const events = await engine.events();
  return events.filter((event) => event.kind === kind && event.message.startsWith(`${text} `));
}

/** The process that runs the step which told that it started. */
async function runnerOf(text: string, workers: readonly EngineProcess[]): Promise<EngineProcess> {
  const [event] = await said('Started', text);
  const runner = workers.find(({ pid }) => event?.message.endsWith(`by ${pid}`));
  if (runner === undefined) throw new Error(`nobody runs ${text}`);
  return runner;
}

describe('failures', () => {
  let dispatcher: AsyncDisposable;
  const workers: EngineProcess[] = [];
  beforeAll(() => {
    dispatcher = startDispatcher(engine.parts);
  });
  beforeEach(async () => {
    for (const worker of workers.splice(0)) if (worker.isRunning()) workers.push(worker);
    const missing = ['eos', 'iris'].slice(workers.length);
    workers.push(...(await Promise.all(missing.map((box) => engine.startWorker(box)))));
  });
  afterAll(async () => dispatcher[Symbol.asyncDispose]());

  async function stopWorkers(): Promise<void> {
    for (const worker of workers) worker.signal('SIGKILL');
    await Promise.all(workers.map((worker) => worker.exited));
  }

  test('a step whose worker was killed runs elsewhere within 2 s, and business retries are not burnt', async () => {
    const workflowId = await submitLinger('killed', 1_500);
    const runner = await runnerOf('killed', workers);
    const killedAtMs = clock.nowMs();
    runner.signal('SIGKILL');

    const tree = await engine.ended(workflowId);
    expect(tree.workflow.state).toBe('completed');
    expect(stepNamed(tree, 'linger')).toMatchObject({ crashes: 1, attempts: 0, epoch: 2 });
    const starts = await said('Started', 'killed');
    expect(starts).toHaveLength(2);
    expect((starts[1]?.atMs ?? Infinity) - killedAtMs).toBeLessThan(RECOVERY_MS_MAX);
  });

  test('a worker that was frozen past its lease and wakes up changes nothing', async () => {
    const workflowId = await submitLinger('frozen', 3_000);
    const runner = await runnerOf('frozen', workers);
    runner.signal('SIGSTOP');
    await eventually(async () => expect(await said('Started', 'frozen')).toHaveLength(2));
    runner.signal('SIGCONT');

    const tree = await engine.ended(workflowId);
    expect(tree.workflow.state).toBe('completed');
    expect(stepNamed(tree, 'linger')).toMatchObject({ crashes: 1, epoch: 2 });
    const [response] = responsesOf(tree, 'linger') as { pid: number }[];
    expect(response?.pid).not.toBe(runner.pid);
    await eventually(async () => expect(await said('Aborted', 'frozen')).toHaveLength(1));
    expect(await said('Ended', 'frozen')).toHaveLength(1);
    expect(await said('Noted', 'frozen done')).toHaveLength(1);

    // The thawed worker is a worker again.
    const next = await engine.parts.submit(chain, 2);
    await engine.ended(next.workflowId);
  });

  test('a handler that holds the thread past its lease is named with its step; others take over, and its late end changes nothing', async () => {
    for (const worker of workers.splice(0)) worker.signal('SIGTERM');
    const others = await Promise.all(
      ['eos', 'iris'].map((box) => engine.startWorker(box, { log: 'warn' })),
    );
    workers.push(...others);
    const { workflowId } = await engine.parts.submit(steps, [
      planStep(hog, { text: 'hogged', ms: HOG_MS }, { index: 1 }),
      planStep(note, { text: 'hogged done' }, { index: 2 }),
    ]);
    await eventually(async () => expect(await said('Started', 'hogged')).toHaveLength(1));
    const hogged = await runnerOf('hogged', others);
    const tree = await engine.ended(workflowId);
    const step = stepNamed(tree, 'hog');
    expect(step).toMatchObject({ state: 'completed', crashes: 1, attempts: 0, epoch: 2 });
    const [first, second] = await said('Started', 'hogged');
    expect((second?.atMs ?? Infinity) - (first?.atMs ?? 0)).toBeLessThan(HOG_MS);
    await eventually(() => expect(hogged.output()).toContain('ThreadBlocked'));
    const line =
      hogged
        .output()
        .split('\n')
        .find((text) => text.includes('ThreadBlocked')) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      reason: 'ThreadBlocked',
      handlers: ['hog'],
      steps: [step.id],
    });
    // What it computed so late is not the outcome, and it takes steps again.
    const [response] = responsesOf(tree, 'hog') as { pid: number }[];
    expect(response?.pid).not.toBe(hogged.pid);
    expect(await said('Noted', 'hogged done')).toHaveLength(1);
    expect(hogged.isRunning()).toBe(true);
  }, 30_000);

  test('a step that always kills its worker fails; one that did it once is only counted', async () => {
    const once = await engine.parts.submit(steps, [planStep(crash, { crashes: 1 }, { index: 1 })]);
    expect(responsesOf(await engine.ended(once.workflowId), 'crash')).toEqual([{ crashes: 1 }]);

    const poison = await engine.parts.submit(steps, [
      planStep(crash, { crashes: 99 }, { index: 1 }),
    ]);
    let isOver = false;
    const replacing = (async () => {
      for (let number = 0; !isOver; number += 1) {
        const worker = await engine.startWorker(`spare${number}`);
        workers.push(worker);
        await Promise.race([
          worker.exited,
          eventually(() => expect(isOver).toBe(true), { limitMs: 60_000 }),
        ]);
      }
    })();
    const tree = await engine.ended(poison.workflowId, 30_000);
    isOver = true;
    expect(stepNamed(tree, 'crash')).toMatchObject({
      state: 'failed',
      crashes: 5,
      reason: 'StepPoisoned',
    });
    await replacing;
  });

  test('a wiped Redis loses no step', async () => {
    await stopWorkers();
    const submissions = await Promise.all(
      Array.from({ length: 20 }, () => engine.parts.submit(chain, 2)),
    );
    await eventually(async () => {
      const ready = await engine.parts.store.steps.listSteps({ state: 'ready', limit: 100 });
      expect(ready).toHaveLength(20);
    });
    await flushRedis(engine.redisUrl);
    workers.push(await engine.startWorker('eos'));
    for (const { workflowId } of submissions) {
      expect((await engine.ended(workflowId)).workflow.state).toBe('completed');
    }
  });

  test('a worker that leaves in order hands back what it runs, at no cost to the step', async () => {
    const workflowId = await submitLinger('handed', 2_000);
    const runner = await runnerOf('handed', workers);
    runner.signal('SIGTERM');
    expect(await runner.exited).toBe(0);

    const tree = await engine.ended(workflowId);
    expect(stepNamed(tree, 'linger')).toMatchObject({ crashes: 0, attempts: 0, epoch: 2 });
  });

  test('of two dispatchers one leads, and the other takes over', async () => {
    const second = startDispatcher(engine.parts);
    const first = await engine.parts.submit(chain, 3);
    await engine.ended(first.workflowId);
    expect(second.isLeader()).toBe(false);

    await dispatcher[Symbol.asyncDispose]();
    await eventually(() => expect(second.isLeader()).toBe(true));
    const after = await engine.parts.submit(chain, 3);
    await engine.ended(after.workflowId);
    dispatcher = second;
  });

  test('without a dispatcher, workers finish what is admitted: they wake, recover and sweep; they do not admit', async () => {
    const untilMs = clock.nowMs() + 6_000;
    const admitted = await engine.parts.submit(steps, [
      planStep(waitFor, { untilMs }, { index: 1 }),
      planStep(note, { text: 'woken without a dispatcher' }, { index: 2 }),
    ]);
    const killed = await submitLinger('orphaned', 500);
    const runner = await runnerOf('orphaned', workers);
    await dispatcher[Symbol.asyncDispose]();
    const waiting = await engine.parts.submit(chain, 1);
    runner.signal('SIGKILL');

    expect((await engine.ended(killed, 20_000)).workflow.state).toBe('completed');
    expect((await engine.ended(admitted.workflowId, 20_000)).workflow.state).toBe('completed');
    const tree = await engine.parts.store.steps.findTree(waiting.workflowId);
    expect(tree?.workflow.state).toBe('submitted');

    dispatcher = startDispatcher(engine.parts);
    await engine.ended(waiting.workflowId);
  });
});
