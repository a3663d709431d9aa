/**
 * simulation/fleet: all of the fleet in one thread, under one seed.
 *
 * Real code from the handlers to the signed request, over memory adapters and the simulated venue's state machine; time
 * is virtual, and whatever goes wrong follows from the seed. What must hold is looked at after each change of the venue
 * (`watch-venue.ts`) and whenever the fleet is at rest (`compare-books.ts`).
 */
import { createSeededRandom, type Random } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import { DEFAULT_ACCOUNT_SETTINGS, id, type AccountId } from '#pkg/domain';
import { createMemoryPriceBoard } from '#pkg/market-data';
import { createSilentLogger, type Logger } from '#pkg/observability';
import { createMemoryStore, type Store } from '#pkg/store';

import type { MarketChoice } from '../../../pkg/exchange/simulated/market/market-choice.ts';
import { createLife } from '../engine/life.ts';
import { createQueueServer } from '../engine/simulated-queues.ts';
import { compareBooks, readBooks } from './compare-books.ts';
import { compareFills, compareLedger } from './compare-ledger.ts';
import { createFaults } from './faults.ts';
import { findSilentPauses } from './find-silent-pauses.ts';
import { createFleetClock, type FleetClock } from './fleet-clock.ts';
import { keysOf, TRADING_BOXES, type FleetWorld } from './fleet-world.ts';
import { createMemoryLetters } from './memory-letters.ts';
import { partsOf, PROCESSES, type ProcessPlan } from './processes.ts';
import { createKnownLoss } from './known-loss.ts';
import { createReach } from './reach.ts';
import { brewStorms, NO_STORMS, type Storms } from './storms.ts';
import { tellStory } from './tell-story.ts';
import { createTraceHash, type TraceHash } from './trace-hash.ts';
import { createVenueSide } from './venue-side.ts';
import { createVenueWatch, type Exposure, type VenueWatch } from './watch-venue.ts';

export interface FleetOptions {
  readonly seed: number;
  readonly days: number;
  /** Time between two looks of the market at the orders, ms. */
  readonly markStepMs: number;
  readonly market: MarketChoice;
  /** Storms a day on average; without any nothing goes wrong but prices. */
  readonly stormsADay: number;
  readonly logOf?: (process: string, clock: FleetClock) => Logger;
}

export interface FleetReport {
  readonly seed: number;
  /** The same for runs that did the same. */
  readonly trace: string;
  readonly problems: readonly string[];
  /** What went wrong, and when. */
  readonly storms: readonly string[];
  /** Rows of the positions that the problems name. */
  readonly story: readonly string[];
  /** Virtual time, hours. */
  readonly hours: number;
  readonly opened: number;
  readonly closed: number;
  readonly rungsFilled: number;
  readonly orders: number;
  readonly requests: number;
  readonly deaths: number;
  readonly exposures: readonly Exposure[];
  /** Virtual time in which the processes ran; the rest of it they had nothing to do. */
  readonly awakeMs: number;
}

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);
const ACCOUNT = id<AccountId>('main');
const BALANCE = '10000';
const SYMBOLS = 20;
const FRAME_LATENCY_MS = { min: 2, spread: 20 };

