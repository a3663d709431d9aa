/** One account whose orders are sent, moved and ended by the fleet's own code, run after run until they are. */
import { createIdMaker, createSeededRandom, type Clock, type Random } from '#pkg/base';
import {
  id,
  price,
  quantity,
  type AccountId,
  type Order,
  type OrderPurpose,
  type SymbolName,
} from '#pkg/domain';
import { ExchangeThrottledError, ExchangeUnreachableError, type Exchange } from '#pkg/exchange';
import { createSilentLogger } from '#pkg/observability';
import type { StepContext } from '#pkg/steps';
import type { Store } from '#pkg/store';

import { endOrder } from '../../../pkg/lifecycles/send/cancel-order.ts';
import { moveOrder } from '../../../pkg/lifecycles/send/move-order.ts';
import { sendOrder } from '../../../pkg/lifecycles/send/send-order.ts';
import type { VenueView } from './venue-view.ts';

export interface MutationLane {
  /** Takes a position, so that stops have something to close. Call it while nothing goes wrong. */
  begin(): Promise<void>;
  /** Makes one intent true; returns what is wrong with the world afterwards. */
  mutate(): Promise<readonly string[]>;
  /** The run that sends just now has died, or has lost its step. */
  loseRun(): void;
  readonly mutations: number;
}

const SYMBOL = id<SymbolName>('DOGEUSDT');
const UNREACHABLE_RETRY_MS = 750;
/** A dead worker's steps are ready again after this. */
const TAKEN_OVER_MS = 1_500;
const NOBODY = (): never => {
  throw new Error('a step of sending does nothing else');
};

type Deferred = { readonly kind: 'deferred'; readonly untilMs: number };

export function createMutationLane(
  parts: {
    readonly clock: Clock;
    readonly store: Store;
    readonly exchange: Exchange;
    readonly venue: VenueView;
    readonly random: Random;
    /** What orders are for, drawn evenly; a lost entry waits for half a minute before it is sent again. */
    readonly purposes: readonly OrderPurpose[];
  },
  accountId: AccountId,
): MutationLane {
  const { clock, store, exchange, venue, random, purposes } = parts;
  const makeId = createIdMaker(clock, createSeededRandom(`ids of ${accountId}`));
  const dependencies = { store, exchange, clock };
  let loseRun: () => void = () => undefined;
  let mutations = 0;

  /** Runs `step` as the engine would: again after each deferral, after each crash, by another run after a lost lease. */
  const runToEnd = async <Result extends { readonly kind: string }>(
    step: (context: StepContext) => Promise<Result>,
  ): Promise<Exclude<Result, Deferred>> => {
    for (;;) {
      const lost = Promise.withResolvers<undefined>();
      const owning = { isOwned: true };
      loseRun = () => {
        owning.isOwned = false;
        lost.resolve(undefined);
      };
      const run = step(createContext(clock, accountId, () => owning.isOwned));
      // A run that nobody waits for any more may fail as it likes.
      run.catch(() => undefined);
      try {
        const result = await Promise.race([run, lost.promise]);
        if (result === undefined) await clock.sleep(TAKEN_OVER_MS);
        else if (result.kind !== 'deferred') return result as Exclude<Result, Deferred>;
        else await clock.sleep((result as unknown as Deferred).untilMs - clock.nowMs());
      } catch (error) {
        await clock.sleep(waitOf(error, clock));
      } finally {
        owning.isOwned = false;
      }
    }
  };

  const plan = async (purpose: OrderPurpose): Promise<Order> => {
    const orderId = id<Order['id']>(makeId());
    await store.orders.plan([
      {
        id: orderId,
        positionId: id(`position-of-${orderId}`),
        accountId,
        symbol: SYMBOL,
        direction: 'long',
        purpose,
        rungIndex: 0,
        side: purpose === 'stop' ? 'SELL' : 'BUY',
        clientOrderId: id(`c-${orderId}`),
        price: purpose === 'entry' ? undefined : price(purpose === 'stop' ? '0.1' : '0.148'),
        quantity: purpose === 'stop' ? undefined : quantity(300),
        replacesOrderId: undefined,
        createdAtMs: clock.nowMs(),
      },
    ]);
    return requireRow(store, orderId);
  };

  return {
    get mutations() {
      return mutations;
    },
    loseRun: () => loseRun(),
    begin: async () => {
      await exchange.ensureHedgeMode(accountId, new AbortController().signal);
      const entry = await plan('entry');
      await runToEnd(async (context) =>
        sendOrder(dependencies, context, await requireRow(store, entry.id)),
      );
    },
    mutate: async () => {
      const purpose = purposes[random.integer(purposes.length)] ?? 'entry';
      const planned = await plan(purpose);
      const { clientOrderId } = planned;
      mutations += 1;
      const sent = await runToEnd(async (context) =>
        sendOrder(dependencies, context, await requireRow(store, planned.id)),
      );
      const accepted = venue.acceptedById().get(`${accountId} ${clientOrderId}`) ?? 0;
      if (sent.kind !== 'held')
        return [`${purpose} ${clientOrderId} was not sent: ${sent.message}`];
      if (accepted !== 1) return [`${purpose} ${clientOrderId}: ${accepted} orders at the venue`];
      if (purpose === 'entry') return [];
      const wrong: string[] = [];
      if (purpose === 'rung' && random.integer(2) === 0) {
        const target = { price: price('0.147'), quantity: quantity(320) };
        mutations += 1;
        const moved = await runToEnd(async (context) =>
          moveOrder(dependencies, context, await requireRow(store, planned.id), target),
        );
        const at = venue.priceOf(accountId, clientOrderId);
        const isThere = moved.kind === 'moved' && Number(at) === 0.147;
        const isOver = moved.kind === 'ended' && !venue.isWorking(accountId, clientOrderId);
        if (!isThere && !isOver) {
          wrong.push(`${clientOrderId} was to move, is ${moved.kind} and stands at ${at}`);
        }
      }
      mutations += 1;
      await runToEnd(async (context) =>
        endOrder(dependencies, context, await requireRow(store, planned.id)),
      );
      if (venue.isWorking(accountId, clientOrderId)) wrong.push(`${clientOrderId} still works`);
      return wrong;
    },
  };
}

async function requireRow(store: Store, orderId: Order['id']): Promise<Order> {
  const order = await store.orders.find(orderId);
  if (order === undefined) throw new Error('an order row is never removed');
  return order;
}

/** As `implementTradeStep` and the engine's retries do. */
function waitOf(error: unknown, clock: Clock): number {
  if (error instanceof ExchangeThrottledError) return Math.max(1, error.retryAtMs - clock.nowMs());
  if (error instanceof ExchangeUnreachableError) return UNREACHABLE_RETRY_MS;
  throw error;
}

function createContext(clock: Clock, accountId: AccountId, isOwned: () => boolean): StepContext {
  return {
    stepId: id('step'),
    workflowId: id('workflow'),
    accountId,
    positionId: undefined,
    attempt: 1,
    crashCount: 0,
    clock,
    logger: createSilentLogger(),
    signal: new AbortController().signal,
    isOwned,
    responseOf: () => undefined,
    responsesOf: () => [],
    submit: NOBODY,
    releaseKey: NOBODY,
  };
}
