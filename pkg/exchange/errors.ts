/**
 * Everything that can go wrong at a venue boundary, in five classes.
 *
 * The class says what a caller may do; the fields say what happened. Venue codes are translated once, in
 * each adapter's `errors.ts`: nothing above this module reads a venue code or the text of a message.
 */
import { FleetError, type FleetErrorOptions, type Reason } from '#pkg/base';

/** A budget is spent, or the venue said so. Nothing was placed. Try again at `retryAtMs` (wall clock). */
export class ExchangeThrottledError extends FleetError<'EXCHANGE_THROTTLED'> {
  readonly retryAtMs: number;
  readonly reason: Reason;

  constructor(
    options: FleetErrorOptions & { readonly retryAtMs: number; readonly reason: Reason },
  ) {
    super('EXCHANGE_THROTTLED', 'request deferred: the budget is spent', options);
    this.retryAtMs = options.retryAtMs;
    this.reason = options.reason;
  }
}

/** A read was lost in transit. Repeating it is safe. */
export class ExchangeUnreachableError extends FleetError<'EXCHANGE_UNREACHABLE'> {
  /** `hint` says what to check, where the failure itself tells. */
  constructor(options: FleetErrorOptions & { readonly hint?: string | undefined }) {
    super('EXCHANGE_UNREACHABLE', withHint('no answer from the venue', options.hint), options);
  }
}

/** The venue answered, and the answer broke its own contract. Treat the state as unknown. */
export class ExchangeProtocolError extends FleetError<'EXCHANGE_PROTOCOL'> {
  readonly endpoint: string;

  constructor(
    options: FleetErrorOptions & {
      readonly endpoint: string;
      readonly expected: string;
      readonly hint?: string | undefined;
    },
  ) {
    const message = `unusable answer: expected ${options.expected}`;
    super('EXCHANGE_PROTOCOL', withHint(message, options.hint), options);
    this.endpoint = options.endpoint;
  }
}

/** The account itself is refused: key, permission, or address. Never try again unchanged. */
export class ExchangeAccountRefusedError extends FleetError<'EXCHANGE_ACCOUNT_REFUSED'> {
  readonly reason: Reason;

  /** `hint` says what about the key to change. */
  constructor(
    options: FleetErrorOptions & { readonly hint?: string | undefined; readonly reason: Reason },
  ) {
    super(
      'EXCHANGE_ACCOUNT_REFUSED',
      withHint('the venue refuses this account', options.hint),
      options,
    );
    this.reason = options.reason;
  }
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message}: ${hint}`;
}

/** The venue refused this one request for what it says; sending it again unchanged is pointless. */
export class ExchangeRejectedError extends FleetError<'EXCHANGE_REJECTED'> {
  readonly rejection: RejectionReason;

  constructor(
    options: FleetErrorOptions & {
      readonly rejection: RejectionReason;
      readonly venueCode: string;
    },
  ) {
    super('EXCHANGE_REJECTED', `the venue rejected the request (${options.venueCode})`, options);
    this.rejection = options.rejection;
  }
}

/** Why a venue rejects; what a caller may do differs for each. */
export type RejectionReason =
  | 'WouldTriggerNow'
  | 'PositionAlreadyClosed'
  | 'BelowMinNotional'
  | 'FilterViolated'
  | 'InsufficientMargin'
  | 'DuplicateClientOrderId'
  | 'OrderNotFound'
  | 'NothingToChange'
  | 'PositionModeMismatch'
  | 'SymbolNotTrading'
  | 'Other';