/** Runs one seed to its end, or to the first thing that does not hold. */
export async function simulateFleet(options: FleetOptions): Promise<FleetReport> {
  const { seed, days, markStepMs, market, stormsADay } = options;
  const clock = createFleetClock(START_MS);
  const random = createSeededRandom(`${seed}/faults`);
  const faults = createFaults();
  const reach = createReach();
  const trace = createTraceHash();
  const losses = createKnownLoss();
  const watch = createVenueWatch({
    reach,
    losses,
    isOurs: (clientId) => clientId.startsWith('k-'),
  });
  const memory = createMemoryStore({
    clock: { ...clock, nowMs: () => START_MS + clock.monotonicMs() },
  });
  const rows: Store = {
    ...memory,
    frames: {
      ...memory.frames,
      save: (frame) => {
        losses.hear(keysOf(frame.accountId).apiKey, frame.payload, clock.nowMs());
        return memory.frames.save(frame);
      },
    },
  };
  const activity = { atMs: 0 };
  const stir = (): void => {
    activity.atMs = clock.monotonicMs();
  };
  const world: FleetWorld = {
    seed,
    clock,
    random,
    rows,
    faults,
    reach,
    losses,
    queues: createQueueServer({ clock, random, faults: () => faults.queue }),
    venue: createVenueSide(clock, {
      seed: String(seed),
      accounts: [
        { key: keysOf(ACCOUNT).apiKey, secret: keysOf(ACCOUNT).apiSecret, balance: BALANCE },
      ],
      market,
      symbolCount: SYMBOLS,
      sampleMs: Math.min(markStepMs, 60_000),
      onChanges: (changes) => {
        stir();
        const nowMs = clock.nowMs();
        for (const [table, key, row] of changes) {
          if (table !== 'statistics' && table !== 'meta') trace.note(nowMs, [table, key, row]);
        }
        watch.take(changes, nowMs);
      },
      carry: (deliver) => carryFrame(world, deliver),
    }),
    board: createMemoryPriceBoard(),
    budget: createMemoryWindowBudget(),
    letters: createMemoryLetters(),
    lives: new Map(),
    accounts: [ACCOUNT],
    logOf: (process) => options.logOf?.(process, clock) ?? createSilentLogger(),
    inFlight: 0,
  };
  await addAccount(rows, clock.nowMs());
  const deaths = startAll(world, random);
  const endMs = clock.nowMs() + days * DAY_MS;
  const storms =
    stormsADay > 0
      ? brewStorms(world, createSeededRandom(`${seed}/storms`), { endMs, stormsADay })
      : NO_STORMS;
  await run(world, { endMs, markStepMs, activity, watch, storms });
  if (watch.problems.length === 0) {
    watch.problems.push(
      ...(await compareFills(world.venue.state, rows)),
      ...(await compareLedger(world.venue.state, rows)),
    );
  }
  return report(world, { trace, watch, storms, deaths: deaths() });
}

async function addAccount(rows: Store, nowMs: number): Promise<void> {
  await rows.accounts.save({
    id: ACCOUNT,
    name: 'main',
    venue: 'binance',
    apiKey: keysOf(ACCOUNT).apiKey,
    sealedSecret: 'sealed',
    isTradingOn: true,
    settings: DEFAULT_ACCOUNT_SETTINGS,
    createdAtMs: nowMs,
  });
}

/** Frames arrive in the order in which they were sent, unless the line is bad. */
function carryFrame(world: FleetWorld, deliver: () => void): void {
  const { clock, random, faults } = world;
  const { doubled, delayed, lost } = faults.frames;
  if (random.next() < lost) return;
  const send = (afterMs: number): void => {
    world.inFlight += 1;
    clock.schedule(afterMs, () => {
      world.inFlight -= 1;
      deliver();
    });
  };
  const isLate = random.next() < delayed;
  send(
    isLate ? random.next() * 5_000 : FRAME_LATENCY_MS.min + random.integer(FRAME_LATENCY_MS.spread),
  );
  if (random.next() < doubled) send(random.next() * 3_000);
}

/** Starts every process, and again whenever one has died; returns how often that was. */
function startAll(world: FleetWorld, random: Random): () => number {
  const { clock, faults } = world;
  let deaths = 0;
  const noteLiving = (): void => {
    const { reach, lives } = world;
    const isTrading = TRADING_BOXES.some((box) => lives.has(`${box}-worker`));
    reach.noteLiving('workers', isTrading, clock.nowMs());
    reach.noteLiving('dispatcher', lives.has('dispatcher'), clock.nowMs());
  };
  const keepAlive = (plan: ProcessPlan): void => {
    if (faults.boxesAway.has(plan.box) || faults.processesAway.has(plan.name)) {
      clock.schedule(500, () => keepAlive(plan));
      return;
    }
    const life = createLife({
      name: plan.name,
      clock: { ...clock, nowMs: () => clock.nowMs() + (faults.skewMs.get(plan.box) ?? 0) },
      random,
      diesAtPass: undefined,
      freezeShare: () => {
        if (random.next() < faults.deathShare) life.kill();
        return faults.freezeShare;
      },
      lateShare: () => faults.lateShare,
      onDeath: () => {
        deaths += 1;
        world.lives.delete(plan.name);
        noteLiving();
        clock.schedule(50 + random.next() * 2_500, () => keepAlive(plan));
      },
    });
    world.lives.set(plan.name, life);
    noteLiving();
    plan.start(partsOf(world, life, plan.box));
  };
  for (const plan of PROCESSES) keepAlive(plan);
  return () => deaths;
}

