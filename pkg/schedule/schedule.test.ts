import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';

import { createIdMaker, createManualClock, createSeededRandom, type Reason } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { createMemorySignals } from '#pkg/queues';
import { createSubmitter, defineStep, defineWorkflow, planStep } from '#pkg/steps';
import { createMemoryStore } from '#pkg/store';
import { lastDueAtMs, nextDueAtMs } from './cadence.ts';
import { planDueRuns } from './due.ts';
import { defineEntry, TimetableError, validateTimetable, type TimetableEntry } from './entry.ts';
import { createScheduler } from './scheduler.ts';

const step = defineStep({
  name: 'note',
  lane: 'cronjobs',
  arguments: Type.Null(),
  response: Type.Null(),
});
const workflow = defineWorkflow<undefined>({
  name: 'note-it',
  isProtective: false,
  steps: () => [planStep(step, null, { index: 1 })],
});
const MINUTE_MS = 60_000;
const NOON_MS = Date.UTC(2026, 0, 1, 12);

const hourly = defineEntry({
  name: 'hourly',
  workflow,
  cron: '5 * * * *',
  atStart: false,
  heldIn: [],
  purpose: 'Nothing.',
  overlapMsMax: 60_000,
});
const hourlyAtStart = defineEntry({
  name: 'hourly-at-start',
  workflow,
  cron: '5 * * * *',
  atStart: true,
  heldIn: [],
  purpose: 'Nothing.',
  overlapMsMax: 60_000,
});
const everyMinute = defineEntry({
  name: 'every-minute',
  workflow,
  everyMs: MINUTE_MS,
  atStart: true,
  heldIn: [],
  purpose: 'Nothing.',
  overlapMsMax: 60_000,
});
const afterMinute = defineEntry({
  name: 'after-minute',
  workflow,
  everyMs: 60 * MINUTE_MS,
  atStart: true,
  heldIn: [],
  purpose: 'Nothing.',
  overlapMsMax: 60_000,
  after: ['every-minute'],
});

describe('cadences', () => {
  test('an interval is aligned to the epoch', () => {
    expect(lastDueAtMs(everyMinute, NOON_MS + 30_000)).toBe(NOON_MS);
    expect(nextDueAtMs(everyMinute, NOON_MS + 30_000)).toBe(NOON_MS + MINUTE_MS);
    expect(lastDueAtMs(everyMinute, NOON_MS)).toBe(NOON_MS);
  });

  test('an expression is read in UTC', () => {
    expect(nextDueAtMs(hourly, NOON_MS)).toBe(NOON_MS + 5 * MINUTE_MS);
    expect(lastDueAtMs(hourly, NOON_MS)).toBe(NOON_MS - 55 * MINUTE_MS);
    expect(lastDueAtMs(hourly, NOON_MS + 5 * MINUTE_MS)).toBe(NOON_MS + 5 * MINUTE_MS);
    expect(nextDueAtMs(hourly, NOON_MS + 5 * MINUTE_MS)).toBe(NOON_MS + 65 * MINUTE_MS);
  });
});

describe('a timetable', () => {
  test('is refused with every mistake at once', () => {
    const wrong: TimetableEntry[] = [
      {
        name: 'Bad Name',
        workflow,
        everyMs: 10,
        atStart: false,
        heldIn: [],
        purpose: 'Nothing.',
        overlapMsMax: 60_000,
      },
      {
        name: 'odd',
        workflow,
        cron: 'every day',
        atStart: false,
        heldIn: [],
        purpose: 'Nothing.',
        overlapMsMax: 60_000,
      },
      {
        name: 'odd',
        workflow,
        everyMs: MINUTE_MS,
        atStart: false,
        heldIn: [],
        purpose: 'Nothing.',
        overlapMsMax: 60_000,
        after: ['nobody'],
      },
      {
        name: 'a',
        workflow,
        everyMs: MINUTE_MS,
        atStart: false,
        heldIn: [],
        purpose: 'Nothing.',
        overlapMsMax: 60_000,
        after: ['b'],
      },
      {
        name: 'b',
        workflow,
        everyMs: MINUTE_MS,
        atStart: false,
        heldIn: [],
        purpose: 'Nothing.',
        overlapMsMax: 60_000,
        after: ['a'],
      },
    ];
    const refuse = (): void => validateTimetable(wrong);
    expect(refuse).toThrow(TimetableError);
    for (const mistake of [
      'Bad Name: not kebab-case',
      'Bad Name: everyMs 10',
      'odd: cron every day is not an expression',
      'odd: the name is taken twice',
      'odd: after names nobody',
      'a: it would have to run after itself',
    ]) {
      expect(refuse).toThrow(mistake);
    }
    expect(() => validateTimetable([hourly, everyMinute, afterMinute])).not.toThrow();
  });
});

describe('what is due', () => {
  const time = { nowMs: NOON_MS + 90_000, sinceMs: NOON_MS + 80_000 };

  test('an entry marked so is due at its first start; another waits for its instant', () => {
    const { due, nextAtMs } = planDueRuns([everyMinute, hourly], new Map(), time);
    expect(due).toEqual([{ entry: everyMinute, dueAtMs: NOON_MS + MINUTE_MS, isRepeat: false }]);
    expect(nextAtMs).toBe(NOON_MS + 2 * MINUTE_MS);
  });

  test('missed instants are one run, the newest', () => {
    const newest = new Map([
      ['every-minute', { dueAtMs: NOON_MS - 60 * MINUTE_MS, result: 'submitted' as const }],
    ]);
    expect(planDueRuns([everyMinute], newest, time).due).toEqual([
      { entry: everyMinute, dueAtMs: NOON_MS + MINUTE_MS, isRepeat: false },
    ]);
  });

  test('an answered instant is not due again, and a begun one is repeated', () => {
    const at = (result: 'submitted' | 'running') =>
      new Map([['every-minute', { dueAtMs: NOON_MS + MINUTE_MS, result }]]);
    expect(planDueRuns([everyMinute], at('submitted'), time).due).toEqual([]);
    expect(planDueRuns([everyMinute], at('running'), time).due).toMatchObject([{ isRepeat: true }]);
  });
});

