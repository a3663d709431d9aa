/** One HTTP request to the API server. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, from the slash on. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface TransportStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it arrives, cut anywhere. Ends when the server ends it; throws {@link TransportError} when it is lost. */
  readonly chunks: AsyncIterable<string>;
}

/**
 * The way to one API server: HTTP in production, memory in simulations.
 *
 * Rejects with {@link TransportError} when no answer came; any status is an answer.
 */
export interface KubeTransport extends AsyncDisposable {
  /** Host and port; the label `host` of metrics. */
  readonly host: string;
  request(request: TransportRequest): Promise<TransportResponse>;
  /** A long-lived request, on connections of its own. */
  stream(request: TransportRequest): Promise<TransportStream>;
}

/** No answer came. `isSent` is false only when the server can not have seen the request. */
export class TransportError extends Error {
  readonly isSent: boolean;

  constructor(message: string, options: { readonly isSent: boolean; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TransportError';
    this.isSent = options.isSent;
  }
}
