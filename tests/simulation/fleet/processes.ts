/** The processes of a simulated fleet, put together as `pkg/compose` does it, over ports that may fail. */
import { createIdMaker, createSeededRandom, type IdMaker, type Random } from '#pkg/base';
import { id, type BoxName } from '#pkg/domain';
import { createEventRecorder, type EventRecorder } from '#pkg/events';
import { decodeUserFrame, type Exchange } from '#pkg/exchange';
import { listHolds } from '#pkg/holds';
import { createScheduler } from '#pkg/schedule';
import {
  createDispatcher,
  createStandbyCaretaker,
  createStepWorker,
  createSubmitter,
  type LaneSlots,
  type SubmitWorkflow,
} from '#pkg/steps';
import type { Store } from '#pkg/store';
import { createTradeHandlers, TIMETABLE } from '#pkg/trade';

import { createExchangeOver } from '../../../pkg/exchange/binance/binance-exchange.ts';
import { createFaultyPort, withDeadlocks } from '../engine/faulty-port.ts';
import type { Life } from '../engine/life.ts';
import { BOXES, keysOf, TRADING_BOXES, type Box, type FleetWorld } from './fleet-world.ts';
import { createSeededIndicators } from './seeded-indicators.ts';
import { startMarketStream, startUserStreams } from './stream-processes.ts';
import { createVenueWire } from './venue-wire.ts';

/** What one process has of the world. */
export interface ProcessParts {
  readonly life: Life;
  readonly world: FleetWorld;
  readonly clock: Life['clock'];
  readonly random: Random;
  readonly makeId: IdMaker;
  /** Unique among all processes that ever ran. */
  readonly holder: string;
  readonly store: Store;
  readonly queues: ReturnType<FleetWorld['queues']['connect']>;
  readonly signals: ReturnType<FleetWorld['queues']['connectSignals']>;
  readonly logger: ReturnType<FleetWorld['logOf']>;
  readonly submit: SubmitWorkflow;
  readonly events: EventRecorder;
}

export interface ProcessPlan {
  readonly name: string;
  readonly box: Box;
  readonly start: (parts: ProcessParts) => void;
}

const TRADING_LANES: readonly LaneSlots[] = [
  { lane: 'positions', slots: 5 },
  { lane: 'orders', slots: 8 },
  { lane: 'priority', slots: 3 },
  { lane: 'own', slots: 1 },
];
const ATHENA_LANES: readonly LaneSlots[] = [
  { lane: 'user-data-stream', slots: 5 },
  { lane: 'own', slots: 1 },
];
const TYCHE_LANES: readonly LaneSlots[] = [
  { lane: 'indicators', slots: 10 },
  { lane: 'cronjobs', slots: 3 },
  { lane: 'own', slots: 1 },
];

/** Every process of the sample fleet but the sites. */
export const PROCESSES: readonly ProcessPlan[] = [
  { name: 'dispatcher', box: 'athena', start: startDispatcher },
  { name: 'scheduler', box: 'athena', start: startScheduler },
  { name: 'market-stream', box: 'athena', start: startMarketStream },
  {
    name: 'user-stream',
    box: 'athena',
    start: (parts) => startUserStreams(parts, openExchange(parts, 'athena')),
  },
  workerPlan('athena', ATHENA_LANES),
  ...TRADING_BOXES.map((box) => workerPlan(box, TRADING_LANES)),
  workerPlan('tyche', TYCHE_LANES),
];

/** Returns the world as a process that begins its life now reaches it. */
export function partsOf(world: FleetWorld, life: Life, box: Box): ProcessParts {
  const bornMs = world.clock.nowMs();
  const random = createSeededRandom(`${world.seed}/${life.name}/${bornMs}`);
  const makeId = createIdMaker(life.clock, random);
  const store = storeOf(world, life);
  const signals = world.queues.connectSignals(life);
  const logger = world.logOf(life.name);
  const { clock } = life;
  return {
    life,
    world,
    clock,
    random,
    makeId,
    holder: `${life.name}-${makeId()}`,
    store,
    queues: world.queues.connect(life),
    signals,
    logger,
    submit: createSubmitter({ steps: store.steps, signals, clock, makeId, logger }),
    events: createEventRecorder({ events: store.events, signals, clock, logger, box }),
  };
}

/** Every port of the store: each call takes its time, and may fail before or after it took effect. */
function storeOf(world: FleetWorld, life: Life): Store {
  const { random, rows, faults } = world;
  const process = {
    life,
    random,
    faults: () => (faults.isStoreAway ? { refused: 1, lost: 0 } : faults.port),
  };
  const ports = Object.entries({
    ...rows,
    steps: withDeadlocks(rows.steps, random, () => faults.deadlockShare),
  }).map(([name, port]) => [
    name,
    typeof port === 'object' ? createFaultyPort(port, process) : port,
  ]);
  return Object.fromEntries(ports) as Store;
}

function openExchange({ world, life, clock, logger }: ProcessParts, box: Box): Exchange {
  const egressAddress = BOXES[box];
  const wire = createVenueWire(world, life, egressAddress);
  return createExchangeOver(
    { venue: wire, wallet: wire },
    {
      egress: { box, egressAddress, bindAddress: undefined },
      credentialsOf: async (accountId) => keysOf(accountId),
      budget: world.budget,
      clock,
      logger,
    },
  );
}

function workerPlan(box: Box, lanes: readonly LaneSlots[]): ProcessPlan {
  return {
    name: `${box}-worker`,
    box,
    start: (parts) => {
      const { world, life, holder, store, queues, signals, clock, logger } = parts;
      const handlers = createTradeHandlers({
        deliver: () => Promise.resolve({ kind: 'sent' }),
        ...parts,
        exchange: openExchange(parts, box),
        indicators: createSeededIndicators(world),
        backtests: 'heeded',
        // Seeded readings follow no candles.
        readOwn: async () => ({ candles: [], readings: [] }),
        prices: createFaultyPort(world.board, {
          life,
          random: world.random,
          faults: () => ({ refused: world.faults.isQueueAway ? 1 : 0, lost: 0 }),
        }),
        decodeUserFrame,
      });
      const worker = createStepWorker(
        {
          ...parts,
          handlers,
          box: id<BoxName>(box),
          workerId: holder,
          process: { name: life.name, pid: 1, version: '0' },
          gate: () => undefined,
        },
        { generation: 1, isDraining: false, lanes },
      );
      void worker.start();
      createStandbyCaretaker({ store, queues, signals, clock, logger, holder });
    },
  };
}

function startDispatcher(parts: ProcessParts): void {
  const { store, clock } = parts;
  createDispatcher({
    ...parts,
    gate: () => listHolds(store.settings, clock.nowMs()),
  });
}

function startScheduler(parts: ProcessParts): void {
  createScheduler({ ...parts, entries: TIMETABLE });
}
