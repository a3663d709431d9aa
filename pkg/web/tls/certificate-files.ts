import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { toError, type Clock } from '#pkg/base';
import { watchMountedFile } from '#pkg/config';
import type { Logger } from '#pkg/observability';
import type { CertificateSource, ServedCertificate } from './source.ts';

/**
 * Serves the certificate in `folder` (`tls.crt` and `tls.key`, a mounted Secret) and every later one.
 *
 * A pair that cannot be used is logged, and the one before stays: a half-finished rotation breaks no site.
 */
export function serveCertificateFiles(
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  folder: string,
  served: ServedCertificate,
): CertificateSource {
  let known = '';
  const look = (): void => {
    try {
      const chain = readFileSync(join(folder, 'tls.crt'), 'utf8');
      const privateKey = readFileSync(join(folder, 'tls.key'), 'utf8');
      if (`${chain}${privateKey}` === known) return;
      known = `${chain}${privateKey}`;
      served.serve({ chain, privateKey });
      logger.info({ folder }, 'certificate loaded');
    } catch (error) {
      logger.error(
        { err: toError(error), folder },
        'the certificate cannot be used; correct tls.crt and tls.key of the Secret',
      );
    }
  };
  look();
  const watcher = watchMountedFile(clock, join(folder, 'tls.crt'), look);
  return {
    fault: () => served.fault(clock.nowMs()),
    validUntilMs: served.validUntilMs,
    [Symbol.asyncDispose]: async () => watcher[Symbol.dispose](),
  };
}
