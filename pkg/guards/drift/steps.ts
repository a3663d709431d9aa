import { id, type AccountId, type Position } from '#pkg/domain';
import {
  countAddresses,
  DONE,
  implementTradeStep,
  planTurn,
  syncOptionsOf,
  syncPosition,
  type Waiting,
} from '#pkg/lifecycles';
import { planStep, type StepContext, type StepHandler } from '#pkg/steps';

import { checkAccountDrift, planDriftChecks } from '../definitions.ts';
import type { GuardDependencies } from '../dependencies.ts';
import { readDrift, readLookedAt, saveDrift, saveLookedAt, type DriftRow } from './drift-rows.ts';
import { findDrift, isQuiet } from './find-drift.ts';

/**
 * What the venue takes for one look at an account: positionRisk of all symbols, then openOrders and openAlgoOrders of each
 * symbol held, which up to 40 symbols is less than asking for all. Source: the weights in the types of the
 * connector `@binance/derivatives-trading-usds-futures`.
 */
const WEIGHT_OF_ACCOUNT = 5;
const WEIGHT_OF_POSITION = 2;

/** Returns the code that compares quiet positions with the venue: heals in silence first, tells second. */
export function createDriftHandlers({ store, exchange, clock }: GuardDependencies): StepHandler[] {
  return [
    implementTradeStep(planDriftChecks, async () => {
      const [waiting, addresses] = await Promise.all([readWaiting(store), countAddresses(store)]);
      const chosen = planTurn(waiting, { addresses });
      if (chosen.length === 0) return DONE;
      // One after another: they share the row of what was found.
      const children = chosen.map((accountId, at) =>
        planStep(checkAccountDrift, { accountId }, { index: at + 1 }),
      );
      return { kind: 'expanded', children };
    }),
    implementTradeStep(checkAccountDrift, async (context, args) => {
      const accountId = id<AccountId>(args.accountId);
      const nowMs = clock.nowMs();
      const quiet = [];
      for (const position of await store.positions.listOpen({ accountId })) {
        const orders = await store.orders.listByPosition(position.id);
        if (isQuiet(position, orders, nowMs)) quiet.push({ position, orders });
      }
      const before = await readDrift(store.settings);
      const others = before.filter((row) => row.accountId !== args.accountId);
      const found: DriftRow[] = [];
      if (quiet.length > 0) {
        const venue = await readVenue(exchange, context, accountId, quiet);
        for (const { position, orders } of quiet) {
          const drift = findDrift(position, orders, venue);
          for (const each of drift) {
            const known = before.find(
              (row) => row.positionId === each.positionId && row.kind === each.kind,
            );
            const looks = (known?.looks ?? 0) + 1;
            found.push({
              ...each,
              accountId: args.accountId,
              looks,
              sinceMs: known?.sinceMs ?? nowMs,
            });
          }
          if (drift.length === 0) continue;
          await context.submit(syncPosition, { positionId: position.id }, syncOptionsOf(position));
        }
      }
      if (found.length + before.length > others.length) {
        await saveDrift(store.settings, [...others, ...found], nowMs);
      }
      await saveLookedAt(store.settings, accountId, nowMs);
      return DONE;
    }),
  ];
}

/** Reads what is held of all symbols, and the orders of each symbol that is asked about. */
async function readVenue(
  exchange: GuardDependencies['exchange'],
  { signal }: StepContext,
  accountId: AccountId,
  quiet: readonly { readonly position: Position }[],
) {
  const symbols = [...new Set(quiet.map(({ position }) => position.symbol))];
  const [positions, ...orders] = await Promise.all([
    exchange.readPositions(accountId, {}, signal),
    ...symbols.map((symbol) => exchange.readOpenOrders(accountId, { symbol }, signal)),
  ]);
  return { positions, orders: orders.flat() };
}

/** Returns the accounts that hold something. */
async function readWaiting(store: GuardDependencies['store']): Promise<readonly Waiting[]> {
  const [accounts, open, looked] = await Promise.all([
    store.accounts.list(),
    store.positions.countOpen(),
    readLookedAt(store.settings),
  ]);
  const byAccount = Map.groupBy(open, ({ accountId }) => accountId);
  return accounts.flatMap(({ id: accountId, isTradingOn }) => {
    const count = (byAccount.get(accountId) ?? []).reduce((sum, side) => sum + side.count, 0);
    if (!isTradingOn || count === 0) return [];
    const weight = WEIGHT_OF_ACCOUNT + WEIGHT_OF_POSITION * count;
    return { accountId, weight, lookedAtMs: looked.get(accountId) ?? 0 };
  });
}
