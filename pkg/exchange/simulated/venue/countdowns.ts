/** The dead man's switch: a symbol's plain orders are cancelled unless the customer winds it up in time. */
import { listedSymbol, type World } from './world.ts';
import { integer, text, type Parameters } from './parameters.ts';
import { cancelOrdersIn } from './orders.ts';
import type { AccountRow } from './rows.ts';

/** Winds a countdown up, or stops it with 0. Source: the venue's page "Auto-Cancel All Open Orders". */
export function windCountdown(
  world: World,
  account: AccountRow,
  parameters: Parameters,
): { readonly symbol: string; readonly countdownTime: string } {
  const { symbol } = listedSymbol(world, text(parameters, 'symbol'));
  const countdownMs = integer(parameters, 'countdownTime');
  const key = `${account.key}|${symbol}`;
  if (countdownMs === 0) world.state.remove('countdowns', key);
  else {
    const endsAtMs = world.nowMs + countdownMs;
    world.state.put('countdowns', key, { account: account.key, symbol, endsAtMs });
  }
  return { symbol, countdownTime: String(countdownMs) };
}

/** Cancels the orders of every countdown that has run out. */
export function runCountdowns(world: World): void {
  for (const [key, countdown] of world.state.entries('countdowns').toArray()) {
    if (countdown.endsAtMs > world.nowMs) continue;
    world.state.remove('countdowns', key);
    cancelOrdersIn(world, countdown.account, countdown.symbol);
  }
}
