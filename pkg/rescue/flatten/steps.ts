import { required } from '#pkg/base';
import { id, type Account, type AccountId, type Position } from '#pkg/domain';
import {
  cancelPosition,
  closeOptionsOf,
  closePosition,
  deferUntil,
  implementTradeStep,
  isOwnerGone,
} from '#pkg/lifecycles';
import type { StepContext, StepHandler } from '#pkg/steps';

import { adoptHolding, holdingOf } from '../adopt-holding.ts';
import type { RescueDependencies } from '../dependencies.ts';
import { describeOrder, describePair } from '../describe.ts';
import { isSamePair, readVenueBooks, type VenueBooks } from '../venue-books.ts';
import { flattenAccountStep, type Flattened } from './definitions.ts';

const LOOK_MS = 500;
/** What the venue still lists after this is told as left. */
const CANCEL_WAIT_MS_MAX = 60_000;
const FAILED_READ = 500;

/**
 * Asks for the end of every position that holds a slot and looks again until none does; then asks the venue what is left.
 *
 * It closes nothing itself: each position is taken to flat by the workflow that always does it, so that a close that runs
 * already is joined, and a lost reply is as harmless as ever.
 */
export function createFlattenHandler(dependencies: RescueDependencies): StepHandler {
  const { store, clock } = dependencies;
  return implementTradeStep(flattenAccountStep, async (context, { accountId, sinceMs }) => {
    const again = () => deferUntil(clock.nowMs() + LOOK_MS, 'AwaitingFill');
    const open = await store.positions.listOpen({ accountId: id<AccountId>(accountId) });
    for (const position of open) await submitEnd(context, position);
    if (open.length > 0) return again();
    const account = required(
      await store.accounts.find(id<AccountId>(accountId)),
      'The account of a workflow is never removed.',
    );
    const books = await readVenueBooks(dependencies, context, account);
    const positions = await endPositions(dependencies, context, { account, books, sinceMs });
    if (positions === 'going-on') return again();
    const orders = await endOrders(dependencies, context, { account, books, sinceMs });
    if (orders === 'going-on') return again();
    const response: Flattened = {
      kept: [...positions.kept, ...orders.kept],
      left: [...positions.left, ...orders.left],
    };
    return { kind: 'completed', response };
  });
}

/** An opening is cleaned up, whatever else holds a slot is closed; both once at a time. */
async function submitEnd(context: StepContext, position: Position): Promise<void> {
  const { status, id: positionId } = position;
  const isOpening = status === 'new' || status === 'opening' || status === 'canceling';
  const workflow = isOpening ? cancelPosition : closePosition;
  await context.submit(workflow, { positionId }, closeOptionsOf(position));
}

interface Asked {
  readonly account: Account;
  readonly books: VenueBooks;
  readonly sinceMs: number;
}

/** What the venue holds though no slot is taken: failed before, known to no row, or the user's own. */
async function endPositions(
  dependencies: RescueDependencies,
  context: StepContext,
  { account, books, sinceMs }: Asked,
): Promise<Flattened | 'going-on'> {
  const { store } = dependencies;
  const recent = await store.positions.list({ limit: FAILED_READ, accountId: account.id });
  const failed = recent.filter(({ status }) => status === 'failed');
  const result: Flattened = { kept: [], left: [] };
  let isGoingOn = false;
  for (const held of books.positions) {
    const what = `${describePair(held)} of ${held.quantity.toString()}`;
    const before = failed.find((position) => isSamePair(position, held));
    if (before !== undefined) {
      if (before.updatedAtMs < sinceMs) await submitEnd(context, before);
      if (before.updatedAtMs < sinceMs || !(await isOwnerGone({ store }, before))) isGoingOn = true;
      else result.left.push({ what, why: `closing it failed; kraite why ${before.id} tells how` });
      continue;
    }
    const holding = holdingOf(held, books);
    if (holding.positionId === undefined && account.settings.allowOtherPositions !== false) {
      result.kept.push({ what, why: 'nothing of ours: the account lets other positions be' });
      continue;
    }
    const adoption = await adoptHolding(dependencies, context, account, holding);
    if (adoption.kind === 'refused') result.left.push({ what, why: adoption.message });
    // The next look finds it holding a slot, and ends it.
    else isGoingOn = true;
  }
  return isGoingOn ? 'going-on' : result;
}

/** Working orders whose position is over, or that no row knows; others' only where the account says so. */
async function endOrders(
  { exchange, clock }: RescueDependencies,
  context: StepContext,
  { account, books, sinceMs }: Asked,
): Promise<Flattened | 'going-on'> {
  const result: Flattened = { kept: [], left: [] };
  const isTakingAll = account.settings.allowOtherOrders === false;
  if (!isTakingAll) {
    result.kept.push(
      ...books.others.map((order) => ({
        what: describeOrder(order),
        why: 'not ours: the account lets other orders be',
      })),
    );
  }
  const ending = [...books.own.map(({ order }) => order), ...(isTakingAll ? books.others : [])];
  if (ending.length === 0) return result;
  for (const { symbol, clientOrderId, isConditional } of ending) {
    const reference = { symbol, clientOrderId, isConditional };
    await exchange.cancelOrder(account.id, reference, context.signal);
  }
  if (clock.nowMs() - sinceMs < CANCEL_WAIT_MS_MAX) return 'going-on';
  const why = 'the venue still lists it, although its end was asked for';
  result.left.push(...ending.map((order) => ({ what: describeOrder(order), why })));
  return result;
}
