import { mkdir } from 'node:fs/promises';
import { assert } from '#pkg/base';
import { findFreePort, isPortFree } from './free-port.ts';
import { startGuarded } from './guarded-process.ts';
import { explainFailedStart, ServerError } from './server-error.ts';
import { LOOPBACK, waitUntilReady, type LocalServer, type ServerOptions } from './server.ts';

/** What one kind of server needs to be started. */
export interface ServerKind {
  readonly name: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly graceSeconds: number;
  command(port: number): readonly [string, ...string[]];
  /** Must be sure that it is this process that answers, and not another that holds the port. */
  isReady(port: number, pid: number): Promise<boolean>;
  url(port: number): string;
}

const PORT_ATTEMPTS = 3;
const START_TIMEOUT_MS = 30_000;

/** Starts a server and resolves when it answers. Throws ServerError with the end of its log. */
export async function startServer(kind: ServerKind, options: ServerOptions): Promise<LocalServer> {
  assert(
    /^[\w-]+$/.test(options.password),
    'a server password holds letters, digits, - and _ only',
  );
  await mkdir(options.dataFolder, { recursive: true, mode: 0o700 });
  if (options.port !== undefined && !(await isPortFree(LOOPBACK, options.port))) {
    throw new ServerError(
      `port ${options.port} on ${LOOPBACK} is in use: stop what listens there, or name another port for ${kind.name}`,
    );
  }
  const attempts = options.port === undefined ? PORT_ATTEMPTS : 1;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const port = options.port ?? (await findFreePort(LOOPBACK));
    const server = await startOn(port, kind, options);
    if (server !== undefined) return server;
  }
  throw await explainFailedStart(kind.name, options.logFile);
}

async function startOn(
  port: number,
  kind: ServerKind,
  options: ServerOptions,
): Promise<LocalServer | undefined> {
  const guarded = await startGuarded(kind.command(port), {
    environment: kind.environment,
    folder: options.dataFolder,
    logFile: options.logFile,
    graceSeconds: kind.graceSeconds,
  });
  const isReady = await waitUntilReady(guarded, () => kind.isReady(port, guarded.pid), {
    clock: options.clock,
    timeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
  });
  if (!isReady) {
    await guarded.stop();
    return undefined;
  }
  return {
    url: kind.url(port),
    host: LOOPBACK,
    port,
    pid: guarded.pid,
    exited: guarded.exited,
    [Symbol.asyncDispose]: () => guarded.stop(),
  };
}

/** Returns the arguments that let a server run as root, which it refuses without being told so. */
export function userArguments(): readonly string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}
