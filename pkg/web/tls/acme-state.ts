import { findCertificateFault, renewalMs, type CertificateFacts } from './certificate.ts';
import type { SiteHosts } from '../dependencies.ts';

/** What web keeps of its dealings with an ACME authority, as one row of settings. Keys and chain are PEM. */
export interface AcmeState {
  readonly directoryUrl: string;
  /** Names us to the authority. */
  readonly accountKey: string;
  readonly chain?: string;
  readonly privateKey?: string;
  /** Orders that failed since the last one that did not. */
  readonly failures: number;
  /** Not before: authorities count failed orders, also those of a process that starts again and again. */
  readonly retryAtMs?: number;
}

export const ACME_SETTING = 'web.acme';

/** Directory of the authority that is asked unless another one is named. */
export const LETS_ENCRYPT_URL = 'https://acme-v02.api.letsencrypt.org/directory';

/** Returns the state in a row, or undefined when there is none or it is of another authority. */
export function parseAcmeState(
  text: string | undefined,
  directoryUrl: string,
): AcmeState | undefined {
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as AcmeState;
  return state.directoryUrl === directoryUrl ? state : undefined;
}

export type AcmePlan =
  | { readonly kind: 'order' }
  /** Look again then. */
  | { readonly kind: 'wait'; readonly untilMs: number };

/** Returns whether to order a certificate now: when there is none that covers all hosts for long enough yet. */
export function planAcme(
  {
    facts,
    retryAtMs = 0,
  }: { readonly facts?: CertificateFacts | undefined; readonly retryAtMs?: number | undefined },
  { hosts, nowMs }: { readonly hosts: SiteHosts; readonly nowMs: number },
): AcmePlan {
  const isGood =
    facts !== undefined &&
    findCertificateFault(facts, { hosts, nowMs }) === undefined &&
    nowMs < renewalMs(facts);
  if (isGood) return { kind: 'wait', untilMs: renewalMs(facts) };
  return nowMs < retryAtMs ? { kind: 'wait', untilMs: retryAtMs } : { kind: 'order' };
}

const RETRY_MS_FIRST = 60_000;
const RETRY_MS_MAX = 6 * 3_600_000;

/**
 * Returns the wait after the n-th failed order in a row, ms: 1, 4, 16, 64, 256, 360 minutes.
 *
 * So at most four fail in any hour: Let's Encrypt takes five failed validations an hour for each host and account
 * (letsencrypt.org, "Rate Limits").
 */
export function acmeRetryMs(failures: number): number {
  return Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 4 ** Math.max(0, failures - 1));
}
