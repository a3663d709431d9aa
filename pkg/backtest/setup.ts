import { ladderDivider, type AccountSettings, type Direction } from '#pkg/domain';

/** A configuration that is tried: what an account's settings say for one direction, and what trading costs. */
export interface LadderSetup {
  readonly direction: Direction;
  /** Distance between rungs, percent of the entry price. */
  readonly gapPercent: number;
  /** Quantity multiplier of each rung over the order before it; the length is the number of rungs. */
  readonly multipliers: readonly number[];
  readonly profitPercent: number;
  /** Distance of the stop beyond the last rung, percent of that rung's price. */
  readonly stopPercent: number;
  readonly fees: Fees;
}

/** Fractions of what is traded. */
export interface Fees {
  readonly makerRatio: number;
  readonly takerRatio: number;
}

/** What the simulated venue charges too, and the venue's accounts without a discount. */
export const VENUE_FEES: Fees = { makerRatio: 0.0002, takerRatio: 0.0005 };

/** Returns the setup that an account's settings mean for a direction. */
export function setupOf(settings: AccountSettings, direction: Direction): LadderSetup {
  return {
    direction,
    gapPercent: settings.gapPercent[direction],
    multipliers: settings.multipliers,
    profitPercent: settings.profitPercent,
    stopPercent: settings.stopPercent,
    fees: VENUE_FEES,
  };
}

/** Returns a name that two setups share only when they would trade alike. */
export function ladderKeyOf(setup: LadderSetup): string {
  const { direction, gapPercent, multipliers, profitPercent, stopPercent } = setup;
  return `${direction} gap ${gapPercent} rungs ${multipliers.join('/')} profit ${profitPercent} stop ${stopPercent}`;
}

/** What stands when an entry of quantity 1 has filled at price 1; everything scales with the entry's price. */
export interface LadderShape {
  /** 1 for long, -1 for short. */
  readonly sign: 1 | -1;
  /** Nearest first. */
  readonly rungs: readonly { readonly price: number; readonly quantity: number }[];
  readonly stop: number;
  /** Price of the profit order once so many rungs have filled. */
  readonly targets: readonly number[];
  /** Result over the full size (margin × leverage) when the profit is taken after so many rungs. */
  readonly profits: readonly number[];
  /** What is held once so many rungs have filled. */
  readonly holdings: readonly Holding[];
  /** Full size over the entry's. */
  readonly divider: number;
}

interface Holding {
  readonly quantity: number;
  readonly cost: number;
  readonly fees: number;
}

/**
 * Returns the prices and results of a ladder around an entry at price 1.
 *
 * The entry pays the taker's fee, rungs and profit the maker's, the stop the taker's. The first profit order stands
 * at entry × (1 ± profit %); after a rung at the venue's break-even, which counts the fees paid, × (1 ± profit %).
 */
export function shapeLadder(setup: LadderSetup): LadderShape {
  const sign = setup.direction === 'long' ? 1 : -1;
  const { makerRatio, takerRatio } = setup.fees;
  const divider = ladderDivider(setup.multipliers.length);
  const toTarget = 1 + (sign * setup.profitPercent) / 100;
  let quantity = 1;
  const rungs = setup.multipliers.map((multiplier, index) => {
    quantity *= multiplier;
    return { price: Math.max(0, 1 - (sign * (index + 1) * setup.gapPercent) / 100), quantity };
  });
  let held: Holding = { quantity: 1, cost: 1, fees: takerRatio };
  const holdings = [held];
  const targets = [toTarget];
  const profits = [resultOf(held, { sign, divider, exit: toTarget, feeRatio: makerRatio })];
  for (const rung of rungs) {
    const cost = rung.price * rung.quantity;
    held = {
      quantity: held.quantity + rung.quantity,
      cost: held.cost + cost,
      fees: held.fees + cost * makerRatio,
    };
    holdings.push(held);
    const exit = ((held.cost + sign * held.fees) / held.quantity) * toTarget;
    targets.push(exit);
    profits.push(resultOf(held, { sign, divider, exit, feeRatio: makerRatio }));
  }
  const stop = (rungs.at(-1)?.price ?? 1) * (1 - (sign * setup.stopPercent) / 100);
  return { sign, rungs, stop, targets, profits, holdings, divider };
}

/** Returns what leaving at `exit` gives after fees, over the position's full size. */
export function resultOf(
  held: Holding,
  options: {
    readonly sign: 1 | -1;
    readonly divider: number;
    readonly exit: number;
    readonly feeRatio: number;
  },
): number {
  const { sign, divider, exit, feeRatio } = options;
  const worth = exit * held.quantity;
  return (sign * (worth - held.cost) - held.fees - worth * feeRatio) / divider;
}
