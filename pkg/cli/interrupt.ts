import type { EventEmitter } from 'node:events';

import type { Clock } from '#pkg/base';
import type { Interrupt } from './context.ts';

interface InterruptibleProcess extends EventEmitter {
  readonly stdout: EventEmitter;
  readonly stderr: EventEmitter;
}

/**
 * Turns the signals of a process into requests: the first asks to end in order, the second to end now.
 *
 * A reader that closed our output (`kraite events -w | head`) counts as the first.
 */
export function listenForInterrupt(target: InterruptibleProcess): Interrupt {
  const requested = new AbortController();
  const forced = new AbortController();
  const onSignal = (): void => {
    if (requested.signal.aborted) forced.abort();
    requested.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) target.on(name, onSignal);
  for (const stream of [target.stdout, target.stderr]) stream.on('error', () => requested.abort());
  return { requested: requested.signal, forced: forced.signal };
}

/** Returns when the launcher began, as it told us; this process's own start when it did not. */
export function readStartedAtMs(text: string | undefined, clock: Clock): number {
  const told = Number(text);
  const own = clock.nowMs() - clock.monotonicMs();
  return text !== undefined && Number.isFinite(told) && told > 0 && told <= own ? told : own;
}
