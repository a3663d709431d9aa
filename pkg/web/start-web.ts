import { assert } from '#pkg/base';
import type { WebDependencies, WebOptions } from './dependencies.ts';
import { createLiveStream } from './live-stream.ts';
import { createServer } from './server.ts';

export interface WebServer extends AsyncDisposable {
  /** The port that it really listens on. */
  readonly port: number;
}

/** Starts the three sites. Rejects with the system's error (EADDRINUSE, EACCES) when the port cannot be had. */
export async function startWeb(
  dependencies: WebDependencies,
  options: WebOptions,
): Promise<WebServer> {
  const stream = await createLiveStream(dependencies);
  const server = await createServer(dependencies, { ...options, stream });
  try {
    await server.listen({ host: options.host ?? '127.0.0.1', port: options.port });
  } catch (error) {
    await stream[Symbol.asyncDispose]();
    throw error;
  }
  const [address] = server.addresses();
  assert(typeof address === 'object', 'A listening server has an address and a port.');
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      await stream[Symbol.asyncDispose]();
      await server.close();
    },
  };
}
