import type { Random } from '#pkg/base';
import { id, type SymbolName } from '#pkg/domain';

import type { LoadTools } from './sender.ts';

const NORMAL_SLOTS = 8;
const PROTECTIVE_SLOTS = 3;
const SYMBOL = id<SymbolName>('DOGEUSDT');
const { signal } = new AbortController();

/**
 * Reads of every weight from 1 to 80, more than the limit allows, and look-ups that protect a position.
 *
 * In every second minute the slots rest between jobs, so that the weight lasts until about the minute's end and
 * requests are under way when it turns; in the others it is gone after seconds.
 */
export function readAccounts(tools: LoadTools, random: Random): void {
  const { exchange, clock, accounts, attempt, gate } = tools;
  const [account = id('nobody')] = accounts;
  const rest = async (meanMs: number): Promise<void> => {
    const isSlowMinute = Math.floor(clock.nowMs() / 60_000) % 2 === 0;
    await clock.sleep(isSlowMinute ? random.next() * 2 * meanMs : 1);
  };
  const pickJob = (): (() => Promise<unknown>) => {
    const pick = random.integer(100);
    if (pick < 60) return () => exchange.readBalance(account, signal);
    if (pick < 75) return () => exchange.readPositions(account, {}, signal);
    if (pick < 96) return () => exchange.readMarkPrice(SYMBOL, signal);
    if (pick < 99) return () => exchange.readIncome(account, { sinceMs: 0 }, signal);
    return () => exchange.readOpenOrders(account, {}, signal);
  };
  const normalSlot = async (): Promise<never> => {
    for (;;) {
      // The job stays in its lane, for a box with weight left.
      if (gate() === undefined) await attempt(pickJob());
      else await clock.sleep(50);
      await rest(1_900);
    }
  };
  let sequence = 0;
  const protectiveSlot = async (): Promise<never> => {
    for (;;) {
      sequence += 1;
      const clientOrderId = id<Parameters<typeof exchange.findOrder>[1]['clientOrderId']>(
        `none-${sequence}`,
      );
      const reference = { symbol: SYMBOL, clientOrderId, isConditional: false };
      if (gate('protective') === undefined) {
        await attempt(() => exchange.findOrder(account, reference, signal));
      } else await clock.sleep(50);
      await rest(250);
    }
  };
  for (let slot = 0; slot < NORMAL_SLOTS; slot += 1) void normalSlot();
  for (let slot = 0; slot < PROTECTIVE_SLOTS; slot += 1) void protectiveSlot();
}
