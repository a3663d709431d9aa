import {
  ExchangeProtocolError,
  ExchangeRejectedError,
  ExchangeUnreachableError,
} from '../errors.ts';
import type { CallOutcome, VenueCall, VenueCaller } from './caller.ts';
import type { Fault } from './errors.ts';
import { foreignAnswerHint } from './hints.ts';

/** Sends a read, or a change that may be repeated, and returns its answer; anything else is thrown. */
export type Demand = <T>(call: VenueCall<T>) => Promise<T>;

export function createDemand(callVenue: VenueCaller): Demand {
  return async (call) => requireAnswer(await callVenue(call), nameOf(call));
}

export function nameOf({ endpoint }: VenueCall<unknown>): string {
  return endpoint.name;
}

function requireAnswer<T>(outcome: CallOutcome<T>, endpoint: string): T {
  switch (outcome.kind) {
    case 'answered':
      return outcome.value;
    case 'not-sent':
    case 'lost':
      throw outcome.cause;
    case 'fault':
      throw faultError(outcome.fault, endpoint);
  }
}

/** Returns the error that a fault is to a caller who may simply repeat. */
export function faultError(fault: Fault, endpoint: string): Error {
  const { action, rejection, venueCode, message, status } = fault;
  const fields = { endpoint, venueCode, venueMessage: message, status };
  if (action === 'reconcile') return new ExchangeUnreachableError({ fields });
  if (action === 'protocol') {
    const hint = foreignAnswerHint(status, message);
    return new ExchangeProtocolError({
      endpoint,
      expected: 'an answer of the venue',
      hint,
      fields,
    });
  }
  return new ExchangeRejectedError({ rejection, venueCode, fields });
}
