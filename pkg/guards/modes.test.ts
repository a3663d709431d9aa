import { expect, test } from 'vitest';

import { readComparedAt } from '#pkg/lifecycles';
import { MODE_NAMES, MODES, overdueMsOf, readMode, setMode, type Mode } from '#pkg/modes';
import { fillOptionsOf, fillSlots, refusalSettingOf } from '#pkg/selection';
import { concludeDirections } from '#pkg/signals';
import { createTradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { changeMode, listCoolingWork } from './change-mode.ts';
import { watchFleet } from './definitions.ts';

const ONE_LONG_SLOT = { slots: { long: 1, short: 0 } } as const;

async function setUp() {
  const bench = await createTradeBench(ONE_LONG_SLOT);
  const { store, clock, runner } = bench;
  const change = (name: Parameters<typeof changeMode>[1]['name'], options = {}) =>
    changeMode(
      { store, submit: runner.submit, clock },
      { name, by: 'ann', why: 'a test', ...options },
    );
  return { ...bench, change };
}

test('only a freeze holds what protects, and every mode but normal holds openings with a reason', () => {
  const holding = MODE_NAMES.filter((name) => !MODES[name].protects);
  expect(holding).toEqual(['freeze']);
  for (const mode of Object.values(MODES).filter(({ opens }) => !opens) as readonly Mode[]) {
    expect(mode.reason).toBeDefined();
  }
});

test.each(['close-only', 'cooldown', 'maintenance', 'freeze'] as const)(
  'in %s nothing opens, the refusal carries its reason, and the event says by whom and why',
  async (name) => {
    const { change, runner, store, account } = await setUp();
    await change(name);
    await runner.submit(concludeDirections, undefined);
    await runner.settle();
    expect(await store.positions.listOpen()).toEqual([]);
    expect(await store.settings.find(refusalSettingOf(account, 'long'))).toBe(MODES[name].reason);
    const [event] = (await store.events.listNewest(20)).filter(
      ({ kind }) => kind === 'ModeChanged',
    );
    expect(event).toMatchObject({
      reason: MODES[name].reason,
      message: `Mode ${name} by ann: a test (it was normal).`,
    });
  },
);

test('a position is closed by its profit order in a cooldown as ever', async () => {
  const bench = await setUp();
  const { change, runner, store, venue } = bench;
  await runner.submit(concludeDirections, undefined);
  await runner.settle();
  expect(await store.positions.listOpen()).toHaveLength(1);
  await change('cooldown');
  venue.setMark(70_000);
  await bench.stream();
  await runner.settle();
  expect(await store.positions.listOpen()).toEqual([]);
});

test('normal after maintenance comes through a warm-up: the books first, then openings', async () => {
  const { change, runner, store, clock, account } = await setUp();
  await change('maintenance');
  await runner.submit(concludeDirections, undefined);
  await runner.settle();
  expect((await change('normal')).name).toBe('warm-up');
  await runner.submit(fillSlots, { accountId: account.id }, fillOptionsOf(account.id));
  await runner.settle();

  const names = runner.summaries().map(({ name }) => name);
  expect(names).toContain('warm-up');
  expect(names).toContain('sync-account');
  expect(await readMode(store.settings, clock.nowMs())).toMatchObject({
    name: 'normal',
    by: 'kraite',
  });
  await runner.submit(fillSlots, { accountId: account.id }, fillOptionsOf(account.id));
  await runner.settle();
  expect(await store.positions.listOpen()).toHaveLength(1);
});

test('a warm-up ends although the books cannot be compared for a while, and opens nothing before', async () => {
  const { change, runner, store, clock } = await setUp();
  await change('maintenance');
  await change('normal');
  await runner.settle({ forMs: 1 });
  expect((await readMode(store.settings, clock.nowMs())).name).toBe('warm-up');
  await runner.settle();
  expect((await readMode(store.settings, clock.nowMs())).name).toBe('normal');
});

test('a warm-up that was set anew while an older one still runs waits for books as of then', async () => {
  const { change, runner, store, clock, account } = await setUp();
  await change('maintenance');
  await change('normal');
  // The books are asked for, and the warm-up is not over.
  await runner.settle({ forMs: 1 });
  await change('maintenance');
  clock.advance(60_000);
  const { sinceMs } = await change('normal');
  await runner.settle();
  expect((await readMode(store.settings, clock.nowMs())).name).toBe('normal');
  expect(await readComparedAt(store.settings, account.id)).toBeGreaterThanOrEqual(sinceMs);
});

test('a mode whose time has passed warms up by itself, at the next look of the watch', async () => {
  const { change, runner, store, clock } = await setUp();
  await change('maintenance', { untilMs: clock.nowMs() + 60_000 });
  clock.advance(59_999);
  expect((await readMode(store.settings, clock.nowMs())).name).toBe('maintenance');
  clock.advance(1);
  expect((await readMode(store.settings, clock.nowMs())).name).toBe('warm-up');
  await runner.submit(watchFleet, undefined);
  await runner.settle();
  expect((await readMode(store.settings, clock.nowMs())).name).toBe('normal');
});

test('forced and from close-only, normal stands at once', async () => {
  const { change } = await setUp();
  await change('close-only');
  expect((await change('normal')).name).toBe('normal');
  await change('maintenance');
  expect((await change('normal', { isForced: true })).name).toBe('normal');
});

test('maintenance is overdue after 45 minutes, close-only never (incident 22)', () => {
  const at = (name: 'maintenance' | 'close-only', ageMs: number) =>
    overdueMsOf({ name, by: 'ann', why: '', sinceMs: 1_000 }, 1_000 + ageMs);
  expect(at('maintenance', 45 * 60_000)).toBeUndefined();
  expect(at('maintenance', 46 * 60_000)).toBe(60_000);
  expect(at('close-only', 1e10)).toBeUndefined();
});

test('a value that is no mode opens nothing and holds nothing that protects', async () => {
  const { store } = await setUp();
  for (const value of ['{', '{"name":"party"}']) {
    await store.settings.set('fleet-mode', value, 0);
    expect((await readMode(store.settings, 1)).name).toBe('close-only');
  }
  await setMode(store.settings, { name: 'normal', by: 'ann', why: '', sinceMs: 1 });
  expect((await readMode(store.settings, 1)).name).toBe('normal');
});

test('a cooldown waits for what runs and protects nothing', async () => {
  const { store } = await setUp();
  const submit = async (id: string, isProtective: boolean) => {
    await store.steps.submit({
      workflow: {
        id: id as never,
        name: id,
        state: 'submitted',
        isProtective,
        isUrgent: false,
        dedupeKey: undefined,
        accountId: undefined,
        positionId: undefined,
        reason: undefined,
        submittedAtMs: 1,
        admittedAtMs: undefined,
        finishedAtMs: undefined,
      },
      steps: [],
    });
    const change = { workflow: { state: 'running' as const, admittedAtMs: 1 } };
    await store.steps.transact(id as never, {}, () => ({ change, value: undefined }));
  };
  await submit('open-position', false);
  await submit('close-position', true);
  expect((await listCoolingWork(store)).map(({ name }) => name)).toEqual(['open-position']);
});
