import type { WindowBudget } from '#pkg/budgets';
import type { Clock } from '#pkg/base';
import type { PriceBoard } from '#pkg/market-data';
import type { Logger } from '#pkg/observability';
import type { QueueTrouble, Signals } from '#pkg/queues';
import type { Store } from '#pkg/store';

/** What a command or the screen reads of a fleet: rows, prices, budgets and the call that something changed. */
export interface FleetReader extends AsyncDisposable {
  readonly store: Store;
  readonly signals: Signals;
  readonly budgets: WindowBudget;
  readonly prices: PriceBoard;
  /** What keeps ready steps from their lanes now; never rejects. */
  readonly queueTrouble: () => Promise<QueueTrouble>;
}

export interface FleetAddress {
  readonly mysqlUrl: string;
  readonly redisUrl: string;
}

export interface ReaderDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One fleet has its private Redis, so all fleets use the same first part of keys. */
const SIGNAL_NAMESPACE = 'kraite';

/** Loads the adapters while there is something else to wait for. */
export function preloadReader(): void {
  // A failure comes again, and is handled, when they are needed.
  loadAdapters().catch(() => undefined);
}

/** Loaded late, because most verbs read nothing and start in a fraction of the time. */
function loadAdapters() {
  return Promise.all([
    import('#pkg/store'),
    import('#pkg/queues'),
    import('#pkg/budgets'),
    import('#pkg/market-data'),
    import('#pkg/redis'),
    import('#pkg/accounts'),
  ]);
}

/** Opens a way to the fleet's rows and signals. Throws StoreUnavailableError when the database does not answer. */
export async function openFleetReader(
  address: FleetAddress,
  dependencies: ReaderDependencies,
): Promise<FleetReader> {
  const { clock, logger } = dependencies;
  const [mysql, queues, budgets, marketData, connections] = await loadAdapters();
  const { mysqlUrl, redisUrl: url } = address;
  const store = await mysql.openMysqlStore({ url: mysqlUrl, clock, logger, connectionLimit: 4 });
  const name = 'kraite-reader';
  const redis = connections.connectRedis({ url, name, logger, mode: 'command' });
  const signals = queues.createRedisSignals({ url, namespace: SIGNAL_NAMESPACE, name, logger });
  return {
    store,
    signals,
    budgets: budgets.createRedisWindowBudget({ redis, clock, logger }),
    prices: marketData.createRedisPriceBoard({ redis }),
    queueTrouble: () => queues.findQueueTrouble(redis, SIGNAL_NAMESPACE),
    [Symbol.asyncDispose]: async () => {
      await signals[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      redis.disconnect();
    },
  };
}
