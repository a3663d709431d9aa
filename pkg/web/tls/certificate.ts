import { createPrivateKey, X509Certificate } from 'node:crypto';

import { FleetError, toError, type Reason } from '#pkg/base';
import { listHosts, type SiteHosts } from '../dependencies.ts';

/** A certificate with its chain and the key to it, both PEM. */
export interface Certificate {
  readonly chain: string;
  readonly privateKey: string;
}

/** The pair cannot be served. */
export class CertificateError extends FleetError<'CERTIFICATE_UNUSABLE'> {
  constructor(message: string, cause?: unknown) {
    super('CERTIFICATE_UNUSABLE', message, cause === undefined ? {} : { cause });
  }
}

export interface CertificateFacts {
  readonly validFromMs: number;
  readonly validUntilMs: number;
  /** Names in its subjectAltName cover this host. */
  readonly covers: (host: string) => boolean;
}

/** Returns what a certificate says. Throws {@link CertificateError} when it is none, or the key is another's. */
export function readCertificate({ chain, privateKey }: Certificate): CertificateFacts {
  let certificate: X509Certificate;
  let isPair: boolean;
  try {
    certificate = new X509Certificate(chain);
    isPair = certificate.checkPrivateKey(createPrivateKey(privateKey));
  } catch (error) {
    throw new CertificateError(
      `the certificate or its key cannot be read (${toError(error).message}): both must be PEM`,
      error,
    );
  }
  if (!isPair) throw new CertificateError('the key does not belong to the certificate');
  return {
    validFromMs: certificate.validFromDate.getTime(),
    validUntilMs: certificate.validToDate.getTime(),
    covers: (host) => certificate.checkHost(host) !== undefined,
  };
}

/** Returns what visitors would be warned of, or undefined. */
export function findCertificateFault(
  facts: CertificateFacts | undefined,
  { hosts, nowMs }: { readonly hosts: SiteHosts; readonly nowMs: number },
): Reason | undefined {
  if (facts === undefined) return 'CertificateMissing';
  if (nowMs >= facts.validUntilMs || nowMs < facts.validFromMs) return 'CertificateExpired';
  const isForAll = listHosts(hosts).every((host) => facts.covers(host));
  return isForAll ? undefined : 'CertificateNotForHost';
}

/** When to ask for the next one: with a third of its life left, as Let's Encrypt advises ("Integration Guide"). */
export function renewalMs({ validFromMs, validUntilMs }: CertificateFacts): number {
  return validUntilMs - (validUntilMs - validFromMs) / 3;
}
