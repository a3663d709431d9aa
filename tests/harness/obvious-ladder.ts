import type { Candle } from '#pkg/domain';
import type { LadderSetup } from '#pkg/backtest';

export interface ObviousOutcome {
  readonly ended: 'open' | 'profit' | 'stop';
  readonly rungs: number;
  readonly endedAt: number;
  readonly result: number;
}

interface Fill {
  readonly price: number;
  readonly quantity: number;
  readonly fee: number;
}

/**
 * Follows one position candle by candle, in the plainest way: a list of fills, and everything computed anew from it.
 *
 * Slow, and shares nothing with pkg/backtest: the fast simulation is compared with it.
 */
export function walkObviously(
  candles: readonly Candle[],
  setup: LadderSetup,
  start: number,
): ObviousOutcome {
  const isLong = setup.direction === 'long';
  const entryPrice = candles[start]?.open ?? 0;
  const away = (percent: number, from: number) =>
    isLong ? from - (from * percent) / 100 : from + (from * percent) / 100;
  const fills: Fill[] = [
    { price: entryPrice, quantity: 1, fee: entryPrice * setup.fees.takerRatio },
  ];
  const waiting: { price: number; quantity: number }[] = [];
  let size = 1;
  for (const [index, multiplier] of setup.multipliers.entries()) {
    size *= multiplier;
    waiting.push({ price: away(setup.gapPercent * (index + 1), entryPrice), quantity: size });
  }
  const stop = away(setup.stopPercent, waiting.at(-1)?.price ?? entryPrice);
  const fullSize = entryPrice * 2 ** (waiting.length === 0 ? 0 : waiting.length + 1);
  const close = (price: number, feeRatio: number): number => {
    let result = 0;
    for (const fill of fills) {
      result += (isLong ? price - fill.price : fill.price - price) * fill.quantity - fill.fee;
      result -= price * fill.quantity * feeRatio;
    }
    return result / fullSize;
  };
  for (let index = start; index < candles.length; index += 1) {
    const candle = candles[index];
    if (candle === undefined) break;
    const rungs = () => fills.length - 1;
    const isReached = (price: number) => (isLong ? candle.low <= price : candle.high >= price);
    let hasFilled = false;
    for (let rung = waiting[0]; rung !== undefined && isReached(rung.price); rung = waiting[0]) {
      fills.push({ ...rung, fee: rung.price * rung.quantity * setup.fees.makerRatio });
      waiting.shift();
      hasFilled = true;
    }
    if (isReached(stop)) {
      const price = isLong ? Math.min(stop, candle.open) : Math.max(stop, candle.open);
      const result = close(price, setup.fees.takerRatio);
      return { ended: 'stop', rungs: rungs(), endedAt: index, result };
    }
    const target = targetOf(fills, setup);
    const best = hasFilled ? candle.close : isLong ? candle.high : candle.low;
    if (isLong ? best >= target : best <= target) {
      const result = close(target, setup.fees.makerRatio);
      return { ended: 'profit', rungs: rungs(), endedAt: index, result };
    }
  }
  const result = close(candles.at(-1)?.close ?? 0, setup.fees.takerRatio);
  return { ended: 'open', rungs: fills.length - 1, endedAt: candles.length, result };
}

function targetOf(fills: readonly Fill[], setup: LadderSetup): number {
  const sign = setup.direction === 'long' ? 1 : -1;
  const [entry] = fills;
  if (entry !== undefined && fills.length === 1) {
    return entry.price + (sign * entry.price * setup.profitPercent) / 100;
  }
  let [cost, fees, quantity] = [0, 0, 0];
  for (const fill of fills) {
    cost += fill.price * fill.quantity;
    fees += fill.fee;
    quantity += fill.quantity;
  }
  const breakEven = (cost + sign * fees) / quantity;
  return breakEven + (sign * breakEven * setup.profitPercent) / 100;
}
