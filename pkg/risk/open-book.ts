import { Decimal } from '#pkg/base';
import type { Notional, Position, Price, SymbolName, TradedSymbol } from '#pkg/domain';
import { openLadder, type FullLadder } from './full-ladder.ts';
import type { RiskFacts } from './judge-ladder.ts';

/** Returns what a position has gained (or lost) at a mark; nothing where one of the two is not known. */
export function gainOf(position: Position, mark: Price | undefined): Decimal {
  const { quantity, direction } = position;
  const paid = position.breakEvenPrice ?? position.entryPrice;
  if (quantity === undefined || paid === undefined || mark === undefined) return new Decimal(0);
  const gain = mark.minus(paid).times(quantity);
  return direction === 'long' ? gain : gain.negated();
}

/** Returns what stands beside a new ladder: the account's open positions at the marks of now. */
export function bookOf(
  open: readonly Position[],
  look: {
    readonly symbolOf: (name: SymbolName) => TradedSymbol | undefined;
    readonly markOf: (name: SymbolName) => Price | undefined;
  },
): Pick<RiskFacts, 'others' | 'unrealizedUsdt'> {
  const others: FullLadder[] = [];
  let unrealizedUsdt = new Decimal(0);
  for (const position of open) {
    const symbol = look.symbolOf(position.symbol);
    const ladder = symbol === undefined ? undefined : openLadder(symbol, position);
    if (ladder !== undefined) others.push(ladder);
    unrealizedUsdt = unrealizedUsdt.plus(gainOf(position, look.markOf(position.symbol)));
  }
  return { others, unrealizedUsdt: unrealizedUsdt as Notional };
}
