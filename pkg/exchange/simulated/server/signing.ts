/**
 * Who asks, and may they: key, source address, time stamp, signature.
 *
 * The signature covers query string and body exactly as they were sent, without the signature itself.
 * Source: the venue's "General Info", section "SIGNED Endpoint Security".
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { missing, VenueRejection } from '../venue/rejection.ts';
import type { Parameters } from '../venue/parameters.ts';
import type { AccountRow } from '../venue/rows.ts';

const RECV_WINDOW_MS_DEFAULT = 5000;
const RECV_WINDOW_MS_MAX = 60_000;
const AHEAD_MS_MAX = 1000;

export interface SignedText {
  readonly query: string;
  readonly body: string;
}

/** Returns the account of the key, or throws -2014 or -2015. */
export function checkKey(
  find: (key: string) => AccountRow | undefined,
  key: string | undefined,
  { address, endpoint }: { readonly address: string; readonly endpoint: { readonly path: string } },
): AccountRow {
  if (key === undefined || key === '') throw new VenueRejection('-2014');
  const account = find(key);
  const isWelcome =
    account !== undefined &&
    !account.permissions.isRevoked &&
    (account.permissions.futures || endpoint.path.startsWith('/sapi/')) &&
    (account.addresses.length === 0 || account.addresses.includes(address));
  if (!isWelcome) {
    throw new VenueRejection(
      '-2015',
      `Invalid API-key, IP, or permissions for action, request ip: ${address}`,
    );
  }
  return account;
}

/** Throws -1102, -1131, -1021 or -1022 unless the request is signed by the account for this time. */
export function checkSignature(
  account: AccountRow,
  parameters: Parameters,
  sent: SignedText,
  nowMs: number,
): void {
  const signature = parameters['signature'] ?? missing('signature');
  const timestamp = Number(parameters['timestamp'] ?? missing('timestamp'));
  if (!Number.isInteger(timestamp)) missing('timestamp');
  const recvWindow = Number(parameters['recvWindow'] ?? RECV_WINDOW_MS_DEFAULT);
  if (!(recvWindow > 0)) missing('recvWindow');
  if (recvWindow > RECV_WINDOW_MS_MAX) throw new VenueRejection('-1131');
  if (timestamp > nowMs + AHEAD_MS_MAX) {
    throw new VenueRejection(
      '-1021',
      "Timestamp for this request was 1000ms ahead of the server's time.",
    );
  }
  if (nowMs - timestamp > recvWindow) throw new VenueRejection('-1021');
  const payload = withoutSignature(sent.query) + withoutSignature(sent.body);
  const expected = createHmac('sha256', account.secret).update(payload).digest();
  const given = Buffer.from(signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new VenueRejection('-1022');
  }
}

function withoutSignature(text: string): string {
  return text
    .split('&')
    .filter((pair) => !pair.startsWith('signature='))
    .join('&');
}
