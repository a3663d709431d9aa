import {
  draftOrder,
  id,
  orderIdOf,
  planPrices,
  clientOrderIdOf,
  type Account,
  type Order,
  type OrderOwner,
  type OrderSlot,
  type Position,
  type PositionId,
} from '#pkg/domain';
import type { VenueOrder, VenuePosition } from '#pkg/exchange';
import { adoptOrder } from '#pkg/lifecycles';
import type { StepContext } from '#pkg/steps';

import type { RescueDependencies } from './dependencies.ts';
import { describePair } from './describe.ts';
import { isSamePair, type OwnOrder, type VenueBooks } from './venue-books.ts';

/** What stands at the venue of a position that no row knows. */
export interface Holding {
  readonly held: VenuePosition;
  /** The position that our orders in the pair belong to, where its row is gone. */
  readonly positionId: PositionId | undefined;
  readonly orders: readonly OwnOrder[];
}

/** Returns a holding with those of our orders that tell which position it was. `known`: its row stands already, half written. */
export function holdingOf(held: VenuePosition, { own }: VenueBooks, known?: Position): Holding {
  const inPair = own.filter(({ order }) => isSamePair(order, held));
  const lost = inPair.filter(({ isLost }) => isLost);
  // The stop first: it stands from the first second of a position to its last.
  const stop = lost.find(({ slot }) => slot.purpose === 'stop') ?? lost[0];
  const positionId = known?.id ?? stop?.positionId;
  return { held, positionId, orders: inPair.filter((each) => each.positionId === positionId) };
}

/**
 * True for a position whose adoption was cut off: it has a slot and a filled entry, and no request of ours was ever signed for
 * that entry.
 */
export function isHalfAdopted({ status }: Position, orders: readonly Order[]): boolean {
  if (status !== 'new' && status !== 'opening') return false;
  const entry = orders.find(({ purpose }) => purpose === 'entry');
  return entry?.status === 'filled' && entry.signableUntilMs === undefined;
}

export type Adoption =
  | { readonly kind: 'adopted'; readonly position: Position }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * Writes the rows of a position that only the venue knows: itself, its entry, and each of its orders that the venue
 * still has or had. Safe to repeat; sends nothing.
 *
 * Ids follow from the orders at the venue, so every order finds its old row again. Settings are the account's of today.
 * An entry that the venue has forgotten is written as filled with what is held, at the venue's entry price.
 */
export async function adoptHolding(
  dependencies: RescueDependencies,
  context: StepContext,
  account: Account,
  holding: Holding,
): Promise<Adoption> {
  const { store, clock, makeId } = dependencies;
  const { held } = holding;
  const positionId = holding.positionId ?? id<PositionId>(makeId());
  const { symbol, direction } = held;
  const owner = { positionId, accountId: account.id, symbol, direction };
  const nowMs = clock.nowMs();
  // Orders before their position: once it has a slot, whoever ends it knows what to sell.
  await store.orders.plan([
    draftOrder(owner, ENTRY, { quantity: held.quantity, nowMs }),
    ...holding.orders.map(({ order, slot }) =>
      draftOrder(owner, slot, {
        price: order.price,
        quantity: order.isConditional ? undefined : order.quantity,
        nowMs,
      }),
    ),
  ]);
  await adoptEntry(dependencies, context, {
    owner,
    held,
    isOurs: holding.positionId !== undefined,
  });
  for (const { order, slot } of holding.orders) await adopt(dependencies, positionId, slot, order);
  if (holding.positionId !== undefined) {
    await adoptFilledRungs(dependencies, context, owner, account.settings.multipliers.length);
  }
  const position = await takeSlot(dependencies, account, owner);
  if (position === undefined) {
    return { kind: 'refused', message: 'another position of the rows has this symbol and side' };
  }
  await planExits(dependencies, position);
  await activate(dependencies, position, holding);
  return { kind: 'adopted', position };
}

const ENTRY: OrderSlot = { purpose: 'entry', rungIndex: 0, generation: 1 };
/** More slots than any account has (pkg/accounts allows 50). */
const SLOT_MAX = 200;

async function takeSlot(
  { store, clock }: RescueDependencies,
  { settings }: Account,
  { positionId, accountId, symbol, direction }: OrderOwner,
): Promise<Position | undefined> {
  const standing = await store.positions.find(positionId);
  if (standing !== undefined) return standing;
  for (let slot = 1; slot <= SLOT_MAX; slot += 1) {
    const created = await store.positions.create({
      ...{ id: positionId, accountId, symbol, direction, slot, settings },
      createdAtMs: clock.nowMs(),
    });
    if (created.kind === 'created') return created.position;
    if (created.reason === 'PairAlreadyHeld') return undefined;
  }
  return undefined;
}

