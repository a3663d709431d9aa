/**
 * The trade of one account on a fake venue: real handlers, memory store, manual clock, crashes on demand.
 */
import { assert, createIdMaker, createManualClock, createSeededRandom } from '#pkg/base';
import {
  DEFAULT_ACCOUNT_SETTINGS,
  id,
  type Account,
  type Direction,
  type Order,
  type Position,
  type PositionId,
} from '#pkg/domain';
import { createEventRecorder } from '#pkg/events';
import type { UserEvent } from '#pkg/exchange';
import { openPosition, storeUserFrame, syncOrders } from '#pkg/lifecycles';
import { createSilentLogger } from '#pkg/observability';
import type { Signals } from '#pkg/queues';
import { createMemoryStore } from '../../../pkg/store/memory/store.ts';
import { StoreUnavailableError, type Store } from '#pkg/store';
import type { StepHandler } from '#pkg/steps';
import { createTradeHandlers, KNOWN_STEPS } from '#pkg/trade';

import { believeStream } from './believe-stream.ts';
import { BRACKETS, BTC, BTC_SYMBOL } from './btc.ts';
import { createFakeIndicators, type FakeIndicators } from './fake-indicators.ts';
import { createFakeVenue } from './fake-venue.ts';
import type { FakeVenue } from './venue-acts.ts';
import { withCalmMarket } from './calm-market.ts';
import { measureBtc } from './measure-btc.ts';
import { CrashError, createStepRunner, type StepRunner } from './step-runner.ts';

export interface TradeBench {
  readonly venue: FakeVenue;
  readonly store: Store;
  readonly runner: StepRunner;
  readonly handlers: readonly StepHandler[];
  readonly clock: ReturnType<typeof createManualClock>;
  readonly account: Account;
  readonly indicators: FakeIndicators;
  /** Dies at the n-th call of a port from now on, just before or just after its effect. */
  crashAt(call: number, when: 'before' | 'after'): void;
  /** The database goes away at the n-th call of a port from now on, before or after its effect, for `forMs`. */
  loseStoreAt(call: number, when: 'before' | 'after', forMs: number): void;
  /** Calls of a port so far. */
  calls(): number;
  open(direction?: Direction, options?: { readonly forMs?: number }): Promise<Position>;
  position(positionId: PositionId): Promise<Position>;
  orders(positionId: PositionId): Promise<readonly Order[]>;
  /** Delivers what the user stream says, then runs everything that it asks for. */
  stream(options?: { readonly order?: 'as-sent' | 'reversed' }): Promise<void>;
  sync(): Promise<void>;
  eventKinds(): Promise<readonly string[]>;
}

