/**
 * Who asks on a connection: the key that a request names and is signed with, or the one that was logged on with.
 *
 * Source: the venue's page "WebSocket API General Info", sections "Authenticate after connection", "Authorize ad hoc
 * requests" and "API key revocation".
 */
import { checkKey, checkSignature, isEd25519, socketPayloads } from '../server/signing.ts';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import type { Endpoint } from '../venue/endpoints/endpoint.ts';
import type { Parameters } from '../venue/parameters.ts';
import { VenueRejection } from '../venue/rejection.ts';
import type { AccountRow } from '../venue/rows.ts';

const PATH = '/ws-fapi/v1';

export interface SessionKey {
  /** Returns the account of an explicit key, or else of the one logged on with; throws the venue's refusal. */
  identify(parameters: Parameters, security: Endpoint['security'], nowMs: number): AccountRow;
  /** Throws the venue's refusal. */
  logOn(parameters: Parameters, nowMs: number): void;
  logOut(): void;
  current(): { readonly key: string; readonly sinceMs: number } | undefined;
}

export function createSessionKey(runtime: VenueRuntime, address: string): SessionKey {
  let loggedOn: { readonly key: string; readonly sinceMs: number } | undefined;
  const accountOf = (key: string | undefined): AccountRow =>
    checkKey((each) => runtime.venue.state.get('accounts', each), key, { address, path: PATH });
  const sign = (account: AccountRow, parameters: Parameters, nowMs: number): void =>
    checkSignature(account, { parameters, payloads: socketPayloads(parameters) }, nowMs);

  return {
    identify: (parameters, security, nowMs) => {
      const key = parameters['apiKey'];
      if (key === undefined && loggedOn !== undefined) {
        try {
          return accountOf(loggedOn.key);
        } catch (thrown) {
          // A key that became invalid ends the session.
          loggedOn = undefined;
          throw thrown;
        }
      }
      const account = accountOf(key);
      if (security === 'signed') sign(account, parameters, nowMs);
      return account;
    },
    logOn: (parameters, nowMs) => {
      const account = accountOf(parameters['apiKey']);
      // The page says that only Ed25519 keys are supported, not with which code others are refused.
      if (!isEd25519(account)) {
        throw new VenueRejection('-2014', 'Only Ed25519 keys are supported for session.logon.');
      }
      sign(account, parameters, nowMs);
      loggedOn = { key: account.key, sinceMs: nowMs };
    },
    logOut: () => {
      loggedOn = undefined;
    },
    current: () => loggedOn,
  };
}
