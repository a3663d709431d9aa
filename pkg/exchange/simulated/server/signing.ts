/**
 * Who asks, and may they: key, source address, time stamp, signature.
 *
 * The signature of a REST request covers query string and body exactly as they were sent, without the signature
 * itself; that of the WebSocket API covers the parameters sorted by name. A key is HMAC-SHA256 with a secret in
 * hexadecimal, or Ed25519 in base64, where the account's secret is the public key in PEM.
 * Source: the venue's "General Info", section "SIGNED Endpoint Security", and "WebSocket API General Info".
 */
import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { missing, VenueRejection } from '../venue/rejection.ts';
import type { Parameters } from '../venue/parameters.ts';
import type { AccountRow } from '../venue/rows.ts';

const RECV_WINDOW_MS_DEFAULT = 5000;
const RECV_WINDOW_MS_MAX = 60_000;
const AHEAD_MS_MAX = 1000;

/** Is the account's key an Ed25519 one? */
export function isEd25519(account: AccountRow): boolean {
  return account.secret.startsWith('-----BEGIN PUBLIC KEY-----');
}

/** Returns the account of the key, or throws -2014 or -2015. */
export function checkKey(
  find: (key: string) => AccountRow | undefined,
  key: string | undefined,
  { address, path }: { readonly address: string; readonly path: string },
): AccountRow {
  if (key === undefined || key === '') throw new VenueRejection('-2014');
  const account = find(key);
  const isWelcome =
    account !== undefined &&
    !account.permissions.isRevoked &&
    (account.permissions.futures || path.startsWith('/sapi/')) &&
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
  sent: { readonly parameters: Parameters; readonly payloads: readonly string[] },
  nowMs: number,
): void {
  const { parameters } = sent;
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
  const isOurs = sent.payloads.some((payload) => isSigned(account, payload, signature));
  if (!isOurs) throw new VenueRejection('-1022');
}

function isSigned(account: AccountRow, payload: string, signature: string): boolean {
  if (isEd25519(account)) {
    const bytes = Buffer.from(signature, 'base64');
    return verify(null, Buffer.from(payload), createPublicKey(account.secret), bytes);
  }
  const expected = createHmac('sha256', account.secret).update(payload).digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** What a REST request signs. */
export function restPayload(query: string, body: string): string {
  return withoutSignature(query) + withoutSignature(body);
}

function withoutSignature(text: string): string {
  return text
    .split('&')
    .filter((pair) => !pair.startsWith('signature='))
    .join('&');
}

/**
 * What a request of the WebSocket API may sign: its parameters sorted by name, values as they were sent or
 * percent-encoded. The page shows the first, and clients that follow the change of 2026-01-15 send the second.
 */
export function socketPayloads(parameters: Parameters): readonly string[] {
  const names = Object.keys(parameters)
    .filter((name) => name !== 'signature')
    .toSorted();
  const joined = (encode: (value: string) => string): string =>
    names.map((name) => `${name}=${encode(parameters[name] ?? '')}`).join('&');
  const [plain, quoted] = [joined((value) => value), joined(encoded)];
  return plain === quoted ? [plain] : [plain, quoted];
}

/** Half a surrogate pair cannot be encoded, and is no reason to fail. */
function encoded(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}
