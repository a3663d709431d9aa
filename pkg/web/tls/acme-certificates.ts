import { toError, type CancelTimer, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { SettingStore } from '#pkg/store';
import { listHosts, type SiteHosts } from '../dependencies.ts';
import { orderCertificate, makeAccountKey } from './acme-order.ts';
import {
  ACME_SETTING,
  acmeRetryMs,
  parseAcmeState,
  planAcme,
  type AcmeState,
} from './acme-state.ts';
import { readCertificate, type Certificate } from './certificate.ts';
import type { ChallengeAnswers } from './http-door.ts';
import type { CertificateSource, ServedCertificate } from './source.ts';

export interface AcmeDependencies {
  readonly settings: Pick<SettingStore, 'find' | 'set'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface AcmeOptions {
  readonly hosts: SiteHosts;
  readonly email: string;
  readonly directoryUrl: string;
  readonly answers: ChallengeAnswers;
}

/** The row is looked at so often even when nothing is due: another process may have renewed. */
const LOOK_MS_MAX = 3_600_000;
/** After a row that could not be read. */
const LOOK_AGAIN_MS = 10_000;

/** Serves a certificate of an ACME authority and renews it in time. Returns at once; the first order takes a while. */
export function serveAcmeCertificates(
  dependencies: AcmeDependencies,
  options: AcmeOptions,
  served: ServedCertificate,
): CertificateSource {
  const { clock, logger } = dependencies;
  const ending = new AbortController();
  let isRefused = false;
  let cancel: CancelTimer = () => undefined;
  const look = async (): Promise<number> => {
    const state = await readState(dependencies, options);
    isRefused = state.failures > 0;
    const kept = certificateOf(state);
    if (kept !== undefined) served.serve(kept);
    const facts = kept === undefined ? undefined : readCertificate(kept);
    const nowMs = clock.nowMs();
    const plan = planAcme({ facts, retryAtMs: state.retryAtMs }, { hosts: options.hosts, nowMs });
    if (plan.kind === 'wait') return plan.untilMs - nowMs;
    const next = await orderOnce(dependencies, { ...options, state, signal: ending.signal });
    isRefused = next.failures > 0;
    if (ending.signal.aborted) return LOOK_MS_MAX;
    await writeState(dependencies, next);
    return isRefused ? acmeRetryMs(next.failures) : 0;
  };
  const run = async (): Promise<void> => {
    let waitMs = LOOK_AGAIN_MS;
    try {
      waitMs = await look();
    } catch (error) {
      logger.warn({ err: toError(error) }, 'the row of the certificate cannot be used now');
    }
    if (!ending.signal.aborted) {
      cancel = clock.schedule(Math.min(Math.max(waitMs, 0), LOOK_MS_MAX), start);
    }
  };
  let running: Promise<void> = Promise.resolve();
  const start = (): void => {
    running = run();
  };
  start();
  return {
    fault: () => (isRefused ? 'CertificateRefused' : served.fault(clock.nowMs())),
    validUntilMs: served.validUntilMs,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      cancel();
      await running;
    },
  };
}

async function readState(
  { settings, clock }: AcmeDependencies,
  { directoryUrl }: AcmeOptions,
): Promise<AcmeState> {
  const known = parseAcmeState(await settings.find(ACME_SETTING), directoryUrl);
  if (known !== undefined) return known;
  const state = { directoryUrl, accountKey: await makeAccountKey(), failures: 0 };
  // Before the first order: an account whose key is lost can revoke nothing.
  await settings.set(ACME_SETTING, JSON.stringify(state), clock.nowMs());
  return state;
}

async function writeState({ settings, clock }: AcmeDependencies, state: AcmeState): Promise<void> {
  await settings.set(ACME_SETTING, JSON.stringify(state), clock.nowMs());
}

function certificateOf({ chain, privateKey }: AcmeState): Certificate | undefined {
  return chain === undefined || privateKey === undefined ? undefined : { chain, privateKey };
}

/** Returns the state after one order, which succeeded or failed. */
async function orderOnce(
  { clock, logger }: AcmeDependencies,
  options: AcmeOptions & { readonly state: AcmeState; readonly signal: AbortSignal },
): Promise<AcmeState> {
  const { directoryUrl, accountKey, failures } = options.state;
  const hosts = listHosts(options.hosts);
  try {
    const certificate = await orderCertificate({ ...options, accountKey, hosts, clock });
    logger.info({ hosts, directoryUrl }, 'certificate issued');
    return { directoryUrl, accountKey, failures: 0, ...certificate };
  } catch (error) {
    const retryInMs = acmeRetryMs(failures + 1);
    logger.error(
      { err: toError(error), hosts, directoryUrl, reason: 'CertificateRefused', retryInMs },
      'no certificate was issued; the hosts must lead to port 80 of this box',
    );
    const retryAtMs = clock.nowMs() + retryInMs;
    return { ...options.state, failures: failures + 1, retryAtMs };
  }
}
