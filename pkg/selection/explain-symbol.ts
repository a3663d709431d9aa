/** Why a symbol is traded or not: the questions of the slots, asked now and answered for a person. */
import type { Clock, Reason } from '#pkg/base';
import {
  DIRECTIONS,
  type Account,
  type Direction,
  type SymbolName,
  type Timeframe,
  type TradedSymbol,
} from '#pkg/domain';
import { evaluate, type Decision } from '#pkg/lifecycles';
import type { PriceBoard } from '#pkg/market-data';
import { bookOf } from '#pkg/risk';
import type { Store } from '#pkg/store';

import { judgeCandidate } from './judge-candidate.ts';
import { readFilledRungs, readOpeningFacts } from './opening-facts.ts';
import { SIDE_POLICIES } from './rules/selection-policy.ts';
import { underMarket } from './rules/under-market.ts';

/** What one side of one account answers. */
export interface SideAnswer {
  readonly account: string;
  readonly side: Direction;
  /** Undefined when the symbol is a candidate and the side has a slot: then the score decides. */
  readonly reason: Reason | undefined;
  readonly message: string;
}

export interface SymbolExplanation {
  readonly symbol: SymbolName;
  readonly direction: Direction | undefined;
  readonly directionTimeframe: Timeframe | undefined;
  readonly directionAtMs: number | undefined;
  /** The first refusal that is stored with the symbol. */
  readonly storedReason: Reason | undefined;
  readonly answers: readonly SideAnswer[];
}

/**
 * Returns what each side of each account answers to a symbol now, by the questions that fill the slots and in their
 * order: those of the symbol first, then those of the side. Undefined when the fleet knows no such symbol.
 */
export async function explainSymbol(
  {
    store,
    prices,
    clock,
  }: {
    readonly store: Store;
    readonly prices: PriceBoard;
    readonly clock: Clock;
  },
  name: SymbolName,
): Promise<SymbolExplanation | undefined> {
  const symbol = await store.symbols.find(name);
  if (symbol === undefined) return undefined;
  const [marks, symbols] = await Promise.all([prices.readAll(), store.symbols.list()]);
  const mark = marks.get(name);
  const bySymbol = new Map(symbols.map((traded) => [traded.rules.symbol, traded]));
  const answers: SideAnswer[] = [];
  for (const account of await store.accounts.list()) {
    const open = await store.positions.listOpen({ accountId: account.id });
    const facts = await readOpeningFacts({ store, clock }, account);
    const filledRungs = await readFilledRungs(store.orders, open);
    const book = bookOf(open, {
      symbolOf: (other) => bySymbol.get(other),
      markOf: (other) => marks.get(other)?.price,
    });
    for (const direction of DIRECTIONS) {
      const scaled = underMarket(account, direction, { market: facts.market, open });
      const nowMs = clock.nowMs();
      const candidate = { account: scaled, direction, open, symbol, mark, book, nowMs };
      const asCandidate = await judgeCandidate(store, candidate);
      const decision =
        asCandidate.kind === 'refused'
          ? asCandidate
          : evaluate(SIDE_POLICIES, {
              ...facts,
              ...{ account: scaled, direction, open, filledRungs },
            });
      answers.push(answerOf(account, direction, decision));
    }
  }
  return { ...summaryOf(symbol), answers };
}

function summaryOf(symbol: TradedSymbol): Omit<SymbolExplanation, 'answers'> {
  return {
    symbol: symbol.rules.symbol,
    direction: symbol.direction,
    directionTimeframe: symbol.directionTimeframe,
    directionAtMs: symbol.directionAtMs,
    storedReason: symbol.reason,
  };
}

function answerOf(account: Account, side: Direction, decision: Decision): SideAnswer {
  return decision.kind === 'refused'
    ? { account: account.name, side, reason: decision.reason, message: decision.message }
    : {
        account: account.name,
        side,
        reason: undefined,
        message: 'It is a candidate; the symbols with the best scores get the free slots.',
      };
}
