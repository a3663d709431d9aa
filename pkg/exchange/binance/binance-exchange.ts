import type { Clock } from '#pkg/base';
import type { WindowBudget } from '#pkg/budgets';
import type { AccountId } from '#pkg/domain';
import type { Egress, EgressIdentity } from '#pkg/egress';
import type { Logger, Metrics } from '#pkg/observability';

import type { Exchange, SigningPurpose } from '../exchange.ts';
import { createAccountModes } from './account-modes.ts';
import { createAccountReads } from './account-reads.ts';
import { createVenueCaller, type Credentials } from './caller.ts';
import { createDemand } from './demand.ts';
import { ENDPOINTS } from './endpoints.ts';
import { createKeyCheck } from './key-permissions.ts';
import { createMarketReads } from './market-reads.ts';
import { createOrderCalls } from './orders.ts';
import { checkTime } from './schemas.ts';
import { createTransport, type Transport } from './transport.ts';
import { createVenueClock } from './venue-clock.ts';

export interface BinanceExchangeDependencies {
  /** Address that requests leave from, and under which their weight is counted. */
  readonly egress: Egress;
  /** Key and opened secret of an account; called for each request, so keep it quick. */
  readonly credentialsOf: (accountId: AccountId, purpose: SigningPurpose) => Promise<Credentials>;
  readonly budget: WindowBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Told when the venue refuses a key and names another address; undefined where nobody proves the address. */
  readonly identity?: Pick<EgressIdentity, 'accuse'> | undefined;
  /** Told of every answer by which the venue says that it cannot serve (503, 504), whatever else follows from it. */
  readonly onUnavailable?: () => void;
}

export interface BinanceExchangeOptions {
  /** Base URL of the REST API: live, testnet and the simulated venue differ only here. */
  readonly restUrl: string;
  /** Base URL of the wallet's API, which says what a key may do; the test network has none. */
  readonly walletUrl?: string | undefined;
  readonly connectionsMax?: number;
  readonly connectTimeoutMs?: number;
  readonly answerTimeoutMs?: number;
}

const CONNECTIONS_MAX = 32;
const CONNECT_TIMEOUT_MS = 3_000;
/** Above recvWindow: past it the venue takes nothing any more, so waiting longer tells nothing new. */
const ANSWER_TIMEOUT_MS = 5_000;

/** Returns the adapter for Binance USD-M futures, sending from one egress address. */
export function createBinanceExchange(
  dependencies: BinanceExchangeDependencies,
  options: BinanceExchangeOptions,
): Exchange {
  const open = (url: string): Transport =>
    createTransport({
      url,
      bindAddress: dependencies.egress.bindAddress,
      connectionsMax: options.connectionsMax ?? CONNECTIONS_MAX,
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      answerTimeoutMs: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
    });
  const { walletUrl } = options;
  return createExchangeOver(
    { venue: open(options.restUrl), wallet: walletUrl === undefined ? undefined : open(walletUrl) },
    dependencies,
  );
}

/** The ways to the two hosts that a venue has. */
interface Transports {
  readonly venue: Transport;
  readonly wallet: Transport | undefined;
}

/** Returns the adapter over any way to the venue; simulations bring one that keeps virtual time. */
export function createExchangeOver(
  { venue: transport, wallet }: Transports,
  dependencies: BinanceExchangeDependencies,
): Exchange {
  const { budget, clock, logger } = dependencies;
  const unending = new AbortController().signal;
  const venueClock = createVenueClock({
    clock,
    logger,
    onMeasured: (offsetMs) => {
      const address = dependencies.egress.egressAddress;
      dependencies.metrics?.set('kraite_venue_clock_offset_seconds', { address }, offsetMs / 1_000);
    },
    askTime: async () => {
      const { serverTime } = await demand({
        endpoint: ENDPOINTS.time,
        check: checkTime,
        priority: 'protective',
        signal: unending,
      });
      return serverTime;
    },
  });
  const callerOver = (way: Transport) =>
    createVenueCaller(
      {
        ...dependencies,
        transport: way,
        metrics: dependencies.metrics,
        identity: dependencies.identity,
        onUnavailable: dependencies.onUnavailable,
      },
      venueClock,
    );
  const callVenue = callerOver(transport);
  const demand = createDemand(callVenue);
  const demandWallet = wallet === undefined ? undefined : createDemand(callerOver(wallet));
  return {
    address: dependencies.egress.egressAddress,
    readClockOffsetMs: async () => {
      await venueClock.ensure();
      return venueClock.offsetMs();
    },
    clockOffsetMs: () => venueClock.offsetMs(),
    ...createMarketReads(demand, budget),
    ...createAccountReads(demand, venueClock),
    ...createAccountModes(callVenue, demand),
    ...createOrderCalls(callVenue, demand),
    ...createKeyCheck({ demand, demandWallet, clock }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([transport[Symbol.asyncDispose](), wallet?.[Symbol.asyncDispose]()]);
    },
  };
}
