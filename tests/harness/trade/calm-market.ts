import type { Clock } from '#pkg/base';
import type { Store } from '#pkg/store';

/**
 * A store whose market has just been found calm, however far the clock went; what a test or a step stores of the
 * market itself stands instead.
 */
export function withCalmMarket(store: Store, clock: Clock): Store {
  const { settings } = store;
  return {
    ...store,
    settings: {
      find: (name) => settings.find(name),
      set: (name, value, nowMs) => settings.set(name, value, nowMs),
      setIf: (name, change, nowMs) => settings.setIf(name, change, nowMs),
      remove: (name) => settings.remove(name),
      setOnce: (name, value, nowMs) => settings.setOnce(name, value, nowMs),
      listByPrefix: async (prefix) => {
        const found = await settings.listByPrefix(prefix);
        if (prefix !== 'regime:') return found;
        // A little ago: whoever judges it may have read a real clock before.
        const nowMs = clock.nowMs() - 1_000;
        return new Map([
          [
            'regime:score',
            JSON.stringify({ ...CALM_SCORE, candlesUntilMs: nowMs, scoredAtMs: nowMs }),
          ],
          ['regime:shock', JSON.stringify({ ...CALM_LOOK, lookedAtMs: nowMs })],
          ...found,
        ]);
      },
    },
  };
}

const CALM_SCORE = { score: 0, parts: [], drawdownRatio: 0, isFloored: false };
const CALM_LOOK = {
  breaker: { shocks: 0 },
  shock: { kind: 'calm', figures: { btcQuarter: 0, btcHour: 0, altsHour: 0 } },
};
