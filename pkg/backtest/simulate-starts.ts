import { required } from '#pkg/base';
import { findTouch, type History, type SeenCandles } from './history.ts';
import { resultOf, shapeLadder, type LadderSetup, type LadderShape } from './setup.ts';

/** How a start ended; as numbers, because there are thousands of them. */
export const ENDED = { open: 0, profit: 1, stop: 2 } as const;

/** One entry for each candle of the history: the position that was opened with it. */
export interface StartOutcomes {
  readonly ended: Uint8Array;
  /** Rungs that filled. */
  readonly rungs: Uint8Array;
  /** The candle in which it ended; the length of the history when it did not. */
  readonly endedAt: Int32Array;
  /** What it gave after fees over its full size (margin × leverage); while open, what closing it at the end would. */
  readonly results: Float64Array;
}

/** Opens a position at the open of every candle and follows each to its end. */
export function simulateStarts(history: History, setup: LadderSetup): StartOutcomes {
  const shape = shapeLadder(setup);
  const seen = history.seen[setup.direction];
  const outcomes: StartOutcomes = {
    ended: new Uint8Array(history.length),
    rungs: new Uint8Array(history.length),
    endedAt: new Int32Array(history.length).fill(history.length),
    results: new Float64Array(history.length),
  };
  const levels = levelsOf(shape);
  for (let start = 0; start < history.length; start += 1) {
    follow({ seen, shape, levels, takerRatio: setup.fees.takerRatio }, start, outcomes);
  }
  return outcomes;
}

interface Walk {
  readonly seen: SeenCandles;
  readonly shape: LadderShape;
  /** Rungs, then the stop, as the direction sees them; each is lower than the one before. */
  readonly levels: Float64Array;
  readonly takerRatio: number;
}

function levelsOf({ sign, rungs, stop }: LadderShape): Float64Array {
  return Float64Array.from([...rungs.map(({ price }) => price), stop], (price) => price * sign);
}

function follow(walk: Walk, start: number, outcomes: StartOutcomes): void {
  const { seen, shape, levels } = walk;
  const { sign, targets, profits } = shape;
  const rungCount = shape.rungs.length;
  const entry = (seen.opens[start] ?? 0) * sign;
  let filled = 0;
  let index = start;
  for (;;) {
    const target = (targets[filled] ?? 0) * sign * entry;
    index = findTouch(seen, index, (levels[filled] ?? 0) * entry, target);
    if (index >= seen.worst.length) {
      const exit = ((seen.closes.at(-1) ?? 0) * sign) / entry;
      outcomes.results[start] = leave(walk, filled, exit);
      break;
    }
    const worst = seen.worst[index] ?? 0;
    const before = filled;
    while (filled < rungCount && worst <= (levels[filled] ?? 0) * entry) filled += 1;
    if (filled === rungCount && worst <= (levels[rungCount] ?? 0) * entry) {
      endByStop(walk, { start, index, entry }, outcomes);
      break;
    }
    // After the worst price of a candle, only its close is known to follow.
    const isTaken =
      filled === before || (seen.closes[index] ?? 0) >= (targets[filled] ?? 0) * sign * entry;
    if (isTaken) {
      outcomes.ended[start] = ENDED.profit;
      outcomes.endedAt[start] = index;
      outcomes.results[start] = profits[filled] ?? 0;
      break;
    }
    index += 1;
  }
  outcomes.rungs[start] = filled;
}

/** At the stop's price, or at the open of a candle that began beyond it. */
function endByStop(
  walk: Walk,
  at: { readonly start: number; readonly index: number; readonly entry: number },
  outcomes: StartOutcomes,
): void {
  const { sign, stop, rungs } = walk.shape;
  const opened = (walk.seen.opens[at.index] ?? 0) / at.entry;
  const exit = Math.min(stop * sign, opened) * sign;
  outcomes.ended[at.start] = ENDED.stop;
  outcomes.endedAt[at.start] = at.index;
  outcomes.results[at.start] = leave(walk, rungs.length, exit);
}

/** The result of leaving at the market with so many rungs filled. */
function leave({ shape, takerRatio }: Walk, filled: number, exit: number): number {
  const { sign, divider, holdings } = shape;
  const held = required(holdings[filled], 'A ladder says what it holds after each rung.');
  return resultOf(held, { sign, divider, exit, feeRatio: takerRatio });
}
