import { toError, type Clock } from '#pkg/base';
import type {
  BudgetKey,
  BudgetPriority,
  BudgetRequest,
  Reservation,
  Settlement,
  WindowBudget,
} from '#pkg/budgets';
import type { AccountId } from '#pkg/domain';
import type { Logger, Metrics } from '#pkg/observability';

import { ExchangeThrottledError } from '../errors.ts';
import { requestWeight, type Endpoint, type RequestParameters } from './endpoints.ts';
import { readUsages } from './usage-headers.ts';
import type { VenueClock } from './venue-clock.ts';

export interface MeteringDependencies {
  readonly budget: WindowBudget;
  readonly egressAddress: string;
  readonly clock: Clock;
  readonly venueClock: VenueClock;
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
}

/** What one request spends: weight of the address and, for orders, counts of the account. */
export interface Metered {
  readonly endpoint: Endpoint;
  readonly parameters: RequestParameters;
  readonly accountId: AccountId | undefined;
  readonly priority: BudgetPriority;
}

export interface Metering {
  /** Reserves what a request spends, or throws {@link ExchangeThrottledError}: nothing was sent. */
  reserve(request: Metered): Promise<ReservedRequest>;
  /** Tells every process with this address to rest; never rejects. */
  blockAddress(untilVenueMs: number): Promise<void>;
  blockOrders(accountId: AccountId, untilVenueMs: number): Promise<void>;
}

export interface ReservedRequest {
  /** Corrects the counts by the answer's headers; in the background, for nobody waits on it. */
  settle(headers: Readonly<Record<string, string | string[] | undefined>>): void;
}

/** Returns the accounting of all requests that leave from one address. */
export function createMetering(dependencies: MeteringDependencies): Metering {
  const { budget, egressAddress, clock, venueClock, logger, metrics } = dependencies;
  const addressKey: BudgetKey = { provider: 'binance', scope: 'address', id: egressAddress };
  const ordersKey = (accountId: AccountId): BudgetKey => ({
    provider: 'binance',
    scope: 'orders',
    id: accountId,
  });
  const settleBehind = (key: BudgetKey, settlement: Settlement): void => {
    budget.settle(key, settlement).catch((error: unknown) => {
      logger.warn({ err: toError(error) }, 'request sent but its budget not settled');
    });
  };

  const block = async (key: BudgetKey, untilVenueMs: number): Promise<void> => {
    try {
      await budget.block(key, untilVenueMs);
    } catch (error) {
      logger.warn(
        { err: toError(error), scope: key.scope },
        'the venue blocks us but the budget does not know',
      );
    }
  };

  return {
    reserve: async ({ endpoint, parameters, accountId, priority }) => {
      const requests: BudgetRequest[] = [
        { key: addressKey, weight: requestWeight(endpoint, parameters) },
      ];
      if (endpoint.orderCount > 0 && accountId !== undefined) {
        requests.push({ key: ordersKey(accountId), weight: endpoint.orderCount });
      }
      const isTimed = venueClock.isMeasured();
      const reservedAtMs = venueClock.nowMs();
      const reservation = await budget.reserve(requests, {
        providerNowMs: isTimed ? reservedAtMs : undefined,
        clockErrorMs: venueClock.errorMs(),
        priority,
      });
      if (reservation.kind === 'deferred') {
        throw throttled(reservation, clock.nowMs() + reservation.retryAtMs - reservedAtMs, {
          egressAddress,
          endpoint: endpoint.name,
        });
      }
      return {
        settle: (headers) => {
          const usages = readUsages(headers);
          const answeredAtMs = venueClock.nowMs();
          const clockErrorMs = venueClock.errorMs();
          const [used] = usages.address;
          if (used !== undefined) {
            metrics?.set('kraite_venue_weight_used', { address: egressAddress }, used.weightUsed);
          }
          for (const { key, weight } of requests) {
            const ofKey = key.scope === 'address' ? usages.address : usages.orders;
            if (!isTimed || (weight === 0 && ofKey.length === 0)) continue;
            const times = { reservedAtMs, answeredAtMs, clockErrorMs };
            const { ticket } = reservation;
            settleBehind(key, { weight, ...times, ticket, usages: ofKey });
          }
        },
      };
    },
    blockAddress: (untilVenueMs) => block(addressKey, untilVenueMs),
    blockOrders: (accountId, untilVenueMs) => block(ordersKey(accountId), untilVenueMs),
  };
}

function throttled(
  { reason }: Extract<Reservation, { kind: 'deferred' }>,
  retryAtMs: number,
  fields: Readonly<Record<string, string>>,
): ExchangeThrottledError {
  return new ExchangeThrottledError({ retryAtMs: Math.ceil(retryAtMs), reason, fields });
}
