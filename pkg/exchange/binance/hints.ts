/** What a person can check, by what failed; undefined where the failure tells nothing. */
import type { Reason } from '#pkg/base';

/** Codes of Node and OpenSSL for a certificate that nobody vouches for, or that is another host's. */
const CERTIFICATE = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/u;

/** Returns a hint for a failure below HTTP. */
export function connectionHint(cause: Error): string | undefined {
  const { code } = cause as { readonly code?: unknown };
  if (typeof code !== 'string') return undefined;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return 'its name is not known here; check the URL of the venue and the resolver of this host';
  }
  if (code === 'ECONNREFUSED') return 'nothing listens at its address; check the URL of the venue';
  if (CERTIFICATE.test(code)) {
    return `its certificate is not trusted (${code}); check the URL of the venue, the clock, and who stands in between`;
  }
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return 'what answers there does not speak TLS; check the URL of the venue';
  }
  if (code === 'EADDRNOTAVAIL')
    return 'this host does not have the address that it is to leave from';
  return code.includes('TIMEOUT') ? 'it did not answer in time' : undefined;
}

/** Returns a hint for an answer that no venue gave. */
export function foreignAnswerHint(status: number, text: string): string | undefined {
  if (status === 404) return 'the path is not known there; check the URL of the venue';
  return /^\s*</u.test(text)
    ? `a page came instead (HTTP ${status}); something stands between this host and the venue, or the URL is wrong`
    : undefined;
}

/** Returns the reason for which the venue refuses a key; −2015 leaves open whether key or address is meant. */
export function refusedKeyReason(venueCode: string): Reason {
  if (venueCode === '-1022') return 'ApiSecretWrong';
  return venueCode === '-2014' ? 'ApiKeyMalformed' : 'ApiKeyOrAddressRefused';
}

const REFUSED_KEY: Readonly<Record<string, string>> = {
  '-1022': 'the API secret is not the one of this API key',
  '-2014': 'the API key is malformed or missing',
  '-1002': 'the API key may not do this',
};

/** Returns what to change about a key that the venue refuses. */
export function refusedKeyHint(venueCode: string, egressAddress: string): string {
  return (
    REFUSED_KEY[venueCode] ??
    `the API key is unknown or revoked, lacks the permission for futures, or does not list the address ${egressAddress}`
  );
}
