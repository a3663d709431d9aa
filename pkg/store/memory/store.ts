import type { Clock } from '#pkg/base';
import type { Store } from '../store.ts';
import { createMemoryAccountStreamStore } from './account-streams.ts';
import { createMemoryAccountStore } from './accounts.ts';
import { createMemoryCandleStore } from './candles.ts';
import { createMemoryEventStore } from './events.ts';
import { createMemoryFrameStore } from './frames.ts';
import { createMemoryLeaseStore } from './leases.ts';
import { createMemoryOrderStore } from './orders.ts';
import { createMemoryPositionStore } from './positions.ts';
import { createMemoryPriceStore } from './prices.ts';
import { createMemoryReadoutStore } from './readouts.ts';
import { createMemoryScheduleRunStore } from './schedule-runs.ts';
import { createMemorySettingStore } from './settings.ts';
import { createMemoryStepStore } from './step-store.ts';
import { createMemorySymbolStore } from './symbols.ts';
import { createMemoryUserStore } from './users.ts';
import { createMemoryWorkerStore } from './workers.ts';

/**
 * Returns a store that lives and dies with this process; `clock` stands for the database's own.
 *
 * `wholeStepsMax`: trees of more steps are handed to the engine in parts (64 by default).
 */
export function createMemoryStore({
  clock,
  ...options
}: {
  readonly clock: Clock;
  readonly wholeStepsMax?: number;
}): Store {
  const workers = createMemoryWorkerStore(clock);
  const positions = createMemoryPositionStore();
  const { isOpen, ...leases } = createMemoryLeaseStore(clock);
  return {
    steps: createMemoryStepStore(workers, isOpen, options),
    leases,
    workers,
    accounts: createMemoryAccountStore(),
    symbols: createMemorySymbolStore(),
    positions,
    orders: createMemoryOrderStore(positions),
    candles: createMemoryCandleStore(),
    readouts: createMemoryReadoutStore(),
    frames: createMemoryFrameStore(clock),
    prices: createMemoryPriceStore(),
    accountStreams: createMemoryAccountStreamStore(),
    events: createMemoryEventStore(isOpen),
    scheduleRuns: createMemoryScheduleRunStore(),
    settings: createMemorySettingStore(),
    users: createMemoryUserStore(),
    ping: () => Promise.resolve(),
    readIdentity: () => Promise.resolve('memory'),
    readServerStatus: () => Promise.resolve(new Map()),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
