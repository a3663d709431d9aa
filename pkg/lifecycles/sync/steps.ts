import {
  decideReaction,
  id,
  isTerminalOrderStatus,
  quantity,
  type AccountId,
  type Order,
  type Position,
  type Reaction,
} from '#pkg/domain';
import {
  planStep,
  type PlannedStep,
  type StepContext,
  type StepHandler,
  type StepOutcome,
} from '#pkg/steps';

import { cancelPosition, closeOptionsOf, closePosition } from '../close/workflow.ts';
import type { LifecycleDependencies } from '../dependencies.ts';
import { confirmFlat, flatOptionsOf } from '../flat/definitions.ts';
import { currentOrders, holdPosition, isOwnerGone, readHolding } from '../holding.ts';
import { submitReaction } from '../react/submit-reaction.ts';
import { restoreOptionsOf, restoreOrders } from '../replace/definitions.ts';
import { adoptOrder, resolveOrder } from '../send/resolve-order.ts';
import { deferUntil, DONE, implementTradeStep, requirePosition, skip } from '../trade-step.ts';
import { saveComparedAt } from './books-compared.ts';
import {
  noteCompared,
  planSync,
  syncOptionsOf,
  syncPosition,
  syncPositionStep,
} from './definitions.ts';
import { findSuspects } from './find-suspects.ts';

/** A transient position whose workflow ended is left alone this long, so that its last writes are seen. */
const STUCK_MS = 60_000;
/** Whoever holds a position in between needs some requests for it. */
const BUSY_RETRY_MS = 500;

export function createSyncHandlers(dependencies: LifecycleDependencies): StepHandler[] {
  return [
    createPlanSync(dependencies),
    createSyncPosition(dependencies),
    createNoteCompared(dependencies),
  ];
}

function createPlanSync({ store, clock }: LifecycleDependencies): StepHandler {
  return implementTradeStep(planSync, async (_context, { accountId, waits }) => {
    const atMs = clock.nowMs();
    const patience = waits === true ? { waits } : {};
    const sync = ({ id: positionId }: Position) =>
      planStep(syncPositionStep, { positionId, ...patience }, { index: 1 });
    if (accountId !== undefined) {
      const scope = { accountId: id<AccountId>(accountId) };
      const parts = (await store.positions.listOpen(scope)).map(sync);
      return { kind: 'expanded', children: [...parts, noteAfter(parts, { ...scope, atMs })] };
    }
    const { accounts, positions, isAll } = await findSuspects(store);
    const parts = [
      ...accounts.map((one) => planStep(planSync, { accountId: one, ...patience }, { index: 1 })),
      ...positions.map(sync),
    ];
    if (isAll) return { kind: 'expanded', children: [...parts, noteAfter(parts, { atMs })] };
    return parts.length === 0 ? DONE : { kind: 'expanded', children: parts };
  });
}

function noteAfter(
  parts: readonly unknown[],
  args: { readonly accountId?: AccountId; readonly atMs: number },
): PlannedStep {
  return planStep(noteCompared, args, { index: parts.length === 0 ? 1 : 2 });
}

function createNoteCompared(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock, onSlotFreed } = dependencies;
  return implementTradeStep(noteCompared, async (context, { accountId, atMs }) => {
    const account = accountId === undefined ? undefined : id<AccountId>(accountId);
    await saveComparedAt(store.settings, account, { atMs, nowMs: clock.nowMs() });
    // Whoever was refused because of it may look again.
    if (account !== undefined) await onSlotFreed(context, account);
    return DONE;
  });
}

