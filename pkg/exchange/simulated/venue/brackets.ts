/** Leverage brackets: the larger a position, the less leverage, and the more of its worth must stay behind it. */
import { Decimal, required } from '#pkg/base';
import type { ListedSymbol } from '../market/symbols.ts';

export interface Bracket {
  readonly bracket: number;
  readonly initialLeverage: number;
  readonly notionalCap: number;
  readonly notionalFloor: number;
  readonly maintMarginRatio: number;
  readonly cum: number;
}

const known = new WeakMap<ListedSymbol, readonly Bracket[]>();

/** Returns the leverage brackets of a symbol: less leverage as the position grows. */
export function bracketsOf(listed: ListedSymbol): readonly Bracket[] {
  const brackets = known.get(listed) ?? makeBrackets(listed);
  known.set(listed, brackets);
  return brackets;
}

function makeBrackets(listed: ListedSymbol): readonly Bracket[] {
  const scale = listed.firstPrice === undefined ? 10 : 1;
  const steps = [
    { cap: 10_000, leverage: listed.leverageMax, ratio: 0.005 },
    { cap: 50_000, leverage: Math.min(50, listed.leverageMax), ratio: 0.0065 },
    { cap: 500_000, leverage: 25, ratio: 0.01 },
    { cap: 2_000_000, leverage: 10, ratio: 0.05 },
    { cap: 5_000_000, leverage: 5, ratio: 0.1 },
    { cap: 20_000_000, leverage: 2, ratio: 0.25 },
    { cap: 50_000_000, leverage: 1, ratio: 0.5 },
  ];
  let floor = 0;
  let cum = new Decimal(0);
  let ratioBefore = 0.005;
  return steps.map(({ cap, leverage, ratio }, index) => {
    cum = cum.plus(new Decimal(ratio).minus(ratioBefore).times(floor));
    const bracket: Bracket = {
      bracket: index + 1,
      initialLeverage: leverage,
      notionalCap: cap * scale,
      notionalFloor: floor,
      maintMarginRatio: ratio,
      cum: cum.toNumber(),
    };
    floor = cap * scale;
    ratioBefore = ratio;
    return bracket;
  });
}

/** Returns what the venue would allow in quote currency at a leverage. */
export function notionalMaxAt(listed: ListedSymbol, leverage: number): number {
  const allowed = bracketsOf(listed).filter((bracket) => bracket.initialLeverage >= leverage);
  return allowed.at(-1)?.notionalCap ?? 0;
}

/** Returns what must stay behind a position of this worth, so that it is not liquidated. */
export function maintenanceOf(listed: ListedSymbol, worth: Decimal): Decimal {
  const { maintMarginRatio, cum } = bracketAt(listed, worth);
  return Decimal.max(0, worth.times(maintMarginRatio).minus(cum));
}

/** The same by plain numbers, to look where something may happen. */
export function roughMaintenanceOf(listed: ListedSymbol, worth: number): number {
  const brackets = bracketsOf(listed);
  const found = brackets.find((bracket) => worth < bracket.notionalCap) ?? brackets.at(-1);
  return found === undefined ? 0 : Math.max(0, worth * found.maintMarginRatio - found.cum);
}

/** Returns the bracket that a position of this worth falls into. */
export function bracketAt(listed: ListedSymbol, worth: Decimal): Bracket {
  const brackets = bracketsOf(listed);
  const found = brackets.find((bracket) => worth.lt(bracket.notionalCap)) ?? brackets.at(-1);
  return required(found, 'A symbol has brackets.');
}
