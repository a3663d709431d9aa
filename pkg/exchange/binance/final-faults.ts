import type { Clock, Reason } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import type { EgressIdentity } from '#pkg/egress';

import { ExchangeAccountRefusedError, ExchangeThrottledError } from '../errors.ts';
import type { Fault } from './errors.ts';
import { refusedKeyHint, refusedKeyReason } from './hints.ts';
import type { Metering } from './metering.ts';
import type { VenueClock } from './venue-clock.ts';

const BUSY_RETRY_MS = 1_000;
/** How long an address rests when the venue shut it out and did not say until when. */
const BAN_MS_DEFAULT = 120_000;
const MINUTE_MS = 60_000;
const ORDER_WINDOW_MS = 10_000;

export interface FinalFaults {
  /** Throws for a fault in which nothing was done; returns for any other. Blocks what the venue shut. */
  (fault: Fault, accountId: AccountId | undefined): Promise<void>;
  /** Throws for a time stamp that was refused twice. */
  clockRefused(fault: Fault): never;
}

/** Returns the translation of faults that end a call by telling when, or that never, to try again. */
export function createFinalFaults(dependencies: {
  readonly clock: Clock;
  readonly venueClock: VenueClock;
  readonly metering: Metering;
  readonly egressAddress: string;
  readonly identity: Pick<EgressIdentity, 'accuse'> | undefined;
}): FinalFaults {
  const { clock, venueClock, metering, egressAddress, identity } = dependencies;

  const throttle = (waitMs: number, reason: Reason, fault: Fault): never => {
    throw new ExchangeThrottledError({
      retryAtMs: Math.ceil(clock.nowMs() + waitMs),
      reason,
      fields: { egressAddress, venueCode: fault.venueCode, venueMessage: fault.message },
    });
  };
  const throwFinal = async (fault: Fault, accountId: AccountId | undefined): Promise<void> => {
    const venueNowMs = venueClock.nowMs();
    switch (fault.action) {
      case 'wait-address':
      case 'ban-address': {
        const isBan = fault.action === 'ban-address';
        const waitMs = addressWaitMs(fault, venueNowMs);
        await metering.blockAddress(venueNowMs + waitMs);
        return throttle(waitMs, isBan ? 'AddressBanned' : 'AddressBudgetSpent', fault);
      }
      case 'wait-orders': {
        const waitMs = fault.retryAfterMs ?? untilNext(ORDER_WINDOW_MS, venueNowMs);
        // A venue that says so of a request without an account is wrong, and nothing to end a process for.
        if (accountId !== undefined) await metering.blockOrders(accountId, venueNowMs + waitMs);
        return throttle(waitMs, 'AccountOrderBudgetSpent', fault);
      }
      case 'repeat':
        return throttle(BUSY_RETRY_MS, 'VenueBusy', fault);
      case 'stop-account':
        // The box is wrong, not the account: it must not be switched off for that.
        if (identity !== undefined && isForeign(fault, egressAddress)) {
          identity.accuse(fault.seenAddress);
          return throttle(MINUTE_MS, 'EgressIdentityMismatch', fault);
        }
        throw new ExchangeAccountRefusedError({
          hint: refusedKeyHint(fault.venueCode, egressAddress),
          reason: refusedKeyReason(fault.venueCode),
          fields: {
            accountId,
            egressAddress,
            venueCode: fault.venueCode,
            venueMessage: fault.message,
          },
        });
      case 'already-so':
      case 'gone':
      case 'not-found':
      case 'reject':
      case 'resync-clock':
      case 'reconcile':
      case 'protocol':
    }
  };
  return Object.assign(throwFinal, {
    clockRefused: (fault: Fault): never => throttle(BUSY_RETRY_MS, 'VenueClockRefused', fault),
  });
}

function isForeign(
  fault: Fault,
  egressAddress: string,
): fault is Fault & { readonly seenAddress: string } {
  return fault.seenAddress !== undefined && fault.seenAddress !== egressAddress;
}

/** A 429 without Retry-After means that the minute's weight is spent: the next minute is another matter. */
function addressWaitMs(fault: Fault, venueNowMs: number): number {
  if (fault.bannedUntilMs !== undefined) return Math.max(0, fault.bannedUntilMs - venueNowMs);
  if (fault.retryAfterMs !== undefined) return fault.retryAfterMs;
  return fault.action === 'ban-address' ? BAN_MS_DEFAULT : untilNext(MINUTE_MS, venueNowMs);
}

function untilNext(windowMs: number, nowMs: number): number {
  return windowMs - (nowMs % windowMs);
}
