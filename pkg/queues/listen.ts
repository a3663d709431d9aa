import { toError } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { SignalChannel, Signals } from './queues.ts';

/**
 * Listens until the returned function is called. Neither waits for Redis nor fails without it: signals may be
 * lost by contract, and whoever listens reads the rows too.
 */
export function listenTo(
  dependencies: { readonly signals: Signals; readonly logger: Logger },
  channel: SignalChannel,
  listen: (payload: string) => void,
): () => void {
  const { signals, logger } = dependencies;
  let isEnded = false;
  const warn = (error: unknown): void => {
    logger.warn(
      { err: toError(error), channel },
      'signals are not heard; the rows are read instead',
    );
  };
  const subscription = signals.subscribe(channel, (payload) => {
    if (!isEnded) listen(payload);
  });
  subscription.catch(warn);
  return () => {
    isEnded = true;
    subscription.then((end) => end()).catch(() => logger.debug({ channel }, 'not unsubscribed'));
  };
}
