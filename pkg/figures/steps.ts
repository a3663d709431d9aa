import type { Clock } from '#pkg/base';
import { id, type AccountId } from '#pkg/domain';
import type { Exchange } from '#pkg/exchange';
import { DONE, implementTradeStep } from '#pkg/lifecycles';
import { planStep, type StepHandler } from '#pkg/steps';
import type { Store } from '#pkg/store';

import { ledgerKeyOf, planLedgers, storeAccountLedger } from './definitions.ts';
import { ledgerSinceMs, readLedger, saveLedger, updateLedger } from './ledger.ts';

interface FiguresDependencies {
  readonly store: Store;
  readonly exchange: Exchange;
  readonly clock: Clock;
}

/** Returns the code that keeps the ledgers. */
export function createFiguresHandlers(dependencies: FiguresDependencies): StepHandler[] {
  const { store, exchange, clock } = dependencies;
  return [
    implementTradeStep(planLedgers, async () => {
      const accounts = (await store.accounts.list()).filter(({ isTradingOn }) => isTradingOn);
      if (accounts.length === 0) return DONE;
      const children = accounts.map((account) =>
        planStep(storeAccountLedger, { accountId: account.id }, { index: 1 }),
      );
      return { kind: 'expanded', children };
    }),
    implementTradeStep(storeAccountLedger, async (context, args) => {
      const accountId = id<AccountId>(args.accountId);
      // What is booked while this reading goes on asks for another one.
      await context.releaseKey(ledgerKeyOf(accountId));
      // Days are the venue's: it stamps what it books.
      const nowMs = clock.nowMs() + (await exchange.readClockOffsetMs(context.signal));
      const before = await readLedger(store.settings, accountId);
      const sinceMs = ledgerSinceMs(before, nowMs);
      const { walletUsdt } = await exchange.readBalance(accountId, context.signal);
      const incomes = await exchange.readIncome(accountId, { sinceMs }, context.signal);
      const look = { sinceMs, nowMs, walletUsdt: walletUsdt.toFixed() };
      await saveLedger(store.settings, accountId, updateLedger(before, incomes, look));
      return DONE;
    }),
  ];
}