export async function createTradeBench(
  settings: Partial<Account['settings']> = {},
  { backtests = 'heeded' }: { readonly backtests?: 'required' | 'heeded' } = {},
): Promise<TradeBench> {
  const clock = createManualClock();
  const random = createSeededRandom('trade');
  const makeId = createIdMaker(clock, random);
  const venue = createFakeVenue(clock);
  const indicators = createFakeIndicators(clock, venue.prices);
  const memory = withCalmMarket(createMemoryStore({ clock }), clock);
  let calls = 0;
  let crash: { readonly call: number; readonly when: 'before' | 'after' } | undefined;

  let loss:
    | { readonly call: number; readonly when: 'before' | 'after'; readonly forMs: number }
    | undefined;
  let isStoreAway = false;
  const loseStore = (mine: number, when: 'before' | 'after'): void => {
    if (loss?.call !== mine || loss.when !== when) return;
    isStoreAway = true;
    clock.schedule(loss.forMs, () => {
      isStoreAway = false;
    });
  };

  const guarded = <T extends object>(port: T, kind: 'store' | 'venue' = 'store'): T =>
    new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        // The one function of a port that answers at once.
        if (typeof value !== 'function' || name === 'clockOffsetMs') return value;
        return async (...args: unknown[]) => {
          calls += 1;
          const mine = calls;
          loseStore(mine, 'before');
          if (kind === 'store' && isStoreAway) throw new StoreUnavailableError({});
          if (crash?.call === mine && crash.when === 'before') throw new CrashError();
          const result: unknown = await Reflect.apply(value, target, args);
          loseStore(mine, 'after');
          if (kind === 'store' && isStoreAway) throw new StoreUnavailableError({});
          if (crash?.call === mine && crash.when === 'after') throw new CrashError();
          return result;
        };
      },
    });

  const runner = createStepRunner({ clock, handlers: () => handlers });
  const store: Store = {
    ...memory,
    steps: { ...memory.steps, findTree: (workflowId) => runner.findTree(workflowId) },
    positions: guarded(memory.positions),
    orders: guarded(memory.orders),
    accounts: guarded(memory.accounts),
    symbols: guarded(memory.symbols),
  };
  const handlers = createTradeHandlers({
    deliver: () => Promise.resolve({ kind: 'sent' }),
    backtests,
    store,
    exchange: guarded(venue.exchange, 'venue'),
    indicators: indicators.port,
    prices: venue.prices,
    clock,
    makeId,
    random,
    events: createEventRecorder({
      events: memory.events,
      signals: NO_SIGNALS,
      clock,
      logger: createSilentLogger(),
      box: 'bench',
    }),
    decodeUserFrame: (payload) => decodeEvent(payload),
  });

  const unlisted = handlers
    .map(({ definition: { name, version } }) => `${name}@${version}`)
    .filter((key) => !KNOWN_STEPS.has(key));
  assert(unlisted.length === 0, `pkg/trade/known-steps.ts lacks ${unlisted.join(', ')}`);

  await memory.symbols.saveVenueSymbols([BTC_SYMBOL], clock.nowMs());
  await memory.symbols.saveBrackets(new Map([[BTC, BRACKETS]]), clock.nowMs());
  const account = await memory.accounts.save({
    id: id('account'),
    name: 'main',
    venue: 'binance',
    apiKey: 'key',
    sealedSecret: 'sealed',
    isTradingOn: true,
    // No slots, so that nothing is opened but by the test.
    settings: { ...DEFAULT_ACCOUNT_SETTINGS, slots: { long: 0, short: 0 }, ...settings },
    createdAtMs: clock.nowMs(),
  });
  await memory.accounts.saveBalance(account.id, {
    balanceUsdt: '10000',
    availableUsdt: '9000',
    atMs: clock.nowMs(),
  });

  await believeStream(memory, account);
  await measureBtc(memory, clock.nowMs());

  const bench: TradeBench = {
    venue,
    store: memory,
    runner,
    handlers,
    clock,
    account,
    indicators,
    crashAt: (call, when) => {
      crash = { call: calls + call, when };
    },
    loseStoreAt: (call, when, forMs) => {
      loss = { call: calls + call, when, forMs };
    },
    calls: () => calls,
    open: async (direction = 'long', options) => {
      const created = await memory.positions.create({
        id: id<PositionId>(makeId()),
        accountId: account.id,
        symbol: BTC,
        direction,
        slot: 1,
        settings: account.settings,
        createdAtMs: clock.nowMs(),
      });
      if (created.kind === 'refused') throw new Error(created.reason);
      const { id: positionId } = created.position;
      await runner.submit(
        openPosition,
        { positionId, rungs: account.settings.multipliers.length },
        { dedupeKey: `open:${positionId}`, accountId: account.id, positionId },
      );
      await runner.settle(options);
      return bench.position(positionId);
    },
    position: async (positionId) => {
      const position = await memory.positions.find(positionId);
      if (position === undefined) throw new Error('no such position');
      return position;
    },
    orders: (positionId) => memory.orders.listByPosition(positionId),
    stream: async ({ order = 'as-sent' } = {}) => {
      const events = venue.drainEvents();
      for (const event of order === 'as-sent' ? events : events.toReversed()) {
        await storeUserFrame(
          { store: memory, submit: runner.submit, clock, makeId, decodeUserFrame: decodeEvent },
          { accountId: account.id, payload: encodeEvent(event) },
        );
      }
      await runner.settle();
    },
    sync: async () => {
      await runner.submit(syncOrders, undefined);
      await runner.settle();
    },
    eventKinds: async () => (await memory.events.listNewest(1_000)).map((event) => event.kind),
  };
  return bench;
}

/** Frames carry plain values on their way; the real adapter decodes the venue's own text. */
const encoded = new Map<string, UserEvent>();

export function encodeEvent(event: UserEvent): string {
  const payload = JSON.stringify(event);
  encoded.set(payload, event);
  return payload;
}

export function decodeEvent(payload: string): UserEvent {
  const event = encoded.get(payload);
  if (event === undefined) throw new Error('an unknown frame');
  return event;
}

const NO_SIGNALS: Signals = {
  publish: async () => undefined,
  subscribe: async () => async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};
