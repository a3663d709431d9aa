/**
 * What an answer of the venue allows its caller to do: the one table of error codes.
 *
 *   already-so    the wished state already holds: success
 *   gone          the order to cancel is not working any more: success of another kind
 *   not-found     there is no such order (or stream key)
 *   reject        this request is pointless as it stands
 *   wait-address  the address has spent its weight; nothing was done
 *   ban-address   the address is shut out until a time that the venue names; nothing was done
 *   wait-orders   the account has spent its order count; nothing was done
 *   repeat        a passing refusal; nothing was done
 *   resync-clock  the time stamp was refused; nothing was done: measure the offset, sign anew
 *   reconcile     the venue does not say whether it was done: look it up
 *   stop-account  key, permission or address of the account is refused
 *   protocol      not an answer of the venue at all (a proxy's page, a broken body)
 *
 * Codes: developers.binance.com, USD-M futures, "Error Codes", and the venue's general information on 5xx.
 */
import type { RejectionReason } from '../errors.ts';

export type FaultAction =
  | 'already-so'
  | 'gone'
  | 'not-found'
  | 'reject'
  | 'wait-address'
  | 'ban-address'
  | 'wait-orders'
  | 'repeat'
  | 'resync-clock'
  | 'reconcile'
  | 'stop-account'
  | 'protocol';

export interface Fault {
  readonly action: FaultAction;
  readonly rejection: RejectionReason;
  readonly venueCode: string;
  readonly message: string;
  readonly status: number;
  /** Seconds of the Retry-After header, or what a ban's text says, as ms from now. */
  readonly retryAfterMs: number | undefined;
  /** Venue time until which a ban lasts, where its text names one. */
  readonly bannedUntilMs: number | undefined;
  /** Where the request came from, as the text of a refused key says. */
  readonly seenAddress: string | undefined;
}

type Row = readonly [action: FaultAction, rejection?: RejectionReason];

export const VENUE_CODES: Readonly<Record<number, Row>> = {
  [-1000]: ['reconcile'],
  [-1001]: ['reconcile'],
  [-1002]: ['stop-account'],
  [-1003]: ['wait-address'],
  [-1006]: ['reconcile'],
  [-1007]: ['reconcile'],
  [-1008]: ['repeat'],
  [-1013]: ['reject', 'FilterViolated'],
  [-1015]: ['wait-orders'],
  [-1016]: ['repeat'],
  [-1021]: ['resync-clock'],
  [-1022]: ['stop-account'],
  [-1102]: ['reject', 'Other'],
  [-1111]: ['reject', 'FilterViolated'],
  [-1121]: ['reject', 'SymbolNotTrading'],
  [-1122]: ['reject', 'SymbolNotTrading'],
  [-1125]: ['not-found', 'OrderNotFound'],
  [-2011]: ['gone', 'OrderNotFound'],
  [-2013]: ['not-found', 'OrderNotFound'],
  [-2014]: ['stop-account'],
  [-2015]: ['stop-account'],
  [-2018]: ['reject', 'InsufficientMargin'],
  [-2019]: ['reject', 'InsufficientMargin'],
  [-2021]: ['reject', 'WouldTriggerNow'],
  // Ambiguous by itself: callers read the position before they believe that it is flat.
  [-2022]: ['reject', 'PositionAlreadyClosed'],
  [-2025]: ['reject', 'Other'],
  [-2027]: ['reject', 'InsufficientMargin'],
  [-2028]: ['reject', 'InsufficientMargin'],
  [-4001]: ['reject', 'FilterViolated'],
  [-4002]: ['reject', 'FilterViolated'],
  [-4003]: ['reject', 'FilterViolated'],
  [-4004]: ['reject', 'FilterViolated'],
  [-4005]: ['reject', 'FilterViolated'],
  [-4013]: ['reject', 'FilterViolated'],
  [-4014]: ['reject', 'FilterViolated'],
  [-4016]: ['reject', 'FilterViolated'],
  [-4023]: ['reject', 'FilterViolated'],
  [-4024]: ['reject', 'FilterViolated'],
  [-4028]: ['reject', 'Other'],
  [-4046]: ['already-so', 'NothingToChange'],
  [-4050]: ['reject', 'InsufficientMargin'],
  [-4051]: ['reject', 'InsufficientMargin'],
  [-4059]: ['already-so', 'NothingToChange'],
  [-4060]: ['reject', 'PositionModeMismatch'],
  [-4061]: ['reject', 'PositionModeMismatch'],
  [-4062]: ['reject', 'PositionModeMismatch'],
  [-4067]: ['reject', 'PositionModeMismatch'],
  [-4068]: ['reject', 'PositionModeMismatch'],
  // An order with this id is working: most likely ours, from a reply that was lost.
  [-4116]: ['reconcile', 'DuplicateClientOrderId'],
  [-4118]: ['reject', 'PositionAlreadyClosed'],
  [-4120]: ['reject', 'Other'],
  [-4131]: ['reject', 'FilterViolated'],
  [-4140]: ['reject', 'SymbolNotTrading'],
  [-4141]: ['reject', 'SymbolNotTrading'],
  [-4164]: ['reject', 'BelowMinNotional'],
  [-4192]: ['reject', 'Other'],
  [-4400]: ['reject', 'Other'],
  [-4509]: ['reject', 'PositionAlreadyClosed'],
  // A path that the venue does not have: we speak to something else, or to an older one.
  [-5000]: ['protocol'],
  [-5021]: ['reject', 'Other'],
  [-5022]: ['reject', 'Other'],
  [-5024]: ['reject', 'Other'],
  [-5025]: ['reject', 'Other'],
  [-5026]: ['reject', 'Other'],
  [-5027]: ['already-so', 'NothingToChange'],
  [-5028]: ['resync-clock'],
};

