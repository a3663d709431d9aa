import { describe, expect, test } from 'vitest';

import { startVenueCooldown } from '#pkg/lifecycles';
import { MODE_NAMES, MODES } from '#pkg/modes';
import { setHold, type Hold } from '#pkg/holds';
import { validateTimetable } from '#pkg/schedule';
import {
  createPositions,
  fillOptionsOf,
  fillSlots,
  lookAtSlots,
  refusalSettingOf,
  storeBalances,
} from '#pkg/selection';
import { concludeDirections, refreshSymbols } from '#pkg/signals';
import { USER_STREAM_LEASE } from '#pkg/store';
import { BTC } from '../../tests/harness/trade/btc.ts';
import { createTradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { readGolden } from '../../tests/harness/golden.ts';
import { renderTimetable } from './timetable-page.ts';
import { KNOWN_STEPS } from './known-steps.ts';
import { TIMETABLE } from './timetable.ts';
import { WORKFLOWS } from './workflows.ts';

const PAUSE: Hold = {
  ...{ source: 'person', owner: 'ann', why: 'a look', sinceMs: 0 },
  ...{ scope: { kind: 'fleet' }, reason: 'FleetPaused' },
};
const ONE_LONG_SLOT = { slots: { long: 1, short: 0 } } as const;

describe('from readings to positions', () => {
  test('a finished direction pass opens a position at once, without waiting for the timetable', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await bench.runner.submit(concludeDirections, undefined);
    await bench.runner.settle();

    const [symbol] = await bench.store.symbols.list();
    expect(symbol?.direction).toBe('long');
    expect(await bench.store.readouts.list('BTCUSDT' as never, '1h')).toHaveLength(6);
    const [position] = await bench.store.positions.listOpen();
    expect(position?.status).toBe('active');
    expect(await bench.eventKinds()).toEqual([
      'DirectionsConcluded',
      'StopPlaced',
      'PositionOpened',
    ]);
  });

  test('what stays unclear climbs the timeframes, and ends with a reason', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    bench.indicators.chop = 70;
    await bench.runner.submit(concludeDirections, undefined);
    await bench.runner.settle();

    const [symbol] = await bench.store.symbols.list();
    expect(symbol?.reason).toBe('DirectionUnclear');
    expect(bench.indicators.timeframes).toEqual(['1h', '4h', '1d']);
    expect(await bench.store.positions.listOpen()).toEqual([]);
    const setting = refusalSettingOf(bench.account, 'long');
    expect(await bench.store.settings.find(setting)).toBe('NoCandidate');
  });

  test('a look before the first marks says so, and the first marks ask for another', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    bench.venue.showMarks(false);
    await lookAtSlots(bench.store.accounts, bench.runner.submit);
    await bench.runner.settle();
    await bench.runner.submit(concludeDirections, undefined);
    await bench.runner.settle();
    const refusals = (await bench.store.events.listNewest(10))
      .filter(({ kind }) => kind === 'OpeningRefused')
      .map(({ message }) => message.replace(/^.*\(/u, '('));
    expect(refusals).toEqual(['(1 DirectionUnclear).', '(1 MarkPriceStale).']);
    expect(await bench.store.positions.listOpen()).toEqual([]);

    bench.venue.showMarks(true);
    await lookAtSlots(bench.store.accounts, bench.runner.submit);
    await bench.runner.settle();
    expect(await bench.store.positions.listOpen()).toHaveLength(1);
  });

  test('a spent provider budget defers the reading and costs no attempt', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    bench.indicators.deferrals = 30;
    await bench.runner.submit(concludeDirections, undefined);
    await bench.runner.settle();

    expect(await bench.store.positions.listOpen()).toHaveLength(1);
  });

  test('a position that closes frees its slot, and the slot is filled again', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await bench.runner.submit(concludeDirections, undefined);
    await bench.runner.settle();
    bench.venue.setMark(60_300);
    await bench.stream();

    const positions = await bench.store.positions.list({ limit: 5 });
    expect(positions.map((position) => position.status)).toEqual(['active', 'closed']);
  });

  test('two looks at the same slot open one position (incident 10)', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await bench.runner.submit(concludeDirections, undefined);
    await bench.runner.submit(createPositions, undefined);
    await bench.runner.submit(createPositions, undefined);
    await bench.runner.settle();

    expect(await bench.store.positions.listOpen()).toHaveLength(1);
    expect(bench.venue.held('long')).toBe(0.005);
  });

  test('a direction that is concluded while the slots are looked at is not missed', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    const { prices } = bench.venue;
    const readAll = prices.readAll.bind(prices);
    let looks = 0;
    prices.readAll = async () => {
      looks += 1;
      if (looks === 1) {
        // This look has read its symbols already: none of them has a direction.
        const conclusion = { direction: 'long', timeframe: '1h', reason: undefined } as const;
        await bench.store.symbols.saveDirection(BTC, {
          ...conclusion,
          atMs: bench.clock.nowMs(),
        });
        await submitFill();
      }
      return readAll();
    };
    const submitFill = () =>
      bench.runner.submit(
        fillSlots,
        { accountId: bench.account.id },
        fillOptionsOf(bench.account.id),
      );
    await submitFill();
    await bench.runner.settle();

    expect(looks).toBe(2);
    expect(await bench.store.positions.listOpen()).toHaveLength(1);
  });

  test('a crash at any line of the selection opens exactly one position (incident 7)', async () => {
    const trial = await createTradeBench(ONE_LONG_SLOT);
    await trial.runner.submit(concludeDirections, undefined);
    await trial.runner.settle();
    await trial.runner.submit(createPositions, undefined);
    const total = trial.calls();
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= total; call += 1) {
        const bench = await createTradeBench(ONE_LONG_SLOT);
        bench.crashAt(call, when);
        await bench.runner.submit(concludeDirections, undefined);
        await bench.runner.settle();
        const open = await bench.store.positions.listOpen();
        expect([call, when, open.map((each) => each.status)]).toEqual([call, when, ['active']]);
        expect(bench.venue.held('long')).toBe(0.005);
      }
    }
  });

  test('an account that turned trading off is refused with that word, once', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await bench.store.accounts.save({ ...bench.account, isTradingOn: false });
    for (let round = 0; round < 3; round += 1) {
      await bench.runner.submit(createPositions, undefined);
      await bench.runner.settle();
    }
    const events = await bench.store.events.listNewest(10);
    const refusals = events.filter((event) => event.kind === 'OpeningRefused');
    expect(refusals.map((event) => event.reason)).toEqual([
      'TradingSwitchedOff',
      'TradingSwitchedOff',
    ]);
  });

  test('a fleet whose opening is paused opens nothing and says so', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await setHold(bench.store.settings, PAUSE, 0);
    await bench.runner.submit(concludeDirections, undefined);
    await bench.runner.settle();

    expect(await bench.store.positions.listOpen()).toEqual([]);
    const setting = refusalSettingOf(bench.account, 'long');
    expect(await bench.store.settings.find(setting)).toBe('FleetPaused');
  });

  test('while events of the account may be missing nothing is opened, and what protects goes on', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await bench.runner.submit(concludeDirections, undefined);
    await bench.runner.settle();
    expect(await bench.store.positions.listOpen()).toHaveLength(1);
    const epoch = (await bench.store.leases.find(USER_STREAM_LEASE))?.epoch ?? 0;
    const row = { accountId: bench.account.id, epoch, sinceMs: 0, deadLetters: 0 };
    await bench.store.accountStreams.save({ ...row, reason: 'StreamGapOpen' });
    bench.venue.setMark(70_000);
    await bench.stream();
    await bench.runner.settle();

    expect(await bench.store.positions.listOpen()).toEqual([]);
    const setting = refusalSettingOf(bench.account, 'long');
    expect(await bench.store.settings.find(setting)).toBe('StreamGapOpen');
  });

  test('for half an hour after the venue could not serve nothing is opened', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await startVenueCooldown(bench.store.settings, bench.clock.nowMs());
    await bench.runner.submit(concludeDirections, undefined);
    await bench.runner.settle();
    expect(await bench.store.positions.listOpen()).toEqual([]);
    const setting = refusalSettingOf(bench.account, 'long');
    expect(await bench.store.settings.find(setting)).toBe('VenueCoolingDown');

    bench.clock.advance(30 * 60_000);
    await bench.runner.submit(concludeDirections, undefined);
    await bench.runner.settle();
    expect(await bench.store.positions.listOpen()).toHaveLength(1);
  });

  test('after every trading box was away, the books are compared before anything opens', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await bench.runner.submit(concludeDirections, undefined);
    await bench.store.workers.beat(
      {
        workerId: 'eos-worker-1',
        box: 'eos' as never,
        process: 'eos-worker',
        pid: 1,
        version: '0.1.0',
        lanes: [{ lane: 'orders', slots: 8, busy: 0 }],
        generation: 1,
        state: 'ready',
        reason: undefined,
      },
      1_500,
    );
    await bench.runner.settle();

    const names = bench.runner.summaries().map(({ name }) => name);
    expect(names.filter((name) => /^(sync|fill|open)-/.test(name))).toEqual([
      'fill-slots',
      'sync-account',
      'fill-slots',
      'open-position',
    ]);
    expect(await bench.store.positions.listOpen()).toHaveLength(1);
    const refused = (await bench.store.events.listNewest(10)).find(
      ({ kind }) => kind === 'OpeningRefused',
    );
    expect(refused?.reason).toBe('BooksNotReconciled');
  });

  test('symbols, brackets and balances are read as the venue gives them', async () => {
    const bench = await createTradeBench();
    await bench.runner.submit(refreshSymbols, undefined);
    await bench.runner.submit(storeBalances, undefined);
    await bench.runner.settle();

    const [symbol] = await bench.store.symbols.list();
    expect(symbol?.brackets).toHaveLength(1);
    const account = await bench.store.accounts.find(bench.account.id);
    expect(account?.availableUsdt).toBe('9000');
  });
});