function createSyncPosition(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock } = dependencies;
  return implementTradeStep(syncPositionStep, async (context, { positionId, waits }) => {
    const position = await requirePosition(store, positionId);
    const hold = await holdPosition(dependencies, context, position, 'syncing');
    if ((hold === 'busy' || hold === 'released') && waits === true) {
      return deferUntil(clock.nowMs() + BUSY_RETRY_MS, 'WaitsForPredecessor');
    }
    if (hold === 'released') {
      await context.submit(syncPosition, { positionId }, syncOptionsOf(position));
    }
    if (hold === 'busy' || hold === 'released') return skip('WaitsForPredecessor');
    if (hold === 'gone') return healStuck(dependencies, context, position);
    const findings = await mirrorOrders(dependencies, context, position);
    const isFlat = await mirrorQuantity(dependencies, context, position);
    await store.positions.advance(position.id, 'SyncFinished', { nowMs: clock.nowMs() });
    // Only now: what is asked for needs the position back in `active`.
    for (const { order, reaction } of findings) await submitReaction(context, order, reaction);
    if (isFlat) {
      const observedAtMs = clock.nowMs();
      await context.submit(confirmFlat, { positionId, observedAtMs }, flatOptionsOf(position));
    }
    const orders = currentOrders(await store.orders.listByPosition(position.id));
    const isProtected = orders.some(
      (order) => order.purpose === 'stop' && !isTerminalOrderStatus(order.status),
    );
    const isExiting = findings.some(({ reaction }) => reaction === 'ClosePosition');
    if (!isProtected && !isFlat && !isExiting) {
      await context.submit(restoreOrders, { positionId }, restoreOptionsOf(position));
    }
    return DONE;
  });
}

interface Finding {
  readonly order: Order;
  readonly reaction: Reaction;
}

/** Reads the venue's view of each order that is not over, and says what the differences ask for. */
async function mirrorOrders(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
): Promise<readonly Finding[]> {
  const { store, exchange } = dependencies;
  const { accountId, symbol } = position;
  const working = await exchange.readOpenOrders(accountId, { symbol }, context.signal);
  const findings: Finding[] = [];
  for (const before of currentOrders(await store.orders.listByPosition(position.id))) {
    const found = working.find((order) => order.clientOrderId === before.clientOrderId);
    let after = before;
    if (found !== undefined) after = await adoptOrder(dependencies, before, found);
    else if (!isTerminalOrderStatus(before.status) && before.status !== 'planned') {
      after = await readMissing(dependencies, context, before);
    }
    const reaction = decideReaction(before, after, 'active');
    // Syncing is what runs now; a partial fill needs no further one.
    if (reaction !== 'None' && reaction !== 'SyncQuantity')
      findings.push({ order: after, reaction });
  }
  return findings;
}

async function readMissing(
  dependencies: LifecycleDependencies,
  context: StepContext,
  before: Order,
): Promise<Order> {
  const { store, clock } = dependencies;
  const resolution = await resolveOrder(dependencies, context, before);
  if (resolution.kind === 'held') return resolution.order;
  if (resolution.kind === 'pending' || before.status === 'unknown') return before;
  // Neither working nor known any more: the venue forgets orders that were canceled without a fill.
  const applied = await store.orders.applyReport(
    before.id,
    {
      status: 'canceled',
      filledQuantity: before.filledQuantity,
      updatedAtMs: Math.max(clock.nowMs(), before.venueUpdatedAtMs ?? 0),
    },
    clock.nowMs(),
  );
  return applied?.after ?? before;
}

async function mirrorQuantity(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
): Promise<boolean> {
  const holding = await readHolding(dependencies, context, position);
  const { store, clock } = dependencies;
  if (holding === undefined) {
    await store.positions.update(position.id, { quantity: quantity(0) }, clock.nowMs());
    return true;
  }
  const breakEven = holding.breakEvenPrice.gt(0) ? { breakEvenPrice: holding.breakEvenPrice } : {};
  await store.positions.update(
    position.id,
    { quantity: holding.quantity, ...breakEven },
    clock.nowMs(),
  );
  return false;
}

/** A position that opens or ends, but whose workflow is over, would stay so for ever. */
async function healStuck(
  dependencies: LifecycleDependencies,
  context: StepContext,
  seen: Position,
): Promise<StepOutcome<null>> {
  const { store, clock } = dependencies;
  const position = (await store.positions.find(seen.id)) ?? seen;
  const isOld = clock.nowMs() - position.updatedAtMs > STUCK_MS;
  if (!isOld || !(await isOwnerGone(dependencies, position))) return skip('PositionNotOpen');
  const positionId = position.id;
  if (position.status === 'closing') {
    await context.submit(closePosition, { positionId }, closeOptionsOf(position));
  } else if (
    position.status === 'new' ||
    position.status === 'opening' ||
    position.status === 'canceling'
  ) {
    await context.submit(cancelPosition, { positionId }, closeOptionsOf(position));
  }
  return DONE;
}
