import { createRedisLeasedBudget } from '#pkg/budgets';
import type { Egress } from '#pkg/egress';
import { decodeUserFrame, type Exchange } from '#pkg/exchange';
import { createTaapiIndicators, TAAPI_URL } from '#pkg/indicators';
import type { StepHandler } from '#pkg/steps';
import { createTradeHandlers } from '#pkg/trade';
import type { Core } from './core.ts';
import type { ProcessBase } from './process.ts';

/** The code of every step, with what it holds open. */
export interface ComposedHandlers extends AsyncDisposable {
  readonly handlers: readonly StepHandler[];
}

/** Returns the handlers of the trade as they run on one box. */
export function composeHandlers(
  base: ProcessBase,
  core: Core,
  options: { readonly exchange: Exchange; readonly egress: Egress },
): ComposedHandlers {
  const { config, clock, random, logger, newId: makeId } = base;
  const { exchange, egress } = options;
  const indicators = createTaapiIndicators(
    {
      budget: createRedisLeasedBudget({ redis: core.redis, clock, random, logger }),
      clock,
      logger,
    },
    {
      url: config.indicators.url ?? TAAPI_URL,
      secret: config.indicators.secret,
      bindAddress: egress.bindAddress,
    },
  );
  return {
    handlers: createTradeHandlers({
      store: core.store,
      exchange,
      indicators,
      prices: core.prices,
      clock,
      random,
      makeId,
      events: core.events,
      decodeUserFrame,
    }),
    [Symbol.asyncDispose]: () => indicators[Symbol.asyncDispose](),
  };
}
