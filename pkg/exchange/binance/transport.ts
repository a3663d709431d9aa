import { Pool } from 'undici';

import { toError } from '#pkg/base';

export interface TransportOptions {
  /** Base URL of the venue's REST API; its path, if any, precedes every path. */
  readonly url: string;
  /** Local address that every socket binds; undefined leaves it to the system. */
  readonly bindAddress: string | undefined;
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  /** From the request's last byte to the answer's first, and again to its last. */
  readonly answerTimeoutMs: number;
}

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export type TransportResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly text: string;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    }
  /** No byte of the request left this process. */
  | { readonly kind: 'not-connected'; readonly cause: Error }
  /** It may have arrived. */
  | { readonly kind: 'lost'; readonly cause: Error };

export interface Transport extends AsyncDisposable {
  send(request: TransportRequest): Promise<TransportResult>;
}

const KEEP_ALIVE_MS = 30_000;
const ANSWER_BYTES_MAX = 64 * 1_024 * 1_024;

/**
 * Returns one pool of sockets from one local address to one host.
 *
 * Pipelining is 1: an answer that is late must not hold the next one back. Nothing is repeated here.
 */
export function createTransport(options: TransportOptions): Transport {
  const { origin, pathname } = new URL(options.url);
  const basePath = pathname.replace(/\/+$/u, '');
  const pool = new Pool(origin, {
    connections: options.connectionsMax,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: options.answerTimeoutMs,
    bodyTimeout: options.answerTimeoutMs,
    maxResponseSize: ANSWER_BYTES_MAX,
    connect: { timeout: options.connectTimeoutMs },
    ...(options.bindAddress === undefined ? {} : { localAddress: options.bindAddress }),
  });
  return {
    send: async ({ method, path, headers, signal }) => {
      try {
        const answer = await pool.request({ method, path: basePath + path, headers, signal });
        const text = await answer.body.text();
        return { kind: 'answered', status: answer.statusCode, text, headers: answer.headers };
      } catch (thrown) {
        const cause = toError(thrown);
        return { kind: isBeforeConnection(cause) ? 'not-connected' : 'lost', cause };
      }
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

const CONNECTING_CALLS = new Set(['connect', 'getaddrinfo', 'bind']);
const CONNECTING_CODES = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ERR_TLS_CERT_ALTNAME_INVALID']);

/** True only where the failure can have happened solely while a connection was being made. */
function isBeforeConnection(error: Error): boolean {
  const { code, syscall } = error as { readonly code?: unknown; readonly syscall?: unknown };
  if (typeof syscall === 'string' && CONNECTING_CALLS.has(syscall)) return true;
  if (typeof code === 'string' && CONNECTING_CODES.has(code)) return true;
  return (
    error instanceof AggregateError &&
    error.errors.every((part) => isBeforeConnection(toError(part)))
  );
}
