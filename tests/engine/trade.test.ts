/** The trade's own workflows on the real engine: MariaDB, Redis, a dispatcher and two boxes; a venue in memory. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { DEFAULT_ACCOUNT_SETTINGS, id, LANES, type Account, type BoxName } from '#pkg/domain';
import { createEventRecorder } from '#pkg/events';
import { storeUserFrame, syncOrders } from '#pkg/lifecycles';
import { storeBalances } from '#pkg/selection';
import { concludeDirections, refreshSymbols } from '#pkg/signals';
import { createStepWorker, type StepWorker } from '#pkg/steps';
import { createTradeHandlers } from '#pkg/trade';
import { eventually } from '../harness/eventually.ts';
import { believeStream } from '../harness/trade/believe-stream.ts';
import { withCalmMarket } from '../harness/trade/calm-market.ts';
import { createFakeIndicators } from '../harness/trade/fake-indicators.ts';
import { measureBtc } from '../harness/trade/measure-btc.ts';
import { createFakeVenue } from '../harness/trade/fake-venue.ts';
import { decodeEvent, encodeEvent } from '../harness/trade/trade-bench.ts';
import { clock, makeId, random, startDispatcher } from './fixture/compose.ts';
import { useEngine } from './fixture/index.ts';

const engine = useEngine();
const venue = createFakeVenue(clock);
const workers: StepWorker[] = [];
let dispatcher: AsyncDisposable;
let account: Account;

function startBox(box: string): Promise<void> {
  const { queues, signals, logger } = engine.parts;
  const store = withCalmMarket(engine.parts.store, clock);
  const worker = createStepWorker(
    {
      ...{ store, queues, signals, logger, clock, random, makeId },
      handlers: createTradeHandlers({
        deliver: () => Promise.resolve({ kind: 'sent' }),
        backtests: 'heeded',
        ...{ store, clock, random, makeId },
        exchange: venue.exchange,
        prices: venue.prices,
        indicators: createFakeIndicators(clock).port,
        events: createEventRecorder({ events: store.events, signals, clock, logger, box }),
        decodeUserFrame: decodeEvent,
      }),
      box: id<BoxName>(box),
      workerId: `${box}-${makeId()}`,
      process: { name: `${box}-worker`, pid: process.pid, version: '0.1.0' },
      gate: () => undefined,
    },
    {
      generation: 1,
      isDraining: false,
      lanes: LANES.map((lane) => ({ lane, slots: lane === 'own' ? 1 : 4 })),
    },
  );
  workers.push(worker);
  return worker.start();
}

/** Delivers what the user stream says while `check` is not yet true. */
async function until(check: () => Promise<void>): Promise<void> {
  const { store, submit } = engine.parts;
  await eventually(
    async () => {
      for (const event of venue.drainEvents()) {
        await storeUserFrame(
          { store, submit, clock, makeId, decodeUserFrame: decodeEvent },
          { accountId: account.id, payload: encodeEvent(event) },
        );
      }
      await check();
    },
    { limitMs: 20_000, everyMs: 20 },
  );
}

beforeAll(async () => {
  const { store } = engine.parts;
  dispatcher = startDispatcher(engine.parts);
  await Promise.all([startBox('eos'), startBox('iris')]);
  account = await store.accounts.save({
    id: id(makeId()),
    name: 'main',
    venue: 'binance',
    apiKey: 'key',
    sealedSecret: 'sealed',
    isTradingOn: true,
    settings: { ...DEFAULT_ACCOUNT_SETTINGS, slots: { long: 1, short: 0 } },
    createdAtMs: clock.nowMs(),
  });
  await believeStream(store, account);
  await measureBtc(store, clock.nowMs());
});

afterAll(async () => {
  await dispatcher[Symbol.asyncDispose]();
  for (const worker of workers) await worker[Symbol.asyncDispose]();
});

test('from an empty database to a protected position, re-averaged, synced and closed in profit', async () => {
  const { store, submit } = engine.parts;
  const newest = async () => (await store.positions.list({ limit: 1 }))[0];

  await submit(refreshSymbols, undefined);
  await until(async () => {
    expect((await store.symbols.list())[0]?.brackets).toHaveLength(1);
  });
  await submit(storeBalances, undefined);
  await submit(concludeDirections, undefined);
  await until(async () => {
    expect((await newest())?.status).toBe('active');
  });
  expect(venue.working()).toHaveLength(6);

  venue.setMark(54_800);
  await until(async () => {
    expect(await newest()).toMatchObject({ status: 'active', wapCount: 1 });
  });

  await submit(syncOrders, undefined);
  await store.accounts.saveSettings(account.id, {
    ...account.settings,
    slots: { long: 0, short: 0 },
  });
  venue.setMark(57_000);
  await until(async () => {
    expect(await newest()).toMatchObject({ status: 'closed', closeReason: 'ProfitFilled' });
  });
  expect(venue.held('long')).toBe(0);
  expect(venue.working()).toEqual([]);
  expect(venue.duplicates()).toEqual([]);
  expect((await newest())?.realizedPnl?.gt(0)).toBe(true);
}, 60_000);
