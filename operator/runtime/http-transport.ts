import { Agent, type Dispatcher } from 'undici';

import type { Clock } from '#pkg/base';
import type { KubeAccess, KubeCredentials } from './kube-access.ts';
import { TransportError, type KubeTransport, type TransportRequest } from './transport.ts';

const CALL_CONNECTIONS = 16;
/** Tokens of service accounts live an hour and are rotated by the kubelet at 80 % of it. */
const CREDENTIALS_MS = 60_000;
/** After a 401 they are read again, but not more often than this. */
const CREDENTIALS_MS_MIN = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 60_000;

/**
 * Returns the way to an API server over HTTP.
 *
 * Two pools: calls share a few kept connections; watches, which hold theirs for minutes, have another, so that no number
 * of watches keeps a call waiting. Credentials are read again once a minute; changed TLS material makes new pools.
 */
export function connectToCluster(access: KubeAccess, clock: Clock): KubeTransport {
  return new HttpTransport(access, clock);
}

class HttpTransport implements KubeTransport {
  readonly host: string;
  readonly #origin: string;
  readonly #basePath: string;
  readonly #access: KubeAccess;
  readonly #clock: Clock;
  #current: { readonly readAtMs: number; readonly headers: KubeCredentials['headers'] } | undefined;
  #reading: Promise<void> | undefined;
  #tls = '';
  #calls: Agent | undefined;
  #watches: Agent | undefined;

  constructor(access: KubeAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
    const { host, origin, pathname } = new URL(access.server);
    this.host = host;
    this.#origin = origin;
    // Gateways serve many clusters, each under a path of its own.
    this.#basePath = pathname.replace(/\/+$/, '');
  }

  async request(request: TransportRequest): ReturnType<KubeTransport['request']> {
    const { statusCode, headers, body } = await this.#send(request, 'calls');
    try {
      return { status: statusCode, headers: lowerCased(headers), body: await body.text() };
    } catch (error) {
      throw new TransportError('the answer broke off', { isSent: true, cause: error });
    }
  }

  async stream(request: TransportRequest): ReturnType<KubeTransport['stream']> {
    const { statusCode, headers, body } = await this.#send(request, 'watches');
    return { status: statusCode, headers: lowerCased(headers), chunks: readChunks(body) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#calls?.destroy(), this.#watches?.destroy()]);
  }

  async #send(
    request: TransportRequest,
    pool: 'calls' | 'watches',
  ): Promise<Dispatcher.ResponseData> {
    const answer = await this.#sendOnce(request, pool);
    // Refused before any work: a token that was rotated early is read anew, once.
    if (answer.statusCode !== 401 || this.#current === undefined) return answer;
    if (this.#clock.monotonicMs() - this.#current.readAtMs < CREDENTIALS_MS_MIN) return answer;
    this.#current = undefined;
    await answer.body.dump();
    return this.#sendOnce(request, pool);
  }

  async #sendOnce(
    request: TransportRequest,
    pool: 'calls' | 'watches',
  ): Promise<Dispatcher.ResponseData> {
    const { method, path, contentType, body, signal } = request;
    try {
      await this.#refresh();
    } catch (error) {
      throw new TransportError('the credentials cannot be read', { isSent: false, cause: error });
    }
    const agent = pool === 'calls' ? this.#calls : this.#watches;
    if (agent === undefined) throw new TransportError('the client is closed', { isSent: false });
    try {
      return await agent.request({
        origin: this.#origin,
        path: `${this.#basePath}${path}`,
        method,
        headers: {
          ...this.#current?.headers,
          accept: 'application/json',
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
        },
        signal,
        ...(body === undefined ? {} : { body }),
      });
    } catch (error) {
      throw new TransportError('no answer from the API server', {
        isSent: !isNeverSent(error),
        cause: error,
      });
    }
  }

  async #refresh(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#current !== undefined && nowMs - this.#current.readAtMs < CREDENTIALS_MS) return;
    this.#reading ??= this.#read(nowMs).finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read(nowMs: number): Promise<void> {
    const { headers, tls } = await this.#access.credentials();
    const text = JSON.stringify(tls);
    if (text !== this.#tls || this.#calls === undefined) {
      const old = [this.#calls, this.#watches];
      this.#tls = text;
      const connect = { ...tls, timeout: CONNECT_TIMEOUT_MS, keepAlive: true };
      const common = {
        // HTTP/1.1: each watch has a connection of its own, so that one that hangs stops no other.
        allowH2: false,
        connect,
        keepAliveTimeout: KEEP_ALIVE_MS,
        bodyTimeout: 0,
        headersTimeout: 0,
      };
      this.#calls = new Agent({ ...common, connections: CALL_CONNECTIONS });
      this.#watches = new Agent({ ...common });
      // Requests under way on the old connections end on them.
      for (const agent of old) void agent?.close();
    }
    this.#current = { readAtMs: nowMs, headers };
  }
}

/** Failures of which undici says that no byte of the request had left. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

function isNeverSent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NEVER_SENT.has(String(error.code));
}

async function* readChunks(body: Dispatcher.ResponseData['body']): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body) yield decoder.decode(chunk as Uint8Array, { stream: true });
  } catch (error) {
    throw new TransportError('the watch broke off', { isSent: true, cause: error });
  }
}

function lowerCased(headers: Dispatcher.ResponseData['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
