/** From a tick to the check of a position that it asks for: everything real, one process. */
import { createIdMaker, createSeededRandom, createSystemClock } from '#pkg/base';
import { DEFAULT_ACCOUNT_SETTINGS, id, price, quantity, type AccountId } from '#pkg/domain';
import { watchPositions } from '#pkg/lifecycles';
import { createRedisPriceBoard } from '#pkg/market-data';
import { createSilentLogger } from '#pkg/observability';
import { createRedisSignals } from '#pkg/queues';
import { connectRedis } from '#pkg/redis';
import { createSubmitter } from '#pkg/steps';
import { openMysqlStore, type Store } from '#pkg/store';
import {
  createConnectDoor,
  createMarkPriceStream,
  createMemoryConnectAllowance,
  openWebSocket,
} from '#pkg/streams';
import { raisePriority } from '../../pkg/compose/raise-priority.ts';
import { machineMicros, sentMicros, WARM_MARK } from './feeder.ts';
import { symbolName } from './frames.ts';

export interface DecideResult {
  /** Ms from the read of the tick's frame to its marks in hand. */
  readonly readToParsed: readonly number[];
  /** Ms from the read of the tick's frame to the check decided, waiting in the process to be written. */
  readonly readToDecided: readonly number[];
  /** Ms to the check on its way to the rows: written to the database's socket. */
  readonly readToHandedOn: readonly number[];
  /** Ms from there to its committed row. */
  readonly readToCommitted: readonly number[];
  /** Ms from the venue's send of the tick to the same. */
  readonly sentToCommitted: readonly number[];
  /** Ms of one small committed write to the same server, half a second after each tick: what the disk takes. */
  readonly bareCommit: readonly number[];
  readonly ticks: number;
}

const clock = createSystemClock();
const logger = createSilentLogger();
/** What the feeder sends before the first tick that counts. */
const WARM_SECONDS = 6;
/** Crossed before anything is counted: the first decision of a process compiles what the others run. */
const WARM_TICKS = 3;

export interface DecideOptions {
  readonly seconds: number;
  /** Positions whose price each tick crosses. */
  readonly perTick: number;
  readonly mysqlUrl: string;
  readonly redisUrl: string;
}

/** Watches `perTick` positions for each tick, of which each tick crosses its own, and times every check. */
export async function measureDecisions(url: string, options: DecideOptions): Promise<DecideResult> {
  const { seconds, perTick, mysqlUrl, redisUrl } = options;
  raisePriority(logger);
  const store = await openMysqlStore({ url: mysqlUrl, logger, clock, connectionLimit: 12 });
  const random = createSeededRandom('bench');
  const makeId = createIdMaker(clock, random);
  await seedPositions(store, { ticks: seconds + 10, perTick });
  const redis = connectRedis({ url: redisUrl, name: 'bench', logger, mode: 'command' });
  const signals = createRedisSignals({ url: redisUrl, namespace: 'bench', name: 'bench', logger });
  const submit = createSubmitter({ steps: store.steps, signals, clock, makeId, logger });
  const readToParsed: number[] = [];
  const readToDecided: number[] = [];
  const readToHandedOn: number[] = [];
  const readToCommitted: number[] = [];
  const sentToCommitted: number[] = [];
  const bareCommit: number[] = [];
  let sentAt = 0;
  let readAt = 0;
  let crossingTicks = 0;
  const isCounted = (): boolean => crossingTicks > WARM_TICKS;
  let ticks = 0;
  // Its order is gone when a fleet would be told of a check again.
  const told = new Set<string>();
  const watch = watchPositions({
    store: {
      orders: {
        listWorkingOfOpen: async () => {
          const orders = await store.orders.listWorkingOfOpen();
          return orders.filter((order) => !told.has(order.id));
        },
      },
    },
    submit,
    clock,
    logger,
    onCrossed: () => {
      if (isCounted()) readToDecided.push((machineMicros() - readAt) / 1_000);
    },
    onHandedOn: () => {
      if (isCounted()) readToHandedOn.push((machineMicros() - readAt) / 1_000);
    },
    onChecked: ({ orderId }) => {
      told.add(orderId);
      if (!isCounted()) return;
      const now = machineMicros();
      readToCommitted.push((now - readAt) / 1_000);
      sentToCommitted.push((now - sentAt) / 1_000);
    },
  });
  await watch.refresh();
  const commitOne = async (): Promise<void> => {
    const startedAt = machineMicros();
    await store.settings.set('bench', String(startedAt), clock.nowMs());
    bareCommit.push((machineMicros() - startedAt) / 1_000);
  };
  const allowance = createMemoryConnectAllowance({ clock }, { connectsMax: 10 });
  const stream = createMarkPriceStream(
    {
      clock,
      random,
      logger,
      openSocket: (socket) =>
        openWebSocket({
          ...socket,
          onFrame: (text) => {
            readAt = machineMicros();
            socket.onFrame(text);
          },
        }),
      door: createConnectDoor({ clock, random, allowance }),
      board: createRedisPriceBoard({ redis }),
      saveTicks: (fresh) => store.prices.save(fresh),
      onTicks: (fresh) => {
        sentAt = sentMicros(fresh[0]?.atMs ?? 0);
        ticks += 1;
        if (fresh[0]?.mark !== WARM_MARK) crossingTicks += 1;
        if (isCounted()) readToParsed.push((machineMicros() - readAt) / 1_000);
        watch.take(fresh);
        if (crossingTicks === 0) return;
        clock.schedule(500, () => void commitOne());
      },
    },
    { url, bindAddress: undefined },
  );
  await clock.sleep((seconds + WARM_SECONDS) * 1_000);
  await stream[Symbol.asyncDispose]();
  return {
    readToParsed,
    readToDecided,
    readToHandedOn,
    readToCommitted,
    sentToCommitted,
    bareCommit,
    ticks,
  };
}

/** A rung for each (tick, position): tick n has the price 9,000 − n, which only the rungs of n reach first. */
async function seedPositions(
  store: Store,
  { ticks, perTick }: { readonly ticks: number; readonly perTick: number },
): Promise<void> {
  for (let tick = 1; tick <= ticks; tick += 1) {
    const accountId = id<AccountId>(`bench-${tick}`);
    for (let slot = 1; slot <= perTick; slot += 1) {
      const position = {
        id: id<never>(`position-${tick}-${slot}`),
        accountId,
        symbol: id<never>(symbolName(slot * Math.floor(500 / perTick))),
        direction: 'long' as const,
        slot,
      };
      const settings = DEFAULT_ACCOUNT_SETTINGS;
      await store.positions.create({ ...position, settings, createdAtMs: tick });
      const orderId = id<never>(`order-${tick}-${slot}`);
      await store.orders.plan([
        {
          id: orderId,
          positionId: position.id,
          accountId,
          symbol: position.symbol,
          direction: 'long',
          purpose: 'rung',
          rungIndex: 1,
          side: 'BUY',
          clientOrderId: id<never>(`client-${tick}-${slot}`),
          price: price(9_000 - tick),
          quantity: quantity(1),
          replacesOrderId: undefined,
          createdAtMs: tick,
        },
      ]);
      await store.orders.allowSigning(orderId, { signableUntilMs: 1, nowMs: tick });
    }
  }
}
