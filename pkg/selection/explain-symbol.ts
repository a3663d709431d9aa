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
import { PATHS, type Approval, type Levels, type Measure, type PathEntry } from '#pkg/prospects';
import { bookOf } from '#pkg/risk';
import type { Store } from '#pkg/store';

import { judgeCandidate } from './judge-candidate.ts';
import { readFilledRungs, readOpeningFacts } from './opening-facts.ts';
import { readProspects, scoreSymbol } from './rank-candidates.ts';
import type { NoScore, Score } from './rules/score-candidate.ts';
import { SIDE_POLICIES } from './rules/selection-policy.ts';
import { underMarket } from './rules/under-market.ts';
import { approvalOf, asApproved } from './rules/as-approved.ts';
import { findLook, type RankedAnswer, type StoredLook } from './stored-look.ts';

/** What one side of one account answers. */
export interface SideAnswer {
  readonly account: string;
  readonly side: Direction;
  /** Undefined when the symbol is a candidate and the side has a slot: then the score decides. */
  readonly reason: Reason | undefined;
  readonly message: string;
  /** What its history said of the ladder of the side; undefined before it was judged. */
  readonly approval: Approval | undefined;
  /** What it would be worth for the side now. */
  readonly score: Score | NoScore;
  /** What the last look that had a slot to give made of it; undefined when there was none yet. */
  readonly lastLook: LastLook | undefined;
}

export type LastLook = { readonly atMs: number } & (
  | ({ readonly kind: 'ranked'; readonly of: number } & RankedAnswer)
  | { readonly kind: 'refused'; readonly reason: Reason }
  /** Too far down to be kept. */
  | { readonly kind: 'left-over' }
);

export interface SymbolExplanation {
  readonly symbol: SymbolName;
  readonly direction: Direction | undefined;
  readonly directionTimeframe: Timeframe | undefined;
  readonly directionAtMs: number | undefined;
  /** The first refusal that is stored with the symbol. */
  readonly storedReason: Reason | undefined;
  /** What each timeframe said at the last pass, the shortest first. */
  readonly path: readonly PathEntry[];
  /** How it moves with BTC, and where its levels lie, as far as that is known. */
  readonly measure: Measure | undefined;
  readonly levels: Levels | undefined;
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
    backtests = 'required',
  }: {
    readonly store: Store;
    readonly prices: PriceBoard;
    readonly clock: Clock;
    readonly backtests?: 'required' | 'heeded';
  },
  name: SymbolName,
): Promise<SymbolExplanation | undefined> {
  const symbol = await store.symbols.find(name);
  if (symbol === undefined) return undefined;
  const [marks, symbols, prospects, path] = await Promise.all([
    prices.readAll(),
    store.symbols.list(),
    readProspects(store),
    PATHS.find(store.settings, name),
  ]);
  const levels = prospects.levels.get(name);
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
      const approval = approvalOf(prospects.approvals.get(name), account, direction);
      const candidate = {
        account: asApproved(scaled, direction, approval),
        ...{ direction, open, symbol, mark, levels, book, nowMs, approval },
        backtests,
      };
      const asCandidate = await judgeCandidate(store, candidate);
      const decision =
        asCandidate.kind === 'refused'
          ? asCandidate
          : evaluate(SIDE_POLICIES, {
              ...facts,
              ...{ account: scaled, direction, open, filledRungs },
            });
      answers.push({
        ...answerOf(account, direction, decision),
        approval,
        score: scoreSymbol({ direction, symbols, marks, nowMs }, prospects, name),
        lastLook: readLook(await findLook(store.settings, account, direction), name),
      });
    }
  }
  const measure = prospects.measures.get(name);
  return { ...summaryOf(symbol), path: path?.entries ?? [], measure, levels, answers };
}

function readLook(look: StoredLook | undefined, symbol: SymbolName): LastLook | undefined {
  if (look === undefined) return undefined;
  const { atMs, ranked, refused } = look;
  const own = ranked.find((answer) => answer.symbol === symbol);
  if (own !== undefined) return { kind: 'ranked', atMs, of: ranked.length, ...own };
  const [reason] = Object.entries(refused).find(([, symbols]) => symbols.includes(symbol)) ?? [];
  return reason === undefined
    ? { kind: 'left-over', atMs }
    : { kind: 'refused', atMs, reason: reason as Reason };
}

function summaryOf(
  symbol: TradedSymbol,
): Omit<SymbolExplanation, 'answers' | 'path' | 'measure' | 'levels'> {
  return {
    symbol: symbol.rules.symbol,
    direction: symbol.direction,
    directionTimeframe: symbol.directionTimeframe,
    directionAtMs: symbol.directionAtMs,
    storedReason: symbol.reason,
  };
}

function answerOf(account: Account, side: Direction, decision: Decision) {
  return decision.kind === 'refused'
    ? { account: account.name, side, reason: decision.reason, message: decision.message }
    : {
        account: account.name,
        side,
        reason: undefined,
        message: 'It is a candidate; the best of them get the free slots.',
      };
}