interface Course {
  readonly endMs: number;
  readonly markStepMs: number;
  /** When something happened last, by the monotonic clock. */
  readonly activity: { atMs: number };
  readonly watch: VenueWatch;
  readonly storms: Storms;
}

/** Quiet for so long, and nothing is under way any more that only a short timer would tell of. */
const QUIET_MS = 60;
/** The fleet is at work: it is asked again whether it rests after this. */
const LOOK_MS = 20;
/** While something goes wrong the market looks so often. */
const STORM_STEP_MS = 1_000;
/** A step that is due sooner is waited for awake. */
const WAKE_MS = 6_000;

async function run(world: FleetWorld, course: Course): Promise<void> {
  const { clock, venue } = world;
  const { endMs, markStepMs, activity, watch, storms } = course;
  let nextTickMs = clock.nowMs();
  let lookAtMs = 0;
  let isCompared = false;
  for (;;) {
    await settle();
    const nowMs = clock.nowMs();
    if (watch.problems.length > 0 || nowMs >= endMs) return;
    if (nowMs >= nextTickMs) {
      venue.tick();
      watch.look(nowMs);
      nextTickMs += storms.isCalm() ? markStepMs : Math.min(markStepMs, STORM_STEP_MS);
      continue;
    }
    const monotonicMs = clock.monotonicMs();
    if (storms.isCalm() && monotonicMs >= lookAtMs && monotonicMs - activity.atMs >= QUIET_MS) {
      const restUntilMs = await findRest(world, nextTickMs);
      if (restUntilMs === undefined) {
        lookAtMs = monotonicMs + LOOK_MS;
        isCompared = false;
      } else {
        if (!isCompared) {
          watch.problems.push(
            ...compareBooks(venue.state, await readBooks(world.rows)),
            ...(await findSilentPauses(world.rows, nowMs)),
          );
        }
        isCompared = true;
        clock.rest(restUntilMs);
        while (clock.step(clock.nowMs())) await settle();
        continue;
      }
    }
    clock.step(nextTickMs);
  }
}

/** Returns until when nothing is due but looks and heartbeats; undefined while something is under way. */
async function findRest(world: FleetWorld, untilMs: number): Promise<number | undefined> {
  const { rows, clock } = world;
  if (world.inFlight > 0 || world.lives.size < PROCESSES.length) return undefined;
  const counts = await rows.steps.countByLane();
  if (counts.some(({ state }) => state === 'ready' || state === 'running')) return undefined;
  if ((await rows.steps.listSubmitted(1)).length > 0) return undefined;
  const streams = await rows.accountStreams.list();
  if (streams.length === 0 || streams.some(({ reason }) => reason !== undefined)) return undefined;
  const [next] = await rows.steps.listDelayed(1);
  const wakeMs = (next?.runAfterMs ?? Number.POSITIVE_INFINITY) - WAKE_MS;
  return wakeMs <= clock.nowMs() ? undefined : Math.min(untilMs, wakeMs);
}

/** Lets everything run that waits for nothing outside. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function report(
  world: FleetWorld,
  {
    trace,
    watch,
    storms,
    deaths,
  }: {
    readonly trace: TraceHash;
    readonly watch: VenueWatch;
    readonly storms: Storms;
    readonly deaths: number;
  },
): Promise<FleetReport> {
  const { venue, clock, seed } = world;
  const { problems } = watch;
  const { positionsOpened, positionsClosed, rungsFilled, requestsByAddress } =
    venue.state.statistics();
  return {
    seed,
    trace: trace.word(),
    problems,
    storms: storms.log,
    story: await tellStory(problems, { rows: world.rows, state: venue.state }),
    hours: (clock.nowMs() - START_MS) / 3_600_000,
    opened: positionsOpened,
    closed: positionsClosed,
    rungsFilled,
    orders: watch.orders(),
    requests: Object.values(requestsByAddress).reduce((sum, count) => sum + count, 0),
    deaths,
    exposures: watch.exposures,
    awakeMs: clock.monotonicMs(),
  };
}
