import { quantity, type Order, type Position, type PositionCloseReason } from '#pkg/domain';
import type { StepContext, StepHandler, StepOutcome } from '#pkg/steps';
import type { PositionChanges } from '#pkg/store';

import type { LifecycleDependencies } from '../dependencies.ts';
import { describe } from '../open/order-steps.ts';
import { deferUntil, DONE, implementTradeStep, requirePosition, skip } from '../trade-step.ts';
import { closeReasonOf, readClosingBooks, type ClosingBooks } from './books.ts';
import { proveFlat } from './definitions.ts';
import { reportExposure } from './report-exposure.ts';
import { coolAfterLargeMove } from './symbol-cooldown.ts';
import { flatten, isWindingDown, toOutcome } from './wind-down.ts';

const BOOKS_RETRY_MS = 500;
/** The venue's list of trades may lag this long behind a fill before the books are closed as they are. */
const BOOKS_WAIT_MS_MAX = 20_000;

/** The last step of every ending: nothing is held, nothing works, and the books are closed. */
export function createProveFlatHandler(dependencies: LifecycleDependencies): StepHandler {
  const { store } = dependencies;
  return implementTradeStep(proveFlat, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    if (!isWindingDown(position, context)) return skip('PositionNotOpen');
    const flat = await flatten(dependencies, context, position);
    if (flat.kind === 'stuck') return reportExposure(dependencies, position, flat.message);
    if (flat.kind === 'deferred') return toOutcome(flat);
    const orders = await store.orders.listByPosition(position.id);
    const isEntered = orders.some(
      (order) => order.purpose === 'entry' && order.filledQuantity.gt(0),
    );
    if (!isEntered) return finish(dependencies, context, position, orders, undefined);
    const books = await readClosingBooks(dependencies, context, position, orders);
    if (!books.isBalanced && isRecent(dependencies, orders)) {
      return deferUntil(dependencies.clock.nowMs() + BOOKS_RETRY_MS, 'AwaitingFill');
    }
    return finish(dependencies, context, position, orders, books);
  });
}

function isRecent({ clock }: LifecycleDependencies, orders: readonly Order[]): boolean {
  const newestMs = Math.max(...orders.map((order) => order.updatedAtMs));
  return clock.nowMs() - newestMs < BOOKS_WAIT_MS_MAX;
}

async function finish(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
  orders: readonly Order[],
  books: ClosingBooks | undefined,
): Promise<StepOutcome<null>> {
  const { store, clock, onSlotFreed, onBooked } = dependencies;
  const closeReason = closeReasonOf(position, orders, books?.forced);
  const changes: PositionChanges = {
    closedAtMs: clock.nowMs(),
    closePrice: books?.closePrice,
    realizedPnl: books?.realizedPnl,
    quantity: quantity(0),
    closeReason,
  };
  const isCooling =
    books?.closePrice !== undefined &&
    (await coolAfterLargeMove(store, {
      symbol: position.symbol,
      price: books.closePrice,
      nowMs: clock.nowMs(),
    }));
  const exits = orders.filter((order) => order.status === 'filled').map((order) => order.id);
  await store.orders.markFillHandled(exits, clock.nowMs());
  const moved = await store.positions.advance(position.id, 'ProvedFlat', {
    changes,
    nowMs: clock.nowMs(),
  });
  if (moved.kind === 'refused') return skip('PositionNotOpen');
  dependencies.metrics?.ended(closeReason);
  await announce(dependencies, position, closeReason, books);
  if (isCooling) await announceCooling(dependencies, position);
  await onSlotFreed(context, position.accountId);
  if (books !== undefined) await onBooked(context, position.accountId);
  return DONE;
}

async function announceCooling(
  { events }: LifecycleDependencies,
  { accountId, symbol }: Position,
): Promise<void> {
  await events.record({
    kind: 'SymbolCooling',
    accountId,
    symbol,
    reason: 'SymbolCooling',
    message: `${symbol} moved 15 % or more against its last day, and is left alone for 72 hours.`,
  });
}

const ENDINGS: Readonly<Record<PositionCloseReason, string>> = {
  ProfitFilled: 'closed in profit',
  StopFilled: 'was stopped out',
  ClosedAtVenue: 'was closed at the venue',
  Liquidated: 'was liquidated',
  Deleveraged: 'was closed to share out the loss of another (ADL)',
  Settled: 'was settled, because its symbol ends',
  ClosedByFleet: 'was closed by the fleet',
  OpeningFailed: 'could not be opened and was cleaned up',
};

async function announce(
  { events }: LifecycleDependencies,
  position: Position,
  closeReason: PositionCloseReason,
  books: ClosingBooks | undefined,
): Promise<void> {
  const result =
    books === undefined
      ? 'nothing had been bought or sold'
      : `${books.realizedPnl.toFixed(2)} USDT after fees`;
  await events.record({
    kind: position.status === 'canceling' ? 'PositionCanceled' : 'PositionClosed',
    accountId: position.accountId,
    positionId: position.id,
    symbol: position.symbol,
    ...(position.reason === undefined ? {} : { reason: position.reason }),
    message: `${describe(position)} ${ENDINGS[closeReason]}: ${result}.`,
  });
}