async function adoptEntry(
  dependencies: RescueDependencies,
  context: StepContext,
  {
    owner,
    held,
    isOurs,
  }: { readonly owner: OrderOwner; readonly held: VenuePosition; readonly isOurs: boolean },
): Promise<void> {
  const { store, exchange, clock } = dependencies;
  const orderId = orderIdOf(owner.positionId, ENTRY);
  const found = isOurs
    ? await exchange.findOrder(
        owner.accountId,
        { symbol: held.symbol, clientOrderId: clientOrderIdOf(orderId), isConditional: false },
        context.signal,
      )
    : undefined;
  if (found !== undefined && found.filledQuantity.gt(0)) {
    await adopt(dependencies, owner.positionId, ENTRY, found);
    return;
  }
  const nowMs = clock.nowMs();
  await store.orders.applyReport(
    orderId,
    {
      status: 'filled',
      filledQuantity: held.quantity,
      averagePrice: held.entryPrice,
      updatedAtMs: nowMs,
    },
    nowMs,
  );
}

/** Rungs that filled before the rows were lost stand at the venue no longer, and are part of what is held. */
async function adoptFilledRungs(
  dependencies: RescueDependencies,
  context: StepContext,
  owner: OrderOwner,
  rungs: number,
): Promise<void> {
  const { store, exchange, clock } = dependencies;
  const { positionId, accountId, symbol } = owner;
  const known = new Set((await store.orders.listByPosition(positionId)).map((order) => order.id));
  for (let rungIndex = 1; rungIndex <= rungs; rungIndex += 1) {
    const slot: OrderSlot = { purpose: 'rung', rungIndex, generation: 1 };
    const orderId = orderIdOf(positionId, slot);
    if (known.has(orderId)) continue;
    const reference = { symbol, clientOrderId: clientOrderIdOf(orderId), isConditional: false };
    const found = await exchange.findOrder(accountId, reference, context.signal);
    if (found === undefined || found.filledQuantity.isZero()) continue;
    const terms = { price: found.price, quantity: found.quantity, nowMs: clock.nowMs() };
    await store.orders.plan([draftOrder(owner, slot, terms)]);
    await adopt(dependencies, positionId, slot, found);
  }
}

async function adopt(
  dependencies: RescueDependencies,
  positionId: PositionId,
  slot: OrderSlot,
  found: VenueOrder,
): Promise<void> {
  const row = await dependencies.store.orders.find(orderIdOf(positionId, slot));
  if (row !== undefined) await adoptOrder(dependencies, row, found);
}

/** Plans the stop and the profit order of a position that has none; who restores orders sends them. No ladder: it would add. */
async function planExits({ store, clock }: RescueDependencies, position: Position): Promise<void> {
  const rows = await store.orders.listByPosition(position.id);
  const entry = rows.find(({ purpose }) => purpose === 'entry');
  const traded = await store.symbols.find(position.symbol);
  if (entry?.averagePrice === undefined || traded === undefined) return;
  const plan = planPrices(traded.rules, {
    direction: position.direction,
    settings: position.settings,
    entryPrice: entry.averagePrice,
    entryQuantity: entry.filledQuantity,
    markPrice: undefined,
  });
  if (plan.kind === 'infeasible') return;
  const owner = { ...position, positionId: position.id };
  const missing = (['stop', 'profit'] as const).filter(
    (purpose) => !rows.some((order) => order.purpose === purpose),
  );
  await store.orders.plan(
    missing.map((purpose) =>
      draftOrder(
        owner,
        { purpose, rungIndex: 0, generation: 1 },
        purpose === 'stop'
          ? { price: plan.prices.stopPrice, nowMs: clock.nowMs() }
          : {
              price: plan.prices.profitPrice,
              quantity: entry.filledQuantity,
              nowMs: clock.nowMs(),
            },
      ),
    ),
  );
}

async function activate(
  { store, clock, events }: RescueDependencies,
  position: Position,
  { held, orders }: Holding,
): Promise<void> {
  const nowMs = clock.nowMs();
  const rows = await store.orders.listByPosition(position.id);
  const entry = rows.find(({ purpose }) => purpose === 'entry');
  const priceOf = (purpose: OrderSlot['purpose']) =>
    orders.find(({ slot }) => slot.purpose === purpose)?.order.price;
  const stopPrice = priceOf('stop');
  const profitPrice = priceOf('profit');
  const changes = {
    entryPrice: entry?.averagePrice ?? held.entryPrice,
    entryQuantity: entry?.filledQuantity ?? held.quantity,
    quantity: held.quantity,
    breakEvenPrice: held.breakEvenPrice,
    openedAtMs: entry?.venueUpdatedAtMs ?? nowMs,
    ...(stopPrice === undefined ? {} : { stopPrice }),
    ...(profitPrice === undefined ? {} : { profitPrice }),
  };
  await store.positions.advance(position.id, 'OpeningStarted', { nowMs });
  const moved = await store.positions.advance(position.id, 'Activated', { changes, nowMs });
  if (moved.kind === 'refused') return;
  await events.record({
    kind: 'PositionAdopted',
    accountId: position.accountId,
    positionId: position.id,
    symbol: position.symbol,
    message: `${describePair(held)} of ${held.quantity.toString()} stood at the venue and in no row; its rows are written.`,
  });
}
