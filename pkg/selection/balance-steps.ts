import { id, type AccountId } from '#pkg/domain';
import { DONE, implementTradeStep, skip } from '#pkg/lifecycles';
import { planStep, type StepHandler } from '#pkg/steps';

import { fillOptionsOf, fillSlots, planBalances, storeAccountBalance } from './definitions.ts';
import type { SelectionDependencies } from './dependencies.ts';

export function createBalanceHandlers(dependencies: SelectionDependencies): StepHandler[] {
  const { store, exchange, clock } = dependencies;
  return [
    implementTradeStep(planBalances, async () => {
      const accounts = await store.accounts.list();
      if (accounts.length === 0) return DONE;
      return {
        kind: 'expanded',
        children: accounts.map(({ id: accountId }) =>
          planStep(storeAccountBalance, { accountId }, { index: 1 }),
        ),
      };
    }),
    implementTradeStep(storeAccountBalance, async (context, args) => {
      const account = await store.accounts.find(id<AccountId>(args.accountId));
      if (account === undefined) return skip('NoCandidate', 'The account is gone.');
      const balance = await exchange.readBalance(account.id, context.signal);
      await store.accounts.saveBalance(account.id, {
        balanceUsdt: balance.walletUsdt.toString(),
        availableUsdt: balance.availableUsdt.toString(),
        atMs: clock.nowMs(),
      });
      // The first balance is news: until it was known, nothing could be opened.
      if (account.balanceUsdt === undefined) {
        await context.submit(fillSlots, { accountId: account.id }, fillOptionsOf(account.id));
      }
      return DONE;
    }),
  ];
}
