import { expect, test } from 'vitest';

import { createManualClock, createSeededRandom, type ManualClock } from '#pkg/base';
import type { LaunchObserver, ProcessExit } from './launched-process.ts';
import { SupervisedProcess, type ProcessChange } from './supervised-process.ts';

/** A launcher whose processes live as long as the test says. */
function createStage() {
  const clock = createManualClock();
  const changes: ProcessChange[] = [];
  const runs: Run[] = [];
  const process = new SupervisedProcess(
    { name: 'eos-worker', kind: 'worker', box: 'eos' },
    (observer) => {
      const run = createRun(observer, runs.length + 100);
      runs.push(run);
      return run;
    },
    {
      clock,
      random: createSeededRandom(1),
      onChange: (_process, change) => {
        changes.push(change);
      },
    },
  );
  return { clock, changes, runs, process };
}

interface Run {
  readonly observer: LaunchObserver;
  readonly pid: number;
  readonly signals: string[];
  readonly exited: Promise<ProcessExit>;
  end(exit: Partial<ProcessExit>): void;
  terminate(): void;
  kill(): void;
}

function createRun(observer: LaunchObserver, pid: number): Run {
  const signals: string[] = [];
  const { promise, resolve } = Promise.withResolvers<ProcessExit>();
  const end = (exit: Partial<ProcessExit>): void => {
    resolve({ code: null, signal: null, lastLines: [], ...exit });
  };
  return {
    observer,
    pid,
    signals,
    exited: promise,
    end,
    terminate: () => void signals.push('TERM'),
    kill: () => {
      signals.push('KILL');
      end({ signal: 'SIGKILL' });
    },
  };
}

/** Lets everything that is due in this turn happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

async function advance(clock: ManualClock, durationMs: number): Promise<void> {
  clock.advance(durationMs);
  await settle();
}

test('a process becomes ready and says how long it took', async () => {
  const { clock, changes, runs, process } = createStage();
  process.start();
  await settle();
  clock.advance(120);
  runs[0]?.observer.listening(4001);
  runs[0]?.observer.ready();
  expect(process.status).toMatchObject({ state: 'ready', pid: 100, healthPort: 4001, restarts: 0 });
  expect(changes.at(-1)).toEqual({ kind: 'ready', afterMs: 120 });
});

test('a crash is answered by a new start after a growing wait', async () => {
  const { clock, runs, process } = createStage();
  process.start();
  const waits: number[] = [];
  for (let crash = 0; crash < 4; crash += 1) {
    await settle();
    runs.at(-1)?.end({ code: 1 });
    await settle();
    expect(process.status).toMatchObject({ state: 'crashed', reason: 'exited with 1' });
    waits.push(clock.nextTimerInMs() ?? 0);
    await advance(clock, 10_000);
  }
  expect(runs).toHaveLength(5);
  expect(process.status.restarts).toBe(4);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits[0]).toBeGreaterThanOrEqual(125);
  expect(waits[3]).toBeLessThanOrEqual(2_000);
});

test('a killed process stays down until it is started again', async () => {
  const { clock, runs, process } = createStage();
  process.start();
  await settle();
  process.kill();
  expect(runs[0]?.signals).toEqual(['KILL']);
  await advance(clock, 60_000);
  expect(process.status).toMatchObject({ state: 'killed', pid: undefined });
  expect(runs).toHaveLength(1);
  process.start();
  await settle();
  expect(runs).toHaveLength(2);
  expect(process.status.state).toBe('starting');
});

test('a process that is killed while it waits to be restarted stays down', async () => {
  const { clock, runs, process } = createStage();
  process.start();
  await settle();
  runs[0]?.end({ code: 1 });
  await settle();
  process.kill();
  await advance(clock, 60_000);
  expect(process.status.state).toBe('killed');
  expect(runs).toHaveLength(1);
});

test('a stop asks first and ends by force only after the grace', async () => {
  const { clock, runs, process } = createStage();
  process.start();
  await settle();
  const stopped = process.stop(5_000);
  await advance(clock, 4_999);
  expect(runs[0]?.signals).toEqual(['TERM']);
  await advance(clock, 1);
  expect(runs[0]?.signals).toEqual(['TERM', 'KILL']);
  await stopped;
  expect(process.status.state).toBe('stopped');
});

test('a program that cannot be launched counts as a crash with its own words', async () => {
  const clock = createManualClock();
  const process = new SupervisedProcess(
    { name: 'hyperion-mysql', kind: 'mysql', box: 'hyperion' },
    () => Promise.reject(new Error('no such program')),
    { clock, random: createSeededRandom(1), onChange: () => undefined },
  );
  process.start();
  await settle();
  expect(process.status.reason).toBe('could not be started: no such program');
  process.kill();
});
