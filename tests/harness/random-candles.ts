import { createSeededRandom } from '#pkg/base';
import type { Candle } from '#pkg/domain';

/** Returns hourly candles of a random walk: each opens where the one before closed, or a jump away. */
export function randomCandles(
  seed: number | string,
  options: {
    readonly count: number;
    readonly volatility: number;
    readonly drift?: number;
    /** Size of the jumps between a close and the next open, a fraction. */
    readonly jump?: number;
  },
): Candle[] {
  const random = createSeededRandom(seed);
  let price = 100;
  return Array.from({ length: options.count }, (_, hour) => {
    const open = price * Math.exp((options.jump ?? 0) * random.normal());
    price = open * Math.exp((options.drift ?? 0) + options.volatility * random.normal());
    const spread = () => 1 + options.volatility * Math.abs(random.normal());
    const high = Math.max(open, price) * spread();
    const low = Math.min(open, price) / spread();
    return { openAtMs: hour * 3_600_000, open, high, low, close: price, volume: 1 };
  });
}
