/**
 * Boxes are lost at random moments of live trading, and what happens is what `kraite simulate` says.
 *
 * Every row of "what must stay true when a box is lost", in an order drawn from a seed that is printed;
 * KRAITE_LOSING_SEED plays the same one again. Money first: no exposure without a stop for more than 5 s, no order twice,
 * books as the exchange's, in all of them.
 */
import { expect, test } from 'vitest';

import { createSeededRandom, createSystemClock } from '#pkg/base';
import { eventually } from '../harness/eventually.ts';
import {
  expectNothingLeft,
  startFleet,
  summaryOf,
  useFleets,
  type FleetLine,
  type RunningFleet,
} from './harness.ts';
import {
  bringBack,
  describeLoss,
  expectAsForeseen,
  expectNoOrders,
  expectReconciledFirst,
  foresee,
  lose,
  untilFirstStep,
  type Loss,
} from './losing-rows.ts';
import { expectNoDoubles, openReader, orderFaults, readVenueSummary } from './look.ts';

useFleets();

const UNPROTECTED_MS_MAX = 5_000;
const CHANCE_MS_MAX = 1_500;
const clock = createSystemClock();

const LOSSES: readonly Loss[] = [
  { boxes: ['eos'] },
  { boxes: ['iris', 'nyx'] },
  { boxes: ['eos', 'iris', 'hemera'] },
  { boxes: ['eos', 'iris', 'nyx', 'hemera'] },
  { boxes: ['athena'] },
  { boxes: ['tyche'] },
  { boxes: ['athena', 'nyx'] },
  { boxes: ['tyche', 'hemera'] },
  { boxes: ['hyperion'] },
  { boxes: ['hyperion'], only: 'mysql' },
  { boxes: ['hyperion'], only: 'redis' },
];

const opened = ({ kind }: FleetLine): boolean => kind === 'PositionOpened';

async function loseAndReturn(fleet: RunningFleet, loss: Loss, chance: number): Promise<void> {
  await clock.sleep(chance * CHANCE_MS_MAX);
  const isCoreLost = loss.boxes.includes('hyperion');
  const lostAtMs = await lose(fleet, loss);
  if (isCoreLost) {
    await expectNoOrders(fleet, lostAtMs);
    await expectStatusSays(fleet, loss);
  } else {
    await using reader = await openReader(fleet);
    await expectAsForeseen(reader, foresee(loss), lostAtMs);
  }
  const backAtMs = await bringBack(fleet, loss);
  const firstMs = await untilFirstStep(fleet, backAtMs);
  await expectReconciledFirst(fleet, backAtMs, loss);
  await using reader = await openReader(fleet);
  await expectNoDoubles(fleet, reader);
  console.info(`${describeLoss(loss)}: the first step ${firstMs} ms after the return`);
}

/** The reason is told while it holds. */
async function expectStatusSays(fleet: RunningFleet, { only }: Loss): Promise<void> {
  const { stdout, stderr } = await fleet.kraite('status', '-o', 'json');
  const boxes = (JSON.parse(stdout) as { readonly boxes: readonly { readonly name: string }[] })
    .boxes;
  expect(boxes, stderr).toHaveLength(7);
  if (only !== 'redis') expect(stdout).toContain('DatabaseUnreachable');
}

test('whatever box is lost, what was foreseen happens, and no money is in danger', async () => {
  const seed = process.env['KRAITE_LOSING_SEED'] ?? String(Date.now());
  console.info(`KRAITE_LOSING_SEED=${seed}`);
  const random = createSeededRandom(seed);
  const losses = LOSSES.map((loss) => ({ loss, key: random.next(), chance: random.next() }));
  const fleet = startFleet();
  await fleet.ready();
  await fleet.waitFor(opened);
  for (const { loss, chance } of losses.toSorted((a, b) => a.key - b.key)) {
    await loseAndReturn(fleet, loss, chance);
  }
  fleet.interrupt();
  const summary = await summaryOf(fleet);
  await expectNothingLeft(fleet.state);
  console.info(JSON.stringify(summary));
  expect(summary.positions.openWithoutStop).toBe(0);
  expect(summary.positions.unprotectedMsMax).toBeLessThanOrEqual(UNPROTECTED_MS_MAX);
  expect(summary.venue).toMatchObject({ duplicateClientOrderIds: 0, status429: 0, status418: 0 });
});

test('the core lost between a fill and its stop: the worker that sent the entry places the stop', async () => {
  const fleet = startFleet();
  await fleet.ready();
  await fleet.waitFor(opened);
  // Entries are filled at once and answered late, so that the core goes away while their workers wait for the answer.
  const next = { endpoint: 'POST /fapi/v1/order', count: 500 };
  await orderFaults(fleet, { delayReplies: { ...next, ms: 800 } });
  const before = (await readVenueSummary(fleet)).positionsOpened;
  await eventually(
    async () => {
      const { positionsOpened, openWithoutStop } = await readVenueSummary(fleet);
      expect(positionsOpened).toBeGreaterThan(before);
      expect(openWithoutStop).toBeGreaterThan(0);
    },
    { limitMs: 120_000, everyMs: 20 },
  );
  await lose(fleet, { boxes: ['hyperion'] });
  await orderFaults(fleet, { clear: true });
  await eventually(async () => expect((await readVenueSummary(fleet)).openWithoutStop).toBe(0), {
    limitMs: UNPROTECTED_MS_MAX,
    everyMs: 50,
  });
  await bringBack(fleet, { boxes: ['hyperion'] });
  await using reader = await openReader(fleet);
  await expectNoDoubles(fleet, reader);
  fleet.interrupt();
  const { positions, venue } = await summaryOf(fleet);
  await expectNothingLeft(fleet.state);
  expect(positions.unprotectedMsMax).toBeLessThanOrEqual(UNPROTECTED_MS_MAX);
  expect(venue?.duplicateClientOrderIds).toBe(0);
  console.info(`longest without a stop: ${positions.unprotectedMsMax} ms`);
});

test('a fleet whose Redis is away still ends when it is told to', async () => {
  const fleet = startFleet();
  await fleet.ready();
  await lose(fleet, { boxes: ['hyperion'], only: 'redis' });
  expect((await fleet.kraite('down')).stdout).toContain('the fleet is down');
  expect((await fleet.ended).code).toBe(0);
  await expectNothingLeft(fleet.state);
});
