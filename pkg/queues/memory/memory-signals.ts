import type { SignalChannel, Signals } from '../queues.ts';

/** Returns signals within this process; listeners are called in a microtask, in order of subscription. */
export function createMemorySignals(): Signals {
  const listeners = new Map<SignalChannel, Set<(payload: string) => void>>();
  return {
    publish: (channel, payload) => {
      for (const listen of listeners.get(channel) ?? []) queueMicrotask(() => listen(payload));
      return Promise.resolve();
    },
    subscribe: (channel, listen) => {
      const own = (payload: string): void => listen(payload);
      const known = listeners.get(channel) ?? new Set();
      listeners.set(channel, known.add(own));
      return Promise.resolve(() => {
        known.delete(own);
        return Promise.resolve();
      });
    },
    [Symbol.asyncDispose]: () => {
      listeners.clear();
      return Promise.resolve();
    },
  };
}