describe('a scheduler', () => {
  function setUp(entries: readonly TimetableEntry[], gate?: () => Reason | undefined) {
    const clock = createManualClock(NOON_MS);
    const logger = createSilentLogger();
    const store = createMemoryStore({ clock });
    const signals = createMemorySignals();
    const makeId = createIdMaker(clock, createSeededRandom(1));
    const submitter = createSubmitter({ steps: store.steps, signals, clock, makeId, logger });
    const trouble = { failures: 0 };
    const submit: typeof submitter = async (definition, args, options) => {
      trouble.failures -= 1;
      if (trouble.failures >= 0) throw new Error('the database is away');
      return submitter(definition, args, options);
    };
    const start = (holder: string) =>
      createScheduler({
        store,
        signals,
        submit,
        clock,
        logger,
        holder,
        entries,
        gate: () => Promise.resolve(gate?.()),
      });
    const pass = async (durationMs: number): Promise<void> => {
      for (let leftMs = durationMs; leftMs >= 0; leftMs -= 500) {
        clock.advance(Math.min(500, leftMs));
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    };
    const workflows = async (name: string) =>
      store.steps.listWorkflows({ dedupeKey: `schedule:${name}`, limit: 99 });
    const finishAll = async (name: string): Promise<void> => {
      for (const row of await workflows(name)) {
        await store.steps.transact(row.id, {}, () => ({
          change: { workflow: { state: 'completed', finishedAtMs: clock.nowMs() } },
          value: undefined,
        }));
        await signals.publish('ended', row.id);
      }
    };
    return { start, pass, workflows, finishAll, store, trouble };
  }

  test('answers an instant once, even beside another one', async () => {
    const { start, pass, workflows } = setUp([everyMinute]);
    await using first = start('one');
    await using second = start('two');
    await pass(1_000);
    expect(await workflows('every-minute')).toHaveLength(1);
    expect([first.isLeader(), second.isLeader()].filter(Boolean)).toHaveLength(1);
  });

  test('does not run an entry beside its own last run, and says so', async () => {
    const { start, pass, workflows, finishAll, store } = setUp([everyMinute]);
    await using scheduler = start('one');
    await pass(61_000);
    expect(scheduler.isLeader()).toBe(true);
    expect(await workflows('every-minute')).toHaveLength(1);
    expect(await store.scheduleRuns.listNewest()).toMatchObject([
      { result: 'held', reason: 'LastRunUnfinished', dueAtMs: NOON_MS + MINUTE_MS },
    ]);
    await finishAll('every-minute');
    await pass(60_000);
    expect(await workflows('every-minute')).toHaveLength(2);
  });

  test('runs an entry only when those before it have finished', async () => {
    const { start, pass, workflows, finishAll } = setUp([afterMinute, everyMinute]);
    await using scheduler = start('one');
    await pass(5_000);
    expect(scheduler.isLeader()).toBe(true);
    expect(await workflows('after-minute')).toHaveLength(0);
    await finishAll('every-minute');
    await pass(500);
    expect(await workflows('after-minute')).toHaveLength(1);
  });

  test('tries an instant again whose answer fails, and gives it up in the end', async () => {
    const { start, pass, workflows, store, trouble } = setUp([hourlyAtStart]);
    trouble.failures = 3;
    await using scheduler = start('one');
    await pass(10_000);
    expect(scheduler.isLeader()).toBe(true);
    expect(await workflows('hourly-at-start')).toHaveLength(1);
    expect(await store.scheduleRuns.listNewest()).toMatchObject([{ result: 'submitted' }]);

    trouble.failures = 100;
    await pass(6 * MINUTE_MS);
    expect(await store.scheduleRuns.listNewest()).toMatchObject([{ result: 'failed' }]);
    expect(await workflows('hourly-at-start')).toHaveLength(1);
  });

  test('a run that a mode held is run once when the mode has ended, although its instant is long past', async () => {
    let held: Reason | undefined = 'FleetInMaintenance';
    const { start, pass, workflows, store } = setUp([hourlyAtStart], () => held);
    await using scheduler = start('one');
    await pass(60_000);
    expect(scheduler.isLeader()).toBe(true);
    expect(await workflows('hourly-at-start')).toHaveLength(0);
    expect(await store.scheduleRuns.listNewest()).toMatchObject([{ result: 'held', reason: held }]);
    held = undefined;
    await pass(60_000);
    expect(await workflows('hourly-at-start')).toHaveLength(1);
    expect(await store.scheduleRuns.listNewest()).toMatchObject([{ result: 'submitted' }]);
  });

  test('holds an entry for the reason that its gate gives', async () => {
    const { start, pass, workflows, store } = setUp([everyMinute], () => 'FleetPaused');
    await using scheduler = start('one');
    await pass(1_000);
    expect(scheduler.isLeader()).toBe(true);
    expect(await workflows('every-minute')).toHaveLength(0);
    expect(await store.scheduleRuns.listNewest()).toMatchObject([
      { result: 'held', reason: 'FleetPaused' },
    ]);
  });
});
