import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';

import { assert, type Reason } from '#pkg/base';
import type { TlsOptions, WebDependencies, WebOptions } from './dependencies.ts';
import { createLiveStream } from './live-stream.ts';
import { createServer } from './server.ts';
import { serveAcmeCertificates } from './tls/acme-certificates.ts';
import { serveCertificateFiles } from './tls/certificate-files.ts';
import { createHttpDoor, type ChallengeAnswers } from './tls/http-door.ts';
import {
  createServedCertificate,
  type CertificateSource,
  type ServedCertificate,
} from './tls/source.ts';

const LOOPBACK = '127.0.0.1';

export interface WebServer extends AsyncDisposable {
  /** The port over HTTP that it really listens on. */
  readonly port: number;
  /** The same over TLS; undefined without. */
  readonly tlsPort: number | undefined;
  /** What is wrong with the certificate, or undefined. */
  certificateFault(): Reason | undefined;
  /** End of the life of the certificate that is served, ms since 1970; undefined while there is none. */
  certificateValidUntilMs(): number | undefined;
}

/**
 * Starts the three sites. Rejects with the system's error (EADDRINUSE, EACCES) when a port cannot be had.
 *
 * With TLS the HTTP port only answers challenges and sends people on; until there is a certificate, handshakes fail.
 */
export async function startWeb(
  dependencies: WebDependencies,
  options: WebOptions,
): Promise<WebServer> {
  await using cleanup = new AsyncDisposableStack();
  const stream = cleanup.use(await createLiveStream(dependencies));
  const { host = LOOPBACK, port, tls } = options;
  const sites = await createServer(dependencies, { ...options, stream });
  cleanup.defer(() => sites.close());
  if (tls === undefined) {
    await sites.listen({ host, port });
    const open = cleanup.move();
    return {
      port: portOf(sites.server),
      tlsPort: undefined,
      certificateFault: () => undefined,
      certificateValidUntilMs: () => undefined,
      [Symbol.asyncDispose]: () => open.disposeAsync(),
    };
  }
  const answers: ChallengeAnswers = new Map();
  const door = createHttpDoor(options.hosts, answers);
  cleanup.defer(() => closeServer(door));
  door.listen({ host, port });
  await once(door, 'listening');
  await sites.listen({ host, port: tls.port });
  const secured = sites.server as unknown as HttpsServer;
  const served = createServedCertificate(options.hosts, ({ chain, privateKey }) => {
    secured.setSecureContext({ cert: chain, key: privateKey });
  });
  const source = cleanup.use(startSource({ dependencies, options, tls, answers }, served));
  const open = cleanup.move();
  return {
    port: portOf(door),
    tlsPort: portOf(sites.server),
    certificateFault: () => source.fault(),
    certificateValidUntilMs: () => source.validUntilMs(),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

interface SourceParts {
  readonly dependencies: WebDependencies;
  readonly options: WebOptions;
  readonly tls: TlsOptions;
  readonly answers: ChallengeAnswers;
}

function startSource(
  { dependencies, options, tls: { from }, answers }: SourceParts,
  served: ServedCertificate,
): CertificateSource {
  const { clock, logger, store } = dependencies;
  if (from.kind === 'files') return serveCertificateFiles({ clock, logger }, from.folder, served);
  const { email, directoryUrl } = from;
  return serveAcmeCertificates(
    { settings: store.settings, clock, logger },
    { hosts: options.hosts, email, directoryUrl, answers },
    served,
  );
}

function portOf(server: Server): number {
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'A listening server has a port.');
  return address.port;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