describe('the lists', () => {
  test('every workflow stands under the name that its rows carry', () => {
    for (const [name, workflow] of Object.entries(WORKFLOWS)) expect(workflow.name).toBe(name);
  });

  test('the steps that a submitter knows are those that workers do', async () => {
    const { handlers } = await createTradeBench();
    const done = handlers.map(({ definition: { name, version } }) => `${name}@${version}`);
    expect([...KNOWN_STEPS]).toEqual(done.toSorted());
  });

  test('the timetable is one that the scheduler takes', () => {
    expect(() => {
      validateTimetable(TIMETABLE);
    }).not.toThrow();
  });

  test('its page of the documentation is what it is', () => {
    const page = renderTimetable();
    expect(page).toBe(readGolden('docs/reference/timetable.md', page));
  });

  test('no mode but a freeze holds an entry that protects, and each mode holds what opens', () => {
    for (const { workflow, heldIn } of TIMETABLE) {
      if (workflow.isProtective) expect(heldIn).toEqual(['freeze']);
    }
    const opening = TIMETABLE.find(({ name }) => name === 'create-positions');
    expect(opening?.heldIn.toSorted()).toEqual(
      MODE_NAMES.filter((name) => !MODES[name].opens).toSorted(),
    );
  });

  test('what protects or closes is protective, and what opens is not', () => {
    const protective = Object.values(WORKFLOWS)
      .filter((workflow) => workflow.isProtective)
      .map((workflow) => workflow.name);
    expect(protective.toSorted()).toEqual([
      'apply-user-frame',
      'apply-wap',
      'cancel-position',
      'check-drift',
      'check-key',
      'check-position',
      'close-position',
      'confirm-flat',
      'deliver-notification',
      'flatten-account',
      'recover-account',
      'recover-frames',
      'restore-orders',
      'send-notifications',
      'survey-account',
      'sync-account',
      'sync-orders',
      'sync-position',
      'warm-up',
      'watch-fleet',
    ]);
  });
});
