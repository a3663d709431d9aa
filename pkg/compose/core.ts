import { toError } from '#pkg/base';
import { createRedisWindowBudget, type WindowBudget } from '#pkg/budgets';
import type { Egress } from '#pkg/egress';
import { createEventRecorder, type EventRecorder } from '#pkg/events';
import { createRedisPriceBoard, type PriceBoard } from '#pkg/market-data';
import { createRedisSignals, type Signals } from '#pkg/queues';
import { connectRedis, type RedisConnection } from '#pkg/redis';
import { createSubmitter, type SubmitWorkflow } from '#pkg/steps';
import { openMysqlStore, type Store } from '#pkg/store';
import type { ProcessBase } from './process.ts';

/** First part of every Redis key of the fleet. */
export const REDIS_NAMESPACE = 'kraite';

const STORE_RETRY_MS = 250;
const STORE_CONNECTIONS = 12;

/** What every process has of hyperion: rows, signals, counts, prices. */
export interface Core extends AsyncDisposable {
  readonly store: Store;
  readonly redis: RedisConnection;
  readonly signals: Signals;
  readonly budget: WindowBudget;
  readonly prices: PriceBoard;
  readonly events: EventRecorder;
  readonly submit: SubmitWorkflow;
}

/** Returns the connections to the core; waits for a database that is still starting or being migrated. */
export async function openCore(base: ProcessBase): Promise<Core> {
  const { config, logger, clock, newId: makeId } = base;
  const store = await openStoreWhenUp(base);
  const name = config.processName;
  const redis = connectRedis({ url: config.redisUrl, name, logger, mode: 'command' });
  const signals = createRedisSignals({
    url: config.redisUrl,
    namespace: REDIS_NAMESPACE,
    name,
    logger,
  });
  return {
    store,
    redis,
    signals,
    budget: createRedisWindowBudget({ redis, clock, logger }),
    prices: createRedisPriceBoard({ redis }),
    events: createEventRecorder({ events: store.events, signals, clock, logger, box: config.box }),
    submit: createSubmitter({ steps: store.steps, signals, clock, makeId, logger }),
    [Symbol.asyncDispose]: async () => {
      await signals[Symbol.asyncDispose]();
      redis.disconnect();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** Returns the egress identity of this process. Throws when the plan gave it none. */
export function requireEgress(base: ProcessBase): Egress {
  const { box, egressAddress, bindAddress } = base.config;
  if (egressAddress === undefined) {
    throw new Error(`KRAITE_EGRESS_ADDRESS is not set: ${box} may not call the venue without one`);
  }
  return { box, egressAddress, bindAddress };
}

async function openStoreWhenUp(base: ProcessBase): Promise<Store> {
  const { config, logger, clock, signal } = base;
  let isSaid = false;
  for (;;) {
    try {
      return await openMysqlStore({
        url: config.mysqlUrl,
        logger,
        clock,
        connectionLimit: STORE_CONNECTIONS,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      if (!isSaid) logger.warn({ err: toError(error) }, 'waiting for the database');
      isSaid = true;
      await clock.sleep(STORE_RETRY_MS, signal);
    }
  }
}
