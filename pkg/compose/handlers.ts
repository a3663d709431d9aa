import { openSecret, readSecretKey } from '#pkg/accounts';
import { createRedisLeasedBudget } from '#pkg/budgets';
import { id, type AccountId } from '#pkg/domain';
import type { Egress } from '#pkg/egress';
import { decodeUserFrame, type Exchange } from '#pkg/exchange';
import { createDeliverer, sealNameOf } from '#pkg/notifications';
import { createTaapiIndicators, TAAPI_URL } from '#pkg/indicators';
import type { StepHandler } from '#pkg/steps';
import { createTradeHandlers } from '#pkg/trade';
import type { Core } from './core.ts';
import type { ProcessBase } from './process.ts';
import { positionMetrics } from './trade-metrics.ts';

/** The code of every step, with what it holds open. */
export interface ComposedHandlers extends AsyncDisposable {
  readonly handlers: readonly StepHandler[];
}

/** Returns the handlers of the trade as they run on one box. */
export async function composeHandlers(
  base: ProcessBase,
  core: Core,
  options: { readonly exchange: Exchange; readonly egress: Egress },
): Promise<ComposedHandlers> {
  const { config, clock, random, logger, metrics, newId: makeId } = base;
  const { exchange, egress } = options;
  const indicators = createTaapiIndicators(
    {
      budget: createRedisLeasedBudget({ redis: core.redis, clock, random, logger }),
      clock,
      logger,
      metrics,
    },
    {
      url: config.indicators.url ?? TAAPI_URL,
      secret: config.indicators.secret,
      bindAddress: egress.bindAddress,
    },
  );
  const key =
    config.secretKeyFile === undefined ? undefined : await readSecretKey(config.secretKeyFile);
  const deliver = createDeliverer({
    logger,
    openSecret: ({ name, sealedSecret }) =>
      key === undefined || sealedSecret === undefined
        ? undefined
        : openSecret(key, id<AccountId>(sealNameOf(name)), sealedSecret),
  });
  return {
    handlers: createTradeHandlers({
      deliver,
      store: core.store,
      exchange,
      indicators,
      prices: core.prices,
      clock,
      random,
      makeId,
      events: core.events,
      decodeUserFrame,
      metrics: positionMetrics(base.metrics),
    }),
    [Symbol.asyncDispose]: () => indicators[Symbol.asyncDispose](),
  };
}
