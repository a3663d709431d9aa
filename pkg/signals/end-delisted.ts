import { formatInstant } from '#pkg/base';
import { closeOptionsOf, closePosition, syncOptionsOf, syncPosition } from '#pkg/lifecycles';
import type { StepContext } from '#pkg/steps';

import type { SignalDependencies } from './dependencies.ts';

/**
 * Positions are closed this long before the venue settles them. In the last hour its insurance fund helps no liquidation, and
 * 30 minutes before nothing new opens: so say reposts of its delisting notices; its own pages were not read. Symbols are read
 * each hour.
 */
export const CLOSE_BEFORE_DELIVERY_MS = 4 * 3_600_000;

/**
 * Closes what is held in symbols that the venue is about to end, and has what is held in symbols that it does not trade any
 * more compared with it: such a position was settled, or goes on under a new name that only the venue knows.
 */
export async function endDelisted(
  { store, clock, events }: Pick<SignalDependencies, 'store' | 'clock' | 'events'>,
  context: StepContext,
): Promise<void> {
  const nowMs = clock.nowMs();
  const open = await store.positions.listOpen();
  if (open.length === 0) return;
  const symbols = new Map((await store.symbols.list()).map((each) => [each.rules.symbol, each]));
  for (const position of open) {
    const { id: positionId, accountId, symbol, status } = position;
    const traded = symbols.get(symbol);
    if (traded?.isTrading === false) {
      await context.submit(syncPosition, { positionId }, syncOptionsOf(position));
    }
    const deliversAtMs = traded?.deliversAtMs;
    const isDue = deliversAtMs !== undefined && deliversAtMs - nowMs <= CLOSE_BEFORE_DELIVERY_MS;
    if (!isDue || (status !== 'active' && status !== 'syncing' && status !== 'waping')) continue;
    await store.positions.update(positionId, { reason: 'SymbolDelisting' }, nowMs);
    await events.record({
      ...{ kind: 'SymbolDelisting', accountId, positionId, symbol, reason: 'SymbolDelisting' },
      message: `The venue ends ${symbol} at ${formatInstant(deliversAtMs)}; the position is closed before.`,
    });
    await context.submit(closePosition, { positionId }, closeOptionsOf(position));
  }
}
