import { createHmac } from 'node:crypto';

import type { RequestParameters } from './endpoints.ts';

/**
 * Returns parameters as a query string, percent-encoded as RFC 3986 wants (before any signing).
 *
 * The venue requires encoding before signing since 2026-01-15 (developers.binance.com, change log of 2025-12-26).
 */
export function encodeParameters(parameters: RequestParameters): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) pairs.push(`${encode(name)}=${encode(String(value))}`);
  }
  return pairs.join('&');
}

/** Returns `query` with its HMAC-SHA256 signature (lower-case hex) as the last parameter. */
export function signQuery(query: string, apiSecret: string): string {
  const signature = createHmac('sha256', apiSecret).update(query).digest('hex');
  return query === '' ? `signature=${signature}` : `${query}&signature=${signature}`;
}

const NEEDS_NO_ENCODING = /^[\w.~-]*$/u;

function encode(text: string): string {
  if (NEEDS_NO_ENCODING.test(text)) return text;
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
