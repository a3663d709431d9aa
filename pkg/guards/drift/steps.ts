import { id, type AccountId } from '#pkg/domain';
import { DONE, implementTradeStep, syncOptionsOf, syncPosition } from '#pkg/lifecycles';
import { planStep, type StepHandler } from '#pkg/steps';

import { checkAccountDrift, planDriftChecks } from '../definitions.ts';
import type { GuardDependencies } from '../dependencies.ts';
import { readDrift, saveDrift, type DriftRow } from './drift-rows.ts';
import { findDrift, isQuiet } from './find-drift.ts';

/** Returns the code that compares quiet positions with the venue: heals in silence first, tells second. */
export function createDriftHandlers({ store, exchange, clock }: GuardDependencies): StepHandler[] {
  return [
    implementTradeStep(planDriftChecks, async () => {
      const accounts = await store.accounts.list();
      const trading = accounts.filter(({ isTradingOn }) => isTradingOn);
      if (trading.length === 0) return DONE;
      // One after another: they share the row of what was found.
      const children = trading.map((account, at) =>
        planStep(checkAccountDrift, { accountId: account.id }, { index: at + 1 }),
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
        const venue = {
          positions: await exchange.readPositions(accountId, {}, context.signal),
          orders: await exchange.readOpenOrders(accountId, {}, context.signal),
        };
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
      await saveDrift(store.settings, [...others, ...found], nowMs);
      return DONE;
    }),
  ];
}
