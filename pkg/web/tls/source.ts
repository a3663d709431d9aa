import type { Reason } from '#pkg/base';
import { findCertificateFault, readCertificate, type Certificate } from './certificate.ts';
import type { SiteHosts } from '../dependencies.ts';

/** Where certificates come from: mounted files, or an ACME authority. */
export interface CertificateSource extends AsyncDisposable {
  /** What is wrong with the certificate now, or with getting one; undefined when all is well. */
  fault(): Reason | undefined;
  /** End of the life of the certificate that is served; undefined while there is none. */
  validUntilMs(): number | undefined;
}

/** The certificate that is served; a source puts the next one in. */
export interface ServedCertificate extends Pick<CertificateSource, 'validUntilMs'> {
  /** Serves it from now on. Throws CertificateError, and goes on with the one before. */
  serve(certificate: Certificate): void;
  fault(nowMs: number): Reason | undefined;
}

/** Returns a holder that hands each usable certificate to `use`. */
export function createServedCertificate(
  hosts: SiteHosts,
  use: (certificate: Certificate) => void,
): ServedCertificate {
  let facts: ReturnType<typeof readCertificate> | undefined;
  return {
    serve: (certificate) => {
      const next = readCertificate(certificate);
      use(certificate);
      facts = next;
    },
    fault: (nowMs) => findCertificateFault(facts, { hosts, nowMs }),
    validUntilMs: () => facts?.validUntilMs,
  };
}
