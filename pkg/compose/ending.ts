import { toError } from '#pkg/base';
import type { ProcessConfig } from '#pkg/config';
import type { Logger } from '#pkg/observability';

/**
 * Returns what aborts when this process is asked to end; a second request ends it at once.
 *
 * A pod's standard input is closed from the start, so only outside a cluster does its end mean that the launcher died.
 */
export function listenForEnd(
  logger: Logger,
  { runtime }: Pick<ProcessConfig, 'runtime'>,
): AbortController {
  const ending = new AbortController();
  const end = (why: string): void => {
    if (ending.signal.aborted) process.exit(0);
    logger.info({ why }, 'asked to end');
    ending.abort();
  };
  const isPod = runtime === 'cluster';
  const isTypedByPerson = process.stdin.isTTY;
  process.on('SIGTERM', () => end('SIGTERM'));
  // Under a launcher, Ctrl-C reaches the whole process group; the launcher decides what happens then.
  process.on('SIGINT', () => {
    if (isTypedByPerson || isPod) end('SIGINT');
  });
  process.on('uncaughtException', (error) => {
    logger.error({ err: error }, 'uncaught exception');
    process.exit(1);
  });
  process.on('unhandledRejection', (reason) => {
    logger.error({ err: toError(reason) }, 'unhandled rejection');
    process.exit(1);
  });
  if (!isTypedByPerson && !isPod) {
    process.stdin.on('end', () => end('launcher gone'));
    process.stdin.on('error', () => end('launcher gone'));
    process.stdin.resume();
  }
  return ending;
}

/** Resolves when `signal` is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
