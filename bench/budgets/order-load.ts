import { createIdMaker, createSystemRandom } from '#pkg/base';
import { id, quantity, type ClientOrderId, type SymbolName } from '#pkg/domain';

import type { LoadTools } from './sender.ts';

const SLOTS_OF_ACCOUNT = 3;
const SYMBOL = id<SymbolName>('DOGEUSDT');
const FENCE = { signableUntilMs: Number.MAX_SAFE_INTEGER, isOwned: () => true };
const { signal } = new AbortController();

/** Small market orders that open and close in turn: half of them protect, so that the last part is used too. */
export function placeOrders({ exchange, clock, accounts, attempt }: LoadTools): void {
  const makeId = createIdMaker(clock, createSystemRandom());
  const slot = async (account: (typeof accounts)[number]): Promise<never> => {
    await attempt(() => exchange.ensureHedgeMode(account, signal));
    for (let count = 0; ; count += 1) {
      const isClosing = count % 2 === 1;
      await attempt(() =>
        exchange.placeOrder(
          account,
          {
            kind: 'market',
            clientOrderId: id<ClientOrderId>(makeId()),
            symbol: SYMBOL,
            side: isClosing ? 'SELL' : 'BUY',
            direction: 'long',
            quantity: quantity(100),
            isClosing,
          },
          FENCE,
          signal,
        ),
      );
    }
  };
  for (const account of accounts) {
    for (let count = 0; count < SLOTS_OF_ACCOUNT; count += 1) void slot(account);
  }
}
