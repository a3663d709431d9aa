import { Pool, type Dispatcher } from 'undici';

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
  /** The transport's own when absent; a longer one than that is cut to it. */
  readonly answerTimeoutMs?: number;
}

/** Names in lower case. */
export type TransportHeaders = Readonly<Record<string, string | string[] | undefined>>;

export type TransportResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly text: string;
      readonly headers: TransportHeaders;
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
 * Pipelining is 1: an answer that is late must not hold the next one back. Nothing is repeated here. Answers are
 * gathered from the dispatcher's own events: a stream and a promise for each body would cost a third of the rate.
 */
export function createTransport(options: TransportOptions): Transport {
  const { origin, pathname } = new URL(options.url);
  const basePath = pathname.replace(/\/+$/u, '');
  const pool = new Pool(origin, {
    connections: options.connectionsMax,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: ANSWER_BYTES_MAX,
    connect: { timeout: options.connectTimeoutMs },
    ...(options.bindAddress === undefined ? {} : { localAddress: options.bindAddress }),
  });
  return {
    send: ({ method, path, headers, signal, answerTimeoutMs = Number.POSITIVE_INFINITY }) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve({ kind: 'not-connected', cause: toError(signal.reason) });
          return;
        }
        const exchange = new PhysicalRequest(signal, resolve);
        try {
          const timeoutMs = Math.min(answerTimeoutMs, options.answerTimeoutMs);
          pool.dispatch(
            {
              method,
              path: basePath + path,
              headers,
              headersTimeout: timeoutMs,
              bodyTimeout: timeoutMs,
            },
            exchange,
          );
        } catch (thrown) {
          exchange.fail(toError(thrown));
        }
      }),
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

/** One request on the wire: what came of it is said once, and its signal may end it at any time. */
class PhysicalRequest {
  readonly #signal: AbortSignal;
  readonly #resolve: (result: TransportResult) => void;
  readonly #abort = (): void => {
    const reason = toError(this.#signal.reason);
    this.fail(reason);
    this.#controller?.abort(reason);
  };
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: TransportHeaders = {};
  #isOver = false;

  constructor(signal: AbortSignal, resolve: (result: TransportResult) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    signal.addEventListener('abort', this.#abort);
  }

  /** Called when a connection exists and the request is about to be written to it, never before. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isOver) controller.abort(toError(this.#signal.reason));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: TransportHeaders,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#end({
      kind: 'answered',
      status: this.#status,
      text: bytes.toString('utf8'),
      headers: this.#headers,
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(cause: Error): void {
    this.#end({ kind: this.#controller === undefined ? 'not-connected' : 'lost', cause });
  }

  #end(result: TransportResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#signal.removeEventListener('abort', this.#abort);
    this.#resolve(result);
  }
}
