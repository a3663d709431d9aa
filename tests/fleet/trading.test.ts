/** What a fleet has done when it ran for a while, by the counters of the exchange and by its own rows. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { startSimulatedVenue } from '#pkg/exchange/simulated';
import { callSupervisor, type FleetReader, type RunSummary } from '#pkg/local';
import type { StepRow } from '#pkg/store';
import { eventually } from '../harness/eventually.ts';
import { SAMPLE } from '../harness/sample-fleet.ts';
import {
  expectNothingLeft,
  newFolder,
  startFleet,
  summaryOf,
  useFleets,
  type FleetLine,
  type RunningFleet,
} from './harness.ts';
import {
  expectNoDoubles,
  listRunningSteps,
  openReader,
  readMarket,
  readPids,
  readVenueSummary,
  runtimeOf,
  type MarketSample,
} from './look.ts';

useFleets();

const clock = createSystemClock();
const TRADING_BOXES = ['eos', 'hemera', 'iris', 'nyx'];
const UNPROTECTED_MS_MAX = 2_000;
/** With a box lost in the middle, whatever it was doing waits until its loss is noticed. */
const UNPROTECTED_AFTER_LOSS_MS_MAX = 5_000;

const opened = ({ kind }: FleetLine): boolean => kind === 'PositionOpened';
const closed = ({ kind }: FleetLine): boolean => kind === 'PositionClosed';

function expectCleanVenue({ venue }: RunSummary): void {
  expect(venue).toMatchObject({ status429: 0, status418: 0, duplicateClientOrderIds: 0 });
  const requests = venue?.requestsByAddress ?? {};
  const asked = Object.keys(requests).filter((name) => (requests[name] ?? 0) > 0);
  expect(asked).toEqual(expect.arrayContaining(TRADING_BOXES));
  expect(['athena', 'tyche', ...TRADING_BOXES]).toEqual(expect.arrayContaining(asked));
}

async function expectSamePrices(sample: MarketSample, seed: string): Promise<void> {
  await using idle = await startSimulatedVenue({
    accounts: [{ key: 'idle', secret: 'idle', balance: '10000' }],
    seed,
  });
  const { venue } = idle.runtime;
  const startedAtMs = venue.market.sessions[0]?.realMs ?? 0;
  for (const [symbol, price] of Object.entries(sample.prices)) {
    const { mark, bid, ask } = venue.quote(symbol, startedAtMs + sample.marketMs);
    expect({ symbol, mark: mark.toFixed(), bid: bid.toFixed(), ask: ask.toFixed() }).toEqual({
      symbol,
      ...price,
    });
  }
}

test('a fleet opens, ladders, re-averages and closes in profit, always protected', async () => {
  const fleet = startFleet({ args: ['--for', '45s'] });
  const readyMs = await fleet.ready();
  await fleet.waitFor(opened);
  const before = await readPids(fleet);
  const file = join(newFolder(), 'fleet.yaml');
  writeFileSync(file, SAMPLE.replaceAll('orders: 8', 'orders: 9'));
  expect(await fleet.kraite('apply', '-f', file)).toMatchObject({ code: 0, stderr: '' });
  expect(await readPids(fleet)).toEqual(before);

  await expectWhy(fleet, await fleet.waitFor(closed));
  const sample = await readMarket(fleet);
  const { seed } = await readVenueSummary(fleet);

  const summary = await summaryOf(fleet);
  await expectNothingLeft(fleet.state);
  console.info(JSON.stringify(summary));
  expect(summary.readyMs).toBe(readyMs);
  expect(summary.readyMs).toBeGreaterThan(0);
  const { positions, engine } = summary;
  expect(positions.opened).toBeGreaterThanOrEqual(4);
  expect(positions.closedInProfit).toBeGreaterThanOrEqual(1);
  expect(positions.rungsFilled).toBeGreaterThanOrEqual(1);
  expect(positions.reaveraged).toBeGreaterThanOrEqual(1);
  expect(positions.openWithoutStop).toBe(0);
  expect(positions.unprotectedMsMax).toBeLessThanOrEqual(UNPROTECTED_MS_MAX);
  expect(engine.stepsCompleted).toBeGreaterThan(0);
  expectCleanVenue(summary);

  // The orders of this fleet moved no price: a venue on which nobody trades shows the same at this market time.
  expect(Object.keys(sample.prices).length).toBeGreaterThanOrEqual(22);
  await expectSamePrices(sample, seed);
});

