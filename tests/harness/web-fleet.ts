import { createManualClock, createSystemClock, createSystemRandom, type Clock } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import {
  DEFAULT_ACCOUNT_SETTINGS,
  id,
  price,
  quantity,
  type AccountId,
  type ClientOrderId,
  type Direction,
  type Order,
  type OrderId,
  type PositionId,
  type SymbolName,
  type VenueOrderId,
} from '#pkg/domain';
import { planFleet, type FleetPlan } from '#pkg/fleet-spec';
import { createMemoryPriceBoard, type PriceBoard } from '#pkg/market-data';
import { createSilentLogger } from '#pkg/observability';
import { createMemorySignals, type Signals } from '#pkg/queues';
import { createMemoryStore, type NewOrder, type Store } from '#pkg/store';
import type { WebDependencies, WebOptions } from '#pkg/web';
import { fleetOf, SAMPLE } from './sample-fleet.ts';

/** What the sites need, in memory, over the sample fleet. */
export interface WebFleet {
  readonly dependencies: WebDependencies;
  readonly store: Store;
  readonly prices: PriceBoard;
  readonly signals: Signals;
  readonly plan: FleetPlan;
  readonly clock: Clock;
}

export const WEB_HOSTS: WebOptions['hosts'] = {
  admin: 'admin.localhost',
  public: 'localhost',
  docs: 'syntax.localhost',
};

export function createWebFleet(clock: Clock = createManualClock()): WebFleet {
  const { spec, metadata } = fleetOf(SAMPLE);
  const plan = planFleet(spec, { fleet: metadata.name });
  const store = createMemoryStore({ clock });
  const prices = createMemoryPriceBoard();
  const signals = createMemorySignals();
  return {
    store,
    prices,
    signals,
    plan,
    clock,
    dependencies: {
      store,
      prices,
      signals,
      clock,
      budgets: createMemoryWindowBudget(),
      readFleet: () => ({ spec, plan }),
      random: createSystemRandom(),
      logger: createSilentLogger(),
    },
  };
}

export function createRunningWebFleet(): WebFleet {
  return createWebFleet(createSystemClock());
}

/** Writes a heartbeat for each box that runs processes, with `busy` slots of each lane taken. */
export async function beatAllBoxes(fleet: WebFleet, busy = 0): Promise<void> {
  for (const box of fleet.plan.boxes.filter(({ role }) => role !== 'core')) {
    const lanes = fleet.plan.workloads
      .filter((workload) => workload.box === box.name && workload.lane !== undefined)
      .map(({ lane, slots }) => ({
        lane: lane ?? '',
        slots: slots ?? 0,
        busy: Math.min(busy, slots ?? 0),
      }));
    await fleet.store.workers.beat(
      {
        workerId: `${box.name}-worker-1`,
        box: box.name,
        process: `${box.name}-worker`,
        pid: 1,
        version: '0.1.0',
        lanes,
        generation: 1,
        state: 'ready',
        reason: undefined,
      },
      60_000,
    );
  }
}

export async function saveAccount(fleet: WebFleet, name = 'main'): Promise<AccountId> {
  const account = await fleet.store.accounts.save({
    id: id<AccountId>(`account-${name}`),
    name,
    venue: 'binance',
    apiKey: 'key',
    sealedSecret: 'sealed',
    isTradingOn: true,
    settings: DEFAULT_ACCOUNT_SETTINGS,
    createdAtMs: fleet.clock.nowMs(),
  });
  return account.id;
}

export interface ShownPosition {
  readonly accountId: AccountId;
  readonly symbol: string;
  readonly direction: Direction;
  readonly entry: string;
  readonly mark: string;
  readonly slot: number;
  readonly rungsFilled?: number;
}

/** Opens a position with its stop, four rungs and its profit, as the opening steps leave it, and its mark price. */
export async function openPosition(fleet: WebFleet, shown: ShownPosition): Promise<PositionId> {
  const { store, clock, prices } = fleet;
  const { accountId, direction, slot } = shown;
  const symbol = id<SymbolName>(shown.symbol);
  const positionId = id<PositionId>(`position-${shown.symbol}-${direction}`);
  const nowMs = clock.nowMs();
  const sign = direction === 'long' ? 1 : -1;
  const entry = price(shown.entry);
  const at = (ratio: number) => price(entry.times(1 + sign * ratio).toDecimalPlaces(4));
  await store.positions.create({
    id: positionId,
    accountId,
    symbol,
    direction,
    slot,
    settings: DEFAULT_ACCOUNT_SETTINGS,
    createdAtMs: nowMs - 184_000,
  });
  await store.positions.advance(positionId, 'OpeningStarted', { nowMs });
  await store.positions.advance(positionId, 'Activated', {
    changes: {
      entryPrice: entry,
      entryQuantity: quantity('0.02'),
      quantity: quantity('0.02'),
      leverage: 20,
      stopPrice: at(-0.3565),
      profitPrice: at(0.0036),
      openedAtMs: nowMs - 180_000,
    },
    nowMs,
  });
  const order = (changes: Pick<NewOrder, 'purpose' | 'rungIndex' | 'price'>): NewOrder => ({
    id: id<OrderId>(`${positionId}-${changes.purpose}-${changes.rungIndex}`),
    positionId,
    accountId,
    symbol,
    direction,
    side: direction === 'long' ? 'BUY' : 'SELL',
    clientOrderId: id<ClientOrderId>(`${positionId}-${changes.purpose}-${changes.rungIndex}`),
    quantity: quantity('0.02'),
    replacesOrderId: undefined,
    createdAtMs: nowMs,
    ...changes,
  });
  const planned = [
    order({ purpose: 'stop', rungIndex: 0, price: at(-0.3565) }),
    order({ purpose: 'profit', rungIndex: 0, price: at(0.0036) }),
    ...[1, 2, 3, 4].map((index) =>
      order({ purpose: 'rung', rungIndex: index, price: at(-0.085 * index) }),
    ),
  ];
  await store.orders.plan(planned);
  for (const { id: orderId, purpose, rungIndex } of planned) {
    const isFilled = purpose === 'rung' && rungIndex <= (shown.rungsFilled ?? 0);
    await report(store, orderId, isFilled ? 'filled' : 'new', nowMs);
  }
  await prices.write([{ symbol, mark: shown.mark, atMs: nowMs }]);
  return positionId;
}

async function report(
  store: Store,
  orderId: OrderId,
  status: Extract<Order['status'], 'new' | 'filled'>,
  nowMs: number,
): Promise<void> {
  await store.orders.allowSigning(orderId, { signableUntilMs: nowMs, nowMs });
  await store.orders.applyReport(
    orderId,
    {
      status,
      venueOrderId: id<VenueOrderId>(`venue-${orderId}`),
      filledQuantity: quantity(status === 'filled' ? '0.02' : '0'),
      updatedAtMs: nowMs,
    },
    nowMs,
  );
}
