/** A visitor of the sites in a pod: asks under host names that no name server knows. */
import type { IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { TLSSocket } from 'node:tls';

export interface Visit {
  /** What {@link Pod.url} returns. */
  readonly address: string;
  readonly host: string;
  readonly path?: string;
  /** Certificates that the visitor trusts, PEM; needed for https. */
  readonly trusts?: string;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
}

export interface Page {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** SHA-256 of the certificate; undefined over HTTP. */
  readonly fingerprint: string | undefined;
}

/** Asks once, on a connection of its own. Rejects when the handshake or the connection fails. */
export function visit({ address, host, path = '/', trusts, form }: Visit): Promise<Page> {
  const url = new URL(path, address);
  const isTls = url.protocol === 'https:';
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const options = {
    method: body === undefined ? 'GET' : 'POST',
    agent: false as const,
    headers: {
      host,
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(isTls ? { servername: host, ca: trusts } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = (isTls ? requestHttps : requestHttp)(url, options, (response) => {
      const peer = isTls ? (response.socket as TLSSocket).getPeerCertificate() : undefined;
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => {
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: text,
          fingerprint: peer?.fingerprint256,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