/** `kraite why` of the four things that it answers, and of what it does not know. */
async function expectWhy(
  fleet: RunningFleet,
  { position = '', symbol = '' }: FleetLine,
): Promise<void> {
  const story = await fleet.kraite('why', position);
  expect(story).toMatchObject({ code: 0, stderr: '' });
  for (const part of [
    'open-position submitted',
    'place-stop completed',
    'entry filled',
    'PositionClosed',
  ]) {
    expect(story.stdout).toContain(part);
  }
  expect((await fleet.kraite('why', symbol)).stdout).toContain('simulated');
  expect((await fleet.kraite('why', 'simulated')).stdout).toContain('long/1');
  expect((await fleet.kraite('why', 'simulated/long/1')).stdout).toMatch(/long/u);
  expect(await fleet.kraite('why', 'simulated/long/99')).toMatchObject({ code: 2, stdout: '' });
  const unknown = await fleet.kraite('why', 'nothing-of-ours');
  expect(unknown).toMatchObject({ code: 1, stdout: '' });
  expect(unknown.stderr).toContain('a slot is written simulated/long/1');
}

/** Freezes a worker in the middle of steps, so that what it holds can be read, and kills its box. */
async function killInFlight(
  fleet: RunningFleet,
  reader: FleetReader,
  box: string,
): Promise<readonly StepRow[]> {
  const worker = `${box}-worker`;
  const pid = (await readPids(fleet, (name) => name === worker)).get(worker) ?? 0;
  const untilMs = clock.monotonicMs() + 60_000;
  while (clock.monotonicMs() < untilMs) {
    process.kill(pid, 'SIGSTOP');
    // What it had already sent ends in the servers.
    await clock.sleep(50);
    const held = await listRunningSteps(reader, worker);
    if (held.length > 0) {
      await callSupervisor(runtimeOf(fleet), { verb: 'kill-box', argument: { boxes: [box] } });
      return held;
    }
    process.kill(pid, 'SIGCONT');
    await clock.sleep(100);
  }
  throw new Error(`${worker} was never seen with a step in its hands`);
}

async function boxState(fleet: RunningFleet, box: string): Promise<string | undefined> {
  const { stdout } = await fleet.kraite('boxes', '-o', 'json');
  const boxes = JSON.parse(stdout) as readonly { readonly name: string; readonly state: string }[];
  return boxes.find(({ name }) => name === box)?.state;
}

test('the steps of a lost box end on another, and it stays down until it is started', async () => {
  const fleet = startFleet();
  await fleet.ready();
  await fleet.waitFor(opened);
  const reader = await openReader(fleet);
  const held = await killInFlight(fleet, reader, 'eos');
  const killedAtMs = clock.nowMs();

  const concluded = ['completed', 'skipped', 'expanded', 'stopped'];
  let after: readonly (StepRow | undefined)[] = [];
  await eventually(
    async () => {
      const trees = await Promise.all(
        held.map(({ workflowId }) => reader.store.steps.findTree(workflowId)),
      );
      after = held.map((step, index) => trees[index]?.steps.find(({ id }) => id === step.id));
      expect(after.filter((step) => !concluded.includes(step?.state ?? ''))).toEqual([]);
    },
    { limitMs: 30_000, everyMs: 50 },
  );
  expect(await boxState(fleet, 'eos')).toBe('killed');
  // A newer epoch is another claim, and the box that held the older one is down: another box took it.
  for (const [index, step] of after.entries()) {
    expect(step?.epoch).toBeGreaterThan(held[index]?.epoch ?? 0);
  }
  const tookMs = Math.max(...after.map((step) => (step?.finishedAtMs ?? 0) - killedAtMs));
  console.info(`${held.length} steps of eos ended elsewhere within ${Math.round(tookMs)} ms`);

  expect((await fleet.kraite('start-box', 'eos')).stdout).toContain('eos-worker ready');
  await eventually(async () => expect(await boxState(fleet, 'eos')).toBe('ready'), {
    limitMs: 30_000,
    everyMs: 500,
  });
  await expectNoDoubles(fleet, reader);
  await reader[Symbol.asyncDispose]();
  fleet.interrupt();
  const summary = await summaryOf(fleet);
  await expectNothingLeft(fleet.state);
  console.info(JSON.stringify(summary));
  expect(summary.positions.openWithoutStop).toBe(0);
  expect(summary.positions.unprotectedMsMax).toBeLessThanOrEqual(UNPROTECTED_AFTER_LOSS_MS_MAX);
  expectCleanVenue(summary);
});
