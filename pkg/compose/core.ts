import { toError, type Reason } from '#pkg/base';
import { createRedisWindowBudget, type WindowBudget } from '#pkg/budgets';
import { watchEgressIdentity, type Egress, type EgressIdentity } from '#pkg/egress';
import { createEventRecorder, type EventRecorder } from '#pkg/events';
import { createRedisPriceBoard, type PriceBoard } from '#pkg/market-data';
import { createRedisSignals, type Signals } from '#pkg/queues';
import { connectRedis, type RedisConnection } from '#pkg/redis';
import { createSubmitter, type SubmitWorkflow } from '#pkg/steps';
import {
  describeStoreError,
  isRefusal,
  openMysqlStore,
  storeTrouble,
  type Store,
} from '#pkg/store';
import { KNOWN_STEPS } from '#pkg/trade';
import type { ProcessBase } from './process.ts';

/** First part of every Redis key of the fleet. */
export const REDIS_NAMESPACE = 'kraite';

const STORE_RETRY_MS = 250;
/** Logins that fail are counted by some servers, so they are tried less often. */
const REFUSED_RETRY_MS = 5_000;
const SAY_EVERY_MS = 60_000;
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
    submit: createSubmitter({
      steps: store.steps,
      signals,
      clock,
      makeId,
      logger,
      known: KNOWN_STEPS,
    }),
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

/** Returns what this process believes of its address, or undefined where nobody proves it (locally). */
export function watchIdentity(base: ProcessBase, egress: Egress): EgressIdentity | undefined {
  const { config, clock, logger } = base;
  const { egressFile } = config;
  return egressFile === undefined
    ? undefined
    : watchEgressIdentity({ egress, clock, logger }, egressFile);
}

/**
 * Tries until the database is up with the schema of this release, and says meanwhile on /readyz what it waits for.
 *
 * What a person must change is tried again too, because it may be changed meanwhile, but it is logged as an error and
 * repeated.
 */
async function openStoreWhenUp(base: ProcessBase): Promise<Store> {
  const { config, logger, clock, signal } = base;
  let said: { readonly reason: Reason; readonly atMs: number } | undefined;
  for (;;) {
    try {
      const store = await openMysqlStore({
        url: config.mysqlUrl,
        logger,
        clock,
        connectionLimit: STORE_CONNECTIONS,
        onGroup: (members) => base.metrics.observe('kraite_step_commit_group_size', {}, members),
        onError: (code) => base.metrics.increment('kraite_store_errors_total', { code }),
      });
      base.waitFor(undefined);
      return store;
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      const error = toError(thrown);
      const reason = storeTrouble(error);
      base.waitFor(reason);
      const nowMs = clock.monotonicMs();
      if (said?.reason !== reason || nowMs - said.atMs >= SAY_EVERY_MS) {
        said = { reason, atMs: nowMs };
        const fields = { err: error, reason, advice: describeStoreError(error) };
        if (isRefusal(error)) logger.error(fields, 'the database cannot be used');
        else logger.warn(fields, 'waiting for the database');
      }
      await clock.sleep(isRefusal(error) ? REFUSED_RETRY_MS : STORE_RETRY_MS, signal);
    }
  }
}
