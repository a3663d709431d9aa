import type { Egress, EgressIdentity } from '#pkg/egress';
import {
  BINANCE_HOSTS,
  BINANCE_WALLET_URL,
  createBinanceExchange,
  type Exchange,
  type VenueHosts,
} from '#pkg/exchange';
import { assert, toError } from '#pkg/base';
import type { ProcessConfig } from '#pkg/config';
import { startVenueCooldown } from '#pkg/lifecycles';
import { openSigning } from './accounts.ts';
import type { Core } from './core.ts';
import type { ProcessBase } from './process.ts';
import { countOrders, showAddress } from './trade-metrics.ts';

/** Returns the venue as seen from `egress`, metered by the fleet's counts. */
export async function openVenue(
  base: ProcessBase,
  core: Core,
  { egress, identity }: { readonly egress: Egress; readonly identity: EgressIdentity | undefined },
): Promise<Exchange> {
  const { config, clock, logger, metrics } = base;
  const credentialsOf = await openSigning(base, core);
  const exchange = createBinanceExchange(
    {
      egress,
      identity,
      credentialsOf,
      budget: core.budget,
      clock,
      logger,
      metrics,
      onUnavailable: createOutageNote(base, core),
    },
    { restUrl: venueHosts(config).restUrl, walletUrl: walletUrl(config) },
  );
  showAddress(metrics, {
    budget: core.budget,
    address: egress.egressAddress,
    venueNowMs: () => clock.nowMs() + exchange.clockOffsetMs(),
  });
  return countOrders(exchange, metrics);
}

/** Least time between two notes of one process: a venue that is away answers hundreds of times a minute. */
const NOTE_EVERY_MS = 10_000;

/** Returns the call that holds every opening of the fleet because the venue could not serve. */
function createOutageNote({ clock, logger }: ProcessBase, { store }: Core): () => void {
  let notedAtMs = Number.NEGATIVE_INFINITY;
  const note = async (): Promise<void> => {
    try {
      await startVenueCooldown(store.settings, clock.nowMs());
    } catch (error) {
      notedAtMs = Number.NEGATIVE_INFINITY;
      logger.warn(
        { err: toError(error) },
        'cooldown of the venue not stored: told again by its next refusal',
      );
    }
  };
  return () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - notedAtMs < NOTE_EVERY_MS) return;
    notedAtMs = nowMs;
    logger.warn(
      { reason: 'VenueCoolingDown' },
      'the venue cannot serve: nothing is opened for half an hour',
    );
    void note();
  };
}

/** A simulated venue serves the wallet's paths itself; the test network has none. */
function walletUrl(config: ProcessConfig): string | undefined {
  switch (config.mode) {
    case 'live':
      return BINANCE_WALLET_URL;
    case 'testnet':
      return undefined;
    case 'simulated':
      return venueHosts(config).restUrl;
  }
}

/** Returns where the venue is: what the object names, else the documented hosts of its mode. */
export function venueHosts({ mode, venue }: ProcessConfig): VenueHosts {
  const known = mode === 'simulated' ? undefined : BINANCE_HOSTS[mode];
  const choose = (name: keyof VenueHosts): string => {
    const url = venue[name] ?? known?.[name];
    assert(
      url !== undefined,
      'A simulated venue is refused by the configuration without its URLs.',
    );
    return url;
  };
  return {
    restUrl: choose('restUrl'),
    publicStreamUrl: choose('publicStreamUrl'),
    marketStreamUrl: choose('marketStreamUrl'),
    privateStreamUrl: choose('privateStreamUrl'),
  };
}