/** Statuses that say more than any code in the body. */
const STATUS_FIRST: Readonly<Record<number, FaultAction>> = { 418: 'ban-address' };

/** Statuses of answers whose body carries no code of the table. */
const STATUS_ELSE: Readonly<Record<number, FaultAction>> = {
  401: 'stop-account',
  403: 'ban-address',
  408: 'reconcile',
  409: 'repeat',
  429: 'wait-address',
  451: 'ban-address',
};

/** 503 bodies that say that nothing was done; any other 5xx leaves the outcome open. */
const REFUSED_503 =
  /^(?:Service Unavailable\.|Internal error; unable to process your request\. Please try again\.?)$/u;
const BANNED_UNTIL = /banned until (\d{13})/u;
/** Of −2015: `Invalid API-key, IP, or permissions for action, request ip: 203.0.113.13`. */
const SEEN_ADDRESS = /request ip: ([0-9a-fA-F.:]+)/u;
const MESSAGE_LENGTH_MAX = 300;

export interface RawAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** Returns what an answer with a status of 300 or more, or with a negative code, allows. */
export function classifyFault(answer: RawAnswer): Fault {
  const body = parseFault(answer.text);
  const [action, rejection = 'Other'] = findRow(answer, body);
  const bannedUntil = BANNED_UNTIL.exec(body?.msg ?? '')?.[1];
  const retryAfterS = Number(answer.retryAfter);
  return {
    action,
    rejection,
    venueCode: body === undefined ? `HTTP ${answer.status}` : String(body.code),
    message: (body?.msg ?? answer.text).slice(0, MESSAGE_LENGTH_MAX),
    status: answer.status,
    retryAfterMs:
      answer.retryAfter !== undefined && Number.isFinite(retryAfterS)
        ? retryAfterS * 1_000
        : undefined,
    bannedUntilMs: bannedUntil === undefined ? undefined : Number(bannedUntil),
    seenAddress: SEEN_ADDRESS.exec(body?.msg ?? '')?.[1],
  };
}

function findRow({ status, text }: RawAnswer, body: FaultBody | undefined): Row {
  const first = STATUS_FIRST[status];
  if (first !== undefined) return [first];
  const known = body === undefined ? undefined : VENUE_CODES[body.code];
  if (status === 503 && REFUSED_503.test((body?.msg ?? text).trim())) return ['repeat'];
  if (known !== undefined) return known;
  const otherwise = STATUS_ELSE[status];
  if (otherwise !== undefined) return [otherwise];
  if (status >= 500) return ['reconcile'];
  return body === undefined ? ['protocol'] : ['reject', 'Other'];
}

interface FaultBody {
  readonly code: number;
  readonly msg: string;
}

function parseFault(text: string): FaultBody | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return undefined;
    const { code, msg } = body as { readonly code?: unknown; readonly msg?: unknown };
    return typeof code === 'number' && code < 0
      ? { code, msg: typeof msg === 'string' ? msg : '' }
      : undefined;
  } catch {
    return undefined;
  }
}
