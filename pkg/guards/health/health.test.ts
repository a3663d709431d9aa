import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { followHalts, HALT_CLEAN_MS, readHalts, readHealth } from '#pkg/modes';
import { concludeDirections } from '#pkg/signals';
import { refusalSettingOf } from '#pkg/selection';
import { readGolden } from '../../../tests/harness/golden.ts';
import { createTradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import { checkDrift, watchFleet } from '../definitions.ts';
import type { HealthFacts } from './facts.ts';
import { followHealth } from './follow-health.ts';
import { renderHealthSignals } from './render.ts';
import { HEALTH_SIGNALS } from './signals.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 1_000 * MINUTE_MS;

const WELL: HealthFacts = {
  nowMs: NOW_MS,
  mode: { name: 'normal', by: 'kraite', why: '', sinceMs: 0 },
  accounts: [],
  positions: [],
  marks: [],
  directionAtMs: NOW_MS,
  incompleteAccounts: [],
  engineWaits: [],
  isDispatcherHere: true,
  isSchedulerHere: true,
  readyByLane: new Map(),
  failedSteps: [],
  failedPositions: [],
  scheduled: [],
  drift: [],
};

const account = (changes: object) =>
  ({ name: 'main', isTradingOn: true, createdAtMs: 0, ...changes }) as never;
const position = (changes: object) =>
  ({ id: 'p1', symbol: 'BTCUSDT', direction: 'long', status: 'active', ...changes }) as never;
const drift = (kind: string, looks: number) =>
  ({ positionId: 'p1', accountId: 'a1', kind, message: 'drifted', looks, sinceMs: 0 }) as never;
const failed = (reason: string | undefined) => ({ reason, error: undefined }) as never;
const many = <T>(count: number, each: T): readonly T[] => Array.from({ length: count }, () => each);

const namesOf = (facts: Partial<HealthFacts>): readonly string[] =>
  HEALTH_SIGNALS.filter(
    ({ find, threshold }) => find({ ...WELL, ...facts }, threshold).length > 0,
  ).map(({ name }) => name);

/** Of each signal: what is just well, and what is just not. */
const EDGES: readonly (readonly [string, Partial<HealthFacts>, Partial<HealthFacts>])[] = [
  ['structure-drift', { drift: [drift('structure', 1)] }, { drift: [drift('structure', 2)] }],
  ['quantity-drift', { drift: [drift('quantity', 1)] }, { drift: [drift('quantity', 2)] }],
  ['order-drift', { drift: [drift('orders', 1)] }, { drift: [drift('orders', 2)] }],
  [
    'engine-errors',
    { failedSteps: many(24, failed(undefined)) },
    { failedSteps: many(25, failed(undefined)) },
  ],
  [
    'failed-positions',
    { failedPositions: [position({})] },
    { failedPositions: [position({}), position({})] },
  ],
  ['dispatcher-away', {}, { isDispatcherHere: false }],
  ['scheduler-away', {}, { isSchedulerHere: false }],
  ['events-incomplete', {}, { incompleteAccounts: [{ account: 'main', deadLetters: 0 }] }],
  [
    'marks-stale',
    {
      positions: [position({})],
      marks: [{ symbol: 'BTCUSDT', atMs: NOW_MS - MINUTE_MS } as never],
    },
    {
      positions: [position({})],
      marks: [{ symbol: 'BTCUSDT', atMs: NOW_MS - MINUTE_MS - 1 } as never],
    },
  ],
  [
    'positions-stuck',
    { positions: [position({ status: 'active', updatedAtMs: 0 })], marks: fresh() },
    { positions: [position({ status: 'syncing', updatedAtMs: 0 })], marks: fresh() },
  ],
  [
    'balances-stale',
    { accounts: [account({ balanceAtMs: NOW_MS - 15 * MINUTE_MS })] },
    { accounts: [account({ balanceAtMs: NOW_MS - 15 * MINUTE_MS - 1 })] },
  ],
  [
    'readings-stale',
    { directionAtMs: NOW_MS - 120 * MINUTE_MS },
    { directionAtMs: NOW_MS - 120 * MINUTE_MS - 1 },
  ],
  [
    'lane-unserved',
    { engineWaits: [{ what: 'workflows', count: 1, reason: 'DispatcherAway' }] },
    { engineWaits: [{ what: 'steps', count: 1, reason: 'LaneUnserved', lane: 'orders' }] },
  ],
  [
    'lane-crowded',
    { readyByLane: new Map([['orders', 50]]) },
    { readyByLane: new Map([['orders', 51]]) },
  ],
  [
    'schedule-overdue',
    { scheduled: [{ entry: 'e', submittedAtMs: NOW_MS - MINUTE_MS, overlapMsMax: MINUTE_MS }] },
    { scheduled: [{ entry: 'e', submittedAtMs: NOW_MS - MINUTE_MS - 1, overlapMsMax: MINUTE_MS }] },
  ],
  [
    'mode-overdue',
    { mode: { name: 'maintenance', by: 'ann', why: '', sinceMs: NOW_MS - 45 * MINUTE_MS } },
    { mode: { name: 'maintenance', by: 'ann', why: '', sinceMs: NOW_MS - 46 * MINUTE_MS } },
  ],
];

function fresh() {
  return [{ symbol: 'BTCUSDT', atMs: NOW_MS } as never];
}

test.each(EDGES)('%s: well at its threshold, and not beyond it', (name, well, unwell) => {
  expect(namesOf(well)).not.toContain(name);
  expect(namesOf(unwell)).toEqual([name]);
});

test('every signal has its edge, asks a question and names a runbook of the guide', () => {
  expect(EDGES.map(([name]) => name).toSorted()).toEqual(
    HEALTH_SIGNALS.map(({ name }) => name).toSorted(),
  );
  const guide = readFileSync('docs/guides/health.md', 'utf8');
  for (const { question, runbook } of HEALTH_SIGNALS) {
    expect(question).toMatch(/\?$/);
    expect(guide).toContain(`\n## ${runbook}\n`);
  }
  const page = renderHealthSignals();
  expect(page).toBe(readGolden('docs/reference/health.md', page));
});

test('errors that prove the position was flat already never halt (incidents 20, 21)', () => {
  const flat = [
    ...many(99, failed('PositionAlreadyFlat')),
    { reason: undefined, error: 'code -2022: ReduceOnly Order is rejected.' } as never,
  ];
  expect(namesOf({ failedSteps: flat })).toEqual([]);
});

test('what a mode held is not stale until so long after the mode', () => {
  const mode = { name: 'normal', by: 'kraite', why: '', sinceMs: NOW_MS - MINUTE_MS } as const;
  const stale = { directionAtMs: 0, accounts: [account({ balanceAtMs: 0 })] };
  expect(namesOf({ ...stale, mode })).toEqual([]);
  expect(namesOf({ ...stale, mode: { ...mode, name: 'maintenance' } })).toEqual([]);
  expect(namesOf(stale)).toEqual(['balances-stale', 'readings-stale']);
});

test('a finding is told once, when it has lasted for its grace, and once more when it is over', () => {
  const signals = HEALTH_SIGNALS.filter(({ name }) => name === 'dispatcher-away');
  const away = (nowMs: number): HealthFacts => ({ ...WELL, nowMs, isDispatcherHere: false });
  const first = followHealth(signals, [], away(NOW_MS));
  expect(first.told).toEqual([]);
  const second = followHealth(signals, first.record.states, away(NOW_MS + 30_000));
  expect(second.told).toMatchObject([{ signal: 'dispatcher-away', sinceMs: NOW_MS }]);
  const third = followHealth(signals, second.record.states, away(NOW_MS + 60_000));
  expect([third.told, third.ended]).toEqual([[], []]);
  const last = followHealth(signals, third.record.states, { ...WELL, nowMs: NOW_MS + 90_000 });
  expect(last.ended).toMatchObject([{ signal: 'dispatcher-away' }]);
  expect(last.record.states).toEqual([]);
});

test('a halt ends 30 minutes after its cause was last seen, and one that comes back goes on', () => {
  const cause = [{ owner: 'engine-errors', why: 'many' }];
  const first = followHalts([], cause, NOW_MS);
  expect(first.set).toHaveLength(1);
  const clean = followHalts(first.halts, [], NOW_MS + HALT_CLEAN_MS - 1);
  expect([clean.halts.length, clean.released.length]).toEqual([1, 0]);
  const again = followHalts(clean.halts, cause, NOW_MS + HALT_CLEAN_MS - 1);
  expect([again.set, again.halts[0]?.sinceMs]).toEqual([[], NOW_MS]);
  expect(followHalts(again.halts, [], NOW_MS + HALT_CLEAN_MS).released).toEqual([]);
  const released = followHalts(again.halts, [], NOW_MS + 2 * HALT_CLEAN_MS);
  expect([released.halts, released.released.length]).toEqual([[], 1]);
});

async function openedBench() {
  const bench = await createTradeBench({ slots: { long: 1, short: 0 } });
  await bench.runner.submit(concludeDirections, undefined);
  await bench.runner.settle();
  const [position] = await bench.store.positions.listOpen();
  expect(position?.status).toBe('active');
  const look = async () => {
    await bench.runner.submit(checkDrift, undefined);
    await bench.runner.submit(watchFleet, undefined);
    await bench.runner.settle({ forMs: 5_000 });
  };
  return { ...bench, look, position };
}

test('a position that was closed outside is healed in silence: no signal, no halt (incident 21)', async () => {
  const { venue, clock, look, store, runner, position } = await openedBench();
  venue.closeOutside('long');
  clock.advance(11 * MINUTE_MS);
  await look();
  clock.advance(5 * MINUTE_MS);
  await look();
  const states = (await readHealth(store.settings))?.states ?? [];
  expect(states.filter(({ signal }) => signal.endsWith('-drift'))).toEqual([]);
  expect(await readHalts(store.settings)).toEqual([]);
  await runner.settle({ forMs: 60_000 });
  const positions = await store.positions.list({ limit: 5 });
  expect(positions.find((each) => each.id === position?.id)?.status).toBe('closed');
});

test('a stop that cannot be healed halts every opening, says so, and lets go after 30 clean minutes (incident 49)', async () => {
  const { venue, clock, look, store, account: main, runner } = await openedBench();
  const [stop] = (await store.orders.list({ limit: 20 })).filter(
    ({ purpose }) => purpose === 'stop',
  );
  const read = venue.exchange.readOpenOrders.bind(venue.exchange);
  let isHidden = true;
  // The venue goes on not to show the stop, whatever is done about it.
  venue.exchange.readOpenOrders = async (...args) =>
    (await read(...args)).filter(
      ({ clientOrderId }) => !isHidden || clientOrderId !== stop?.clientOrderId,
    );
  clock.advance(11 * MINUTE_MS);
  await look();
  expect(await readHalts(store.settings)).toEqual([]);
  clock.advance(11 * MINUTE_MS);
  await look();
  expect(await readHalts(store.settings)).toMatchObject([{ owner: 'structure-drift' }]);

  await runner.submit(concludeDirections, undefined);
  await runner.settle({ forMs: 5_000 });
  await store.settings.set(refusalSettingOf(main, 'short'), '', 0);
  const kinds = (await store.events.listNewest(50)).map(({ kind }) => kind);
  expect(kinds).toContain('OpeningsHalted');
  expect(kinds).toContain('HealthLost');
  expect(await store.settings.find(refusalSettingOf(main, 'long'))).toBe('OpeningsHalted');

  isHidden = false;
  clock.advance(11 * MINUTE_MS);
  await look();
  expect(await readHalts(store.settings)).toHaveLength(1);
  clock.advance(HALT_CLEAN_MS);
  await look();
  expect(await readHalts(store.settings)).toEqual([]);
  expect((await store.events.listNewest(5)).map(({ kind }) => kind)).toContain('OpeningsReleased');
});
