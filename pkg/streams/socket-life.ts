import { toError, type Clock } from '#pkg/base';

import type { Socket } from './socket.ts';

export interface Ending {
  /** Metric label. */
  readonly reason: string;
  /** A renewed socket that flows already. */
  readonly successor?: Socket;
}

export interface SocketLifeOptions {
  readonly clock: Clock;
  /** `frames`: only data counts as life. `signs`: pings and pongs do, for streams that are rightly quiet. */
  readonly lifeBy: 'frames' | 'signs';
  readonly idleMsMax: number;
  readonly renewAfterMs: number;
  readonly renewalRetryMs: number;
  readonly openSuccessor: () => Promise<Socket>;
  readonly onRenewalFailed: (error: Error) => void;
}

/** One socket from its opening until another, or none, takes its place. */
export interface SocketLife {
  /** Resolves when the socket is no longer the one to read from. */
  readonly ended: Promise<Ending>;
  end(reason: string): void;
}

/** Watches over a socket: it ends when it closes, falls silent, is told to, or has been renewed. */
export function watchSocket(socket: Socket, options: SocketLifeOptions): SocketLife {
  const { clock, idleMsMax, openSuccessor } = options;
  const { promise, resolve } = Promise.withResolvers<Ending>();
  let isOver = false;
  void socket.ended.then((reason) => resolve({ reason }));

  const restMs = (): number => {
    const lifeAtMs = options.lifeBy === 'frames' ? socket.lastFrameAtMs() : socket.lastSignAtMs();
    return lifeAtMs + idleMsMax - clock.monotonicMs();
  };
  /** Pings three times in the longest silence allowed, and looks once more just when that ends. */
  const check = (): void => {
    const leftMs = restMs();
    if (leftMs <= 0) return resolve({ reason: 'silent' });
    socket.ping();
    cancelCheck = clock.schedule(Math.min(leftMs, idleMsMax / 3), check);
  };
  const renew = async (): Promise<void> => {
    try {
      const successor = await openSuccessor();
      if (isOver) successor.cut();
      else resolve({ reason: 'renewed', successor });
    } catch (error) {
      if (isOver) return;
      options.onRenewalFailed(toError(error));
      cancelRenewal = clock.schedule(options.renewalRetryMs, () => void renew());
    }
  };
  let cancelCheck = clock.schedule(idleMsMax / 3, check);
  let cancelRenewal = clock.schedule(options.renewAfterMs, () => void renew());
  const ended = promise.finally(() => {
    isOver = true;
    cancelCheck();
    cancelRenewal();
  });
  return { ended, end: (reason) => resolve({ reason }) };
}
