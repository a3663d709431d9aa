import type { Account } from '#pkg/domain';
import type { PriceBoard } from '#pkg/market-data';
import type { Store } from '#pkg/store';

import { computeFigures, type AccountFigures } from './figures.ts';
import { readLedger } from './ledger.ts';

/** Reads the figures of every account. Rejects with StoreUnavailableError. */
export async function readFigures(
  {
    store,
    prices,
  }: {
    readonly store: Pick<Store, 'accounts' | 'positions' | 'orders' | 'settings'>;
    readonly prices: Pick<PriceBoard, 'readAll'>;
  },
  nowMs: number,
): Promise<readonly AccountFigures[]> {
  const [accounts, board] = await Promise.all([store.accounts.list(), prices.readAll()]);
  const marks = new Map([...board].map(([symbol, mark]) => [symbol as string, mark.price]));
  const read = async (account: Account): Promise<AccountFigures> => {
    const accountId = account.id;
    const [positions, orders, ledger] = await Promise.all([
      store.positions.listOpen({ accountId }),
      store.orders.listWorking(accountId),
      readLedger(store.settings, accountId),
    ]);
    return computeFigures({ account, positions, orders, marks, ledger, nowMs });
  };
  return Promise.all(accounts.map(read));
}
