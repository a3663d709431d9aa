import { required, unreachable } from '#pkg/base';
import { id, type Account, type AccountId } from '#pkg/domain';
import {
  cancelPosition,
  closeOptionsOf,
  closePosition,
  confirmFlat,
  deferUntil,
  flatOptionsOf,
  implementTradeStep,
  restoreOptionsOf,
  restoreOrders,
  syncOptionsOf,
  syncPosition,
} from '#pkg/lifecycles';
import type { StepContext, StepHandler } from '#pkg/steps';

import { adoptHolding, holdingOf } from '../adopt-holding.ts';
import type { RescueDependencies } from '../dependencies.ts';
import { readVenueBooks } from '../venue-books.ts';
import type { Comparison, Finding } from './compare-books.ts';
import { recoverAccountStep, surveyAccountStep, type Survey } from './definitions.ts';
import { surveyBooks } from './read-rows.ts';

/** A survey weighs 85 of 2,400 a minute, so it is not repeated more often. */
const SURVEY_EVERY_MS = 6_000;
/** Two flat readings and a close fit into it. */
const RECOVER_MS_MAX = 120_000;

export function createRecoverHandlers(dependencies: RescueDependencies): StepHandler[] {
  const { clock } = dependencies;
  return [
    implementTradeStep(surveyAccountStep, async (context, { accountId, isAdopting }) => {
      const account = await requireAccount(dependencies, accountId);
      const comparison = await surveyBooks(dependencies, context, { account, isAdopting });
      return { kind: 'completed', response: surveyOf(comparison) };
    }),
    implementTradeStep(recoverAccountStep, async (context, { accountId, isAdopting, sinceMs }) => {
      const account = await requireAccount(dependencies, accountId);
      const comparison = await surveyBooks(dependencies, context, { account, isAdopting });
      const isOver = clock.nowMs() - sinceMs > RECOVER_MS_MAX;
      // What a workflow works on is no difference yet, and may wait for a pause for as long as that stands.
      const isMended = comparison.findings.every(({ remedy }) => remedy === 'wait');
      if (isMended || isOver) {
        return { kind: 'completed', response: surveyOf(comparison) };
      }
      await mend(dependencies, context, account, comparison.findings);
      return deferUntil(clock.nowMs() + SURVEY_EVERY_MS, 'AwaitingConfirmation');
    }),
  ];
}

async function requireAccount({ store }: RescueDependencies, accountId: string): Promise<Account> {
  const account = await store.accounts.find(id<AccountId>(accountId));
  return required(account, 'The account of a workflow is never removed.');
}

function surveyOf({ findings, kept }: Comparison): Survey {
  return {
    findings: findings.map(({ remedy, what, deed, position, workflowId }) => ({
      ...{ remedy, what, deed },
      ...(position === undefined ? {} : { positionId: position.id }),
      ...(workflowId === undefined ? {} : { workflowId }),
    })),
    kept: [...kept],
  };
}

/** An order without a row may be the one that a restored position misses: such are ended when nothing else differs. */
async function mend(
  dependencies: RescueDependencies,
  context: StepContext,
  account: Account,
  findings: readonly Finding[],
): Promise<void> {
  const first = findings.filter(({ remedy }) => remedy !== 'cancel-order' && remedy !== 'wait');
  for (const finding of first) await apply(dependencies, context, account, finding);
  if (first.length > 0) return;
  for (const finding of findings) await apply(dependencies, context, account, finding);
}

async function apply(
  dependencies: RescueDependencies,
  context: StepContext,
  account: Account,
  { remedy, position, held, order }: Finding,
): Promise<void> {
  const { exchange, clock } = dependencies;
  const of = () => required(position, 'This remedy is of a position.');
  switch (remedy) {
    case 'adopt': {
      const books = await readVenueBooks(dependencies, context, account);
      const now = required(held, 'This remedy is of a holding.');
      await adoptHolding(dependencies, context, account, holdingOf(now, books, position));
      return;
    }
    case 'close':
      await context.submit(closePosition, { positionId: of().id }, closeOptionsOf(of()));
      return;
    case 'cleanup':
      await context.submit(cancelPosition, { positionId: of().id }, closeOptionsOf(of()));
      return;
    case 'confirm-flat': {
      const observed = { positionId: of().id, observedAtMs: clock.nowMs() };
      await context.submit(confirmFlat, observed, flatOptionsOf(of()));
      return;
    }
    case 'sync':
      await context.submit(syncPosition, { positionId: of().id }, syncOptionsOf(of()));
      return;
    case 'restore':
      await context.submit(restoreOrders, { positionId: of().id }, restoreOptionsOf(of()));
      return;
    case 'cancel-order': {
      const { symbol, clientOrderId, isConditional } = required(
        order,
        'This remedy is of an order.',
      );
      const reference = { symbol, clientOrderId, isConditional };
      await exchange.cancelOrder(account.id, reference, context.signal);
      if (position === undefined) return;
      await context.submit(restoreOrders, { positionId: position.id }, restoreOptionsOf(position));
      return;
    }
    case 'wait':
      return;
    default:
      unreachable(remedy);
  }
}
