/** Price moves on order: gaps and flash crashes that lie over the market's own path. */

export interface PriceMove {
  /** `*` for every symbol. */
  readonly symbol: string;
  /** Price at the bottom or top, as a part of the price without the move: 0.7 is a crash by 30 %. */
  readonly ratio: number;
  readonly startMs: number;
  /** From the old price to the new one; 0 is a gap. */
  readonly rampMs: number;
  readonly holdMs: number;
  /** Back to the path; absent, the price stays where it went. */
  readonly recoverMs: number | undefined;
  /** `last` moves the contract price alone, and leaves the mark price where it was. */
  readonly on: 'all' | 'last';
}

/** Returns by how much the moves multiply a price at `atMs`. */
export function moveFactor(
  moves: readonly PriceMove[],
  symbol: string,
  atMs: number,
  price: 'mark' | 'last',
): number {
  let factor = 1;
  for (const move of moves) {
    if (move.symbol !== '*' && move.symbol !== symbol) continue;
    if (move.on === 'last' && price === 'mark') continue;
    factor *= move.ratio ** shareAt(move, atMs - move.startMs);
  }
  return factor;
}

/** How much of a move is in force: 0 before, 1 at its height. */
function shareAt(move: PriceMove, elapsedMs: number): number {
  if (elapsedMs < 0) return 0;
  if (elapsedMs < move.rampMs) return elapsedMs / move.rampMs;
  const heldMs = elapsedMs - move.rampMs - move.holdMs;
  if (heldMs < 0 || move.recoverMs === undefined) return 1;
  return heldMs >= move.recoverMs ? 0 : 1 - heldMs / move.recoverMs;
}
