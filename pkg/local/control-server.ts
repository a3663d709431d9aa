import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { toError } from '#pkg/base';
import { LocalError } from './errors.ts';

/** Handles one command; `say` sends a progress line to the person who waits, the result is the last line. */
export type ControlHandler = (argument: unknown, say: (line: string) => void) => unknown;

export interface ControlServer extends AsyncDisposable {
  readonly url: string;
}

export interface ControlOptions {
  readonly token: string;
  readonly handlers: Readonly<Record<string, ControlHandler>>;
}

const BODY_BYTES_MAX = 1_048_576;

/**
 * Starts the door through which other `kraite` commands reach the supervisor.
 *
 * HTTP on a free loopback port, guarded by a token that only the owner of the state folder can read.
 * `POST /VERB` with a JSON body answers JSON lines: `{"say":…}` while it goes on, then `{"result":…}`
 * or `{"error":{message,exit}}`.
 */
export async function startControlServer(options: ControlOptions): Promise<ControlServer> {
  const server = createServer((request, response) => {
    void answer(request, response, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ControlOptions,
): Promise<void> {
  const handler = options.handlers[(request.url ?? '').slice(1)];
  if (!isAllowed(request, options.token)) return end(response, 401);
  if (request.method !== 'POST' || handler === undefined) return end(response, 404);
  response.writeHead(200, {
    'content-type': 'application/x-ndjson',
    connection: 'close',
  });
  const write = (value: unknown): void => void response.write(`${JSON.stringify(value)}\n`);
  try {
    const argument = await readBody(request);
    const result = await handler(argument, (line) => write({ say: line }));
    write({ result: result ?? null });
  } catch (error) {
    const exit = error instanceof LocalError ? error.exit : 'failed';
    const code = error instanceof LocalError ? error.code : 'FLEET_REFUSED';
    write({ error: { code, message: toError(error).message, exit } });
  }
  response.end();
}

function isAllowed(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new LocalError('FLEET_REFUSED', 'the request is too large');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
