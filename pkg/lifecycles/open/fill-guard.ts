import { toError, type Clock } from '#pkg/base';
import {
  planPrices,
  type Order,
  type Position,
  type PositionId,
  type TradedSymbol,
} from '#pkg/domain';
import { ORDER_RECV_WINDOW_MS, VENUE_CLOCK_BOUND_MS, type VenueOrder } from '#pkg/exchange';
import type { Logger } from '#pkg/observability';

import type { LifecycleDependencies } from '../dependencies.ts';
import { intentOf, referenceOf } from '../send/order-words.ts';

/** An entry that this process is about to sign, and the stop that was committed with it. */
export interface GuardedEntry {
  readonly position: Position;
  readonly traded: TradedSymbol;
  readonly entry: Order;
  readonly stop: Order;
  /** Of the step that sends the entry. */
  readonly logger: Logger;
}

/**
 * Stands between a fill and its stop while the database is away.
 *
 * The step that places the stop needs the rows. When they are away just after an entry was signed, nobody else knows
 * of the exposure, so the process that signed it asks the venue for the fill and sends the committed stop, under the
 * id of its row. Once the rows are back the step sends the same id: the venue answers that it holds it, and it is adopted.
 *
 * It never acts while the database answers: then the engine owns the stop. It sends nothing but that stop. What it cannot
 * cover: this process dying together with the database.
 */
export interface FillGuard {
  /** From here on this process answers for the stop of `guarded`, until the venue is known to have it. */
  watch(guarded: GuardedEntry): void;
  /** The stop stands, or there is nothing to protect. */
  release(positionId: PositionId): void;
}

/** In an undisturbed opening the stop stands by then, and the database is never asked. */
const FIRST_LOOK_MS = 500;
const LOOK_AGAIN_MS = 150;
/** A database that does not answer within this is away. */
const STORE_ANSWER_MS = 300;
/** One stop request may be signed for this long. */
const SIGNING_MS = 1_000;
/**
 * A stop that the guard sends may arrive this long after the database answered somebody else: what it asks for before, its
 * signature's life, and the clocks.
 */
export const GUARD_REACH_MS =
  STORE_ANSWER_MS + 2 * SIGNING_MS + ORDER_RECV_WINDOW_MS + VENUE_CLOCK_BOUND_MS;
/** After this a process says what it could not do; the rows are the only ones left to help. */
const GUARD_MS_MAX = 120_000;

type GuardDependencies = Pick<LifecycleDependencies, 'store' | 'exchange' | 'clock'>;

/** Returns the guard of one process. */
export function createFillGuard(dependencies: GuardDependencies): FillGuard {
  const { clock } = dependencies;
  const watched = new Map<PositionId, GuardedEntry>();

  const lookLater = (guarded: GuardedEntry, startedMs: number, delayMs: number): void => {
    clock.schedule(delayMs, () => {
      if (watched.get(guarded.position.id) === guarded) void look(guarded, startedMs);
    });
  };

  const look = async (guarded: GuardedEntry, startedMs: number): Promise<void> => {
    const positionId = guarded.position.id;
    let isDone = false;
    try {
      isDone = await protect(dependencies, guarded);
    } catch (error) {
      guarded.logger.warn(
        { err: toError(error), positionId },
        'the stop of a fill could not be sent without the database',
      );
    }
    const isOverdue = clock.monotonicMs() - startedMs > GUARD_MS_MAX;
    if (isDone || isOverdue) watched.delete(positionId);
    else lookLater(guarded, startedMs, LOOK_AGAIN_MS);
  };

  return {
    watch: (guarded) => {
      const { id } = guarded.position;
      if (watched.has(id)) return;
      watched.set(id, guarded);
      lookLater(guarded, clock.monotonicMs(), FIRST_LOOK_MS);
    },
    release: (positionId) => {
      watched.delete(positionId);
    },
  };
}

/** Returns true when there is nothing left to guard. */
async function protect(dependencies: GuardDependencies, guarded: GuardedEntry): Promise<boolean> {
  const { store, exchange, clock } = dependencies;
  const { position, entry, stop, logger } = guarded;
  const row = await withinAnswer(dependencies, () => store.orders.find(stop.id));
  if (row !== 'away') return row?.status !== 'planned' && row?.status !== 'unknown';

  using asking = boundOf(clock);
  const filled = await exchange.findOrder(entry.accountId, referenceOf(entry), asking.signal);
  if (filled === undefined || filled.filledQuantity.isZero()) return false;
  const price = stopPriceOf(guarded, filled);
  // A bound of its own: an answer that came late must not cost the stop its time.
  using sending = boundOf(clock);
  const { signal } = sending;
  const signableUntilMs =
    Math.floor(clock.nowMs() + (await exchange.readClockOffsetMs(signal))) + SIGNING_MS;
  const placement = await exchange.placeOrder(
    stop.accountId,
    intentOf({ ...stop, price }),
    { signableUntilMs, isOwned: () => true },
    signal,
  );
  const stands =
    placement.kind === 'accepted' ||
    (placement.kind === 'rejected' && placement.reason === 'DuplicateClientOrderId');
  logger.warn(
    {
      positionId: position.id,
      symbol: position.symbol,
      stopPrice: price?.toString(),
      outcome: placement.kind,
    },
    'sent the stop of a fill while the database was away',
  );
  return stands;
}

/** By the real fill where its price is known; the price that was committed with the entry is near it. */
function stopPriceOf({ position, traded, stop }: GuardedEntry, filled: VenueOrder): Order['price'] {
  const { averagePrice, filledQuantity } = filled;
  if (averagePrice === undefined || averagePrice.isZero()) return stop.price;
  const plan = planPrices(traded.rules, {
    direction: position.direction,
    settings: position.settings,
    entryPrice: averagePrice,
    entryQuantity: filledQuantity,
    markPrice: undefined,
  });
  return plan.kind === 'feasible' ? plan.prices.stopPrice : stop.price;
}

/** Resolves with the answer of the database, or with `away` when it fails or takes too long. */
async function withinAnswer<T>(
  { clock }: GuardDependencies,
  ask: () => Promise<T>,
): Promise<T | 'away'> {
  return Promise.race([
    ask().catch((): 'away' => 'away'),
    clock.sleep(STORE_ANSWER_MS).then((): 'away' => 'away'),
  ]);
}

/** Aborts what waits for the venue, so that the next look is not late. */
function boundOf(clock: Clock): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const cancel = clock.schedule(SIGNING_MS, () => {
    controller.abort();
  });
  return { signal: controller.signal, [Symbol.dispose]: cancel };
}
