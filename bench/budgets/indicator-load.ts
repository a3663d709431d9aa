import type { Clock } from '#pkg/base';
import type { LeasedBudget } from '#pkg/budgets';
import { id, type SymbolName } from '#pkg/domain';
import { createTaapiIndicators, type IndicatorQuery } from '#pkg/indicators';
import { createSilentLogger } from '#pkg/observability';

const SLOTS = 10;
const { signal } = new AbortController();

/** A direction pass without end: every slot reads what is next, and waits only for the plan. */
export function askIndicators(parts: {
  readonly budget: LeasedBudget;
  readonly clock: Clock;
  readonly url: string;
}): void {
  const { budget, clock, url } = parts;
  const indicators = createTaapiIndicators(
    { budget, clock, logger: createSilentLogger() },
    { url, secret: 'bench', bindAddress: undefined },
  );
  const queries: readonly IndicatorQuery[] = Array.from(
    { length: indicators.calculationsMax },
    (_, index) => ({
      symbol: id<SymbolName>(`S${index}USDT`),
      timeframe: '1h',
      indicator: 'ema-40',
    }),
  );
  const slot = async (): Promise<never> => {
    for (;;) {
      const answer = await indicators.read(queries, signal);
      if (answer.kind === 'deferred') await clock.sleep(answer.retryAfterMs);
    }
  };
  for (let count = 0; count < SLOTS; count += 1) void slot();
}
