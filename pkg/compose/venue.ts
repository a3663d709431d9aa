import type { Egress } from '#pkg/egress';
import { createBinanceExchange, type Exchange } from '#pkg/exchange';
import { openAccountDirectory } from './accounts.ts';
import type { Core } from './core.ts';
import type { ProcessBase } from './process.ts';

/** Returns the venue as seen from `egress`, metered by the fleet's counts. */
export async function openVenue(base: ProcessBase, core: Core, egress: Egress): Promise<Exchange> {
  const { config, clock, logger, metrics } = base;
  const directory = await openAccountDirectory(base, core);
  return createBinanceExchange(
    {
      egress,
      credentialsOf: (accountId) => directory.credentialsOf(accountId),
      budget: core.budget,
      clock,
      logger,
      metrics,
    },
    { restUrl: config.venue.restUrl },
  );
}
