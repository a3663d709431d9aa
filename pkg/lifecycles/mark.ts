import type { SymbolName } from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';
import type { StepContext } from '#pkg/steps';

import type { LifecycleDependencies } from './dependencies.ts';

/** A streamed mark this young needs no request. */
const STREAMED_AGE_MS_MAX = 5_000;

/** Returns the newest mark price: the streamed one while it is young, else the venue's own answer. */
export async function readFreshMark(
  { prices, exchange, clock }: Pick<LifecycleDependencies, 'prices' | 'exchange' | 'clock'>,
  context: StepContext,
  symbol: SymbolName,
): Promise<MarkPrice> {
  const streamed = await prices.find(symbol);
  if (streamed !== undefined && clock.nowMs() - streamed.atMs <= STREAMED_AGE_MS_MAX) {
    return streamed;
  }
  return exchange.readMarkPrice(symbol, context.signal);
}
