/** Which symbols may take a slot of a side now, with what each is worth; the others with their first refusal. */
import type { Reason } from '#pkg/base';
import {
  id,
  type Account,
  type Direction,
  type Position,
  type SymbolName,
  type TradedSymbol,
} from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';
import type { Decision } from '#pkg/lifecycles';
import {
  APPROVAL_RENEWED_MS,
  APPROVALS,
  LEVELS,
  MEASURES,
  type Approval,
  type Levels,
  type Measure,
} from '#pkg/prospects';
import { bookOf } from '#pkg/risk';
import type { Store } from '#pkg/store';

import { judgeCandidate } from './judge-candidate.ts';
import { approvalOf, asApproved } from './rules/as-approved.ts';
import { listFastTrack, tierOf, type Candidate } from './rules/pick-candidates.ts';
import { scoreCandidate } from './rules/score-candidate.ts';
import { hasFreshDirection } from './rules/selection-policy.ts';

/** The symbol that the market follows. */
const LEADER = id<SymbolName>('BTCUSDT');
/** More positions than close within an hour are not looked through. */
const CLOSED_READ = 100;

/** What is known of all symbols beside their rows. */
export interface KnownProspects {
  readonly measures: ReadonlyMap<SymbolName, Measure>;
  readonly levels: ReadonlyMap<SymbolName, Levels>;
  readonly approvals: ReadonlyMap<
    SymbolName,
    { readonly ladders: Readonly<Record<string, Approval>> }
  >;
}

export async function readProspects({
  settings,
}: Pick<Store, 'settings'>): Promise<KnownProspects> {
  const [measures, levels, approvals] = await Promise.all([
    MEASURES.list(settings),
    LEVELS.list(settings),
    APPROVALS.list(settings),
  ]);
  return { measures, levels, approvals };
}

/** One side of an account, about to be filled. */
export interface Side {
  readonly account: Account;
  readonly direction: Direction;
  readonly open: readonly Position[];
  readonly backtests: 'required' | 'heeded';
  /** In the order that decides between equals. */
  readonly symbols: readonly TradedSymbol[];
  readonly marks: ReadonlyMap<SymbolName, MarkPrice>;
  readonly nowMs: number;
}

export interface Ranking {
  /** Without a verdict, or with one that is to be renewed. */
  readonly unjudged: readonly SymbolName[];
  readonly candidates: readonly Candidate[];
  readonly refused: ReadonlyMap<Reason, readonly SymbolName[]>;
}

/** Asks every symbol its questions, and scores those that no question refuses. */
export async function rankCandidates(
  store: Pick<Store, 'settings' | 'positions'>,
  side: Side,
  prospects: KnownProspects,
): Promise<Ranking> {
  const { direction, open, symbols, marks, nowMs, backtests } = side;
  const bySymbol = new Map(symbols.map((traded) => [traded.rules.symbol, traded]));
  const book = bookOf(open, {
    symbolOf: (name) => bySymbol.get(name),
    markOf: (name) => marks.get(name)?.price,
  });
  const closed = await store.positions.list({ limit: CLOSED_READ, accountId: side.account.id });
  const fast = listFastTrack(closed, { direction, nowMs });
  const refused = new Map<Reason, SymbolName[]>();
  const candidates: Candidate[] = [];
  const unjudged: SymbolName[] = [];
  for (const traded of symbols) {
    const { symbol } = traded.rules;
    const mark = marks.get(symbol);
    const approval = approvalOf(prospects.approvals.get(symbol), side.account, direction);
    const account = asApproved(side.account, direction, approval);
    const facts = {
      ...{ account, direction, open, symbol: traded, mark, book, nowMs, approval, backtests },
      levels: prospects.levels.get(symbol),
    };
    const decision = await judgeCandidate(store, facts);
    if (isToBeJudged(decision, approval, nowMs)) unjudged.push(symbol);
    if (decision.kind === 'refused') {
      refused.set(decision.reason, [...(refused.get(decision.reason) ?? []), symbol]);
      continue;
    }
    const measure = prospects.measures.get(symbol);
    const score = scoreSymbol(side, prospects, symbol);
    candidates.push({
      symbol,
      score,
      tier: tierOf(fast.has(symbol), score),
      dailyCorrelation: dailyCorrelationOf(measure),
      settings: account.settings,
    });
  }
  return { candidates, refused, unjudged };
}

/** What fails for want of a verdict, or stands by an old one; what is refused for another reason is not worth the reading. */
function isToBeJudged(decision: Decision, approval: Approval | undefined, nowMs: number): boolean {
  if (decision.kind === 'refused' && decision.reason === 'BacktestMissing') return true;
  const isOld = approval !== undefined && nowMs - approval.atMs > APPROVAL_RENEWED_MS;
  return isOld && (decision.kind === 'allowed' || decision.reason === approval.reason);
}

/** Returns what a symbol is worth for a side, whether it may take a slot or not. */
export function scoreSymbol(
  { direction, symbols, marks, nowMs }: Pick<Side, 'direction' | 'symbols' | 'marks' | 'nowMs'>,
  { measures, levels }: KnownProspects,
  symbol: SymbolName,
) {
  const leader = symbols.find(({ rules }) => rules.symbol === LEADER);
  return scoreCandidate({
    direction,
    leader: leader !== undefined && hasFreshDirection(leader, nowMs) ? leader.direction : undefined,
    measure: measures.get(symbol),
    levels: levels.get(symbol),
    mark: marks.get(symbol)?.price.toNumber() ?? 0,
    nowMs,
  });
}

/** Returns what likeness to the positions that a side holds is measured by. */
export function heldLikeness(
  { open, direction }: Pick<Side, 'open' | 'direction'>,
  { measures }: KnownProspects,
): readonly Pick<Candidate, 'symbol' | 'dailyCorrelation'>[] {
  return open
    .filter((position) => position.direction === direction)
    .map(({ symbol }) => ({ symbol, dailyCorrelation: dailyCorrelationOf(measures.get(symbol)) }));
}

function dailyCorrelationOf(measure: Measure | undefined): number | undefined {
  return measure?.kind === 'measured' ? measure.daily?.correlation : undefined;
}
