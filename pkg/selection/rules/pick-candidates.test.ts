import { describe, expect, test } from 'vitest';

import {
  DEFAULT_ACCOUNT_SETTINGS,
  id,
  notional,
  type Position,
  type SymbolName,
} from '#pkg/domain';
import { diversify, listFastTrack, pickNext, tierOf, type Candidate } from './pick-candidates.ts';
import type { NoScore, Score } from './score-candidate.ts';

const FACTORS = { elasticity: 1, correlation: 1, room: 1, stability: 1 };
const NONE: NoScore = { kind: 'unscored', reason: 'LeaderUnclear', message: '' };

function candidate(name: string, value: number | undefined, daily?: number, isFast = false) {
  const score: Score | NoScore =
    value === undefined ? NONE : { kind: 'scored', score: value, factors: FACTORS };
  return {
    ...{ symbol: id<SymbolName>(name), score, tier: tierOf(isFast, score) },
    ...{ dailyCorrelation: daily, settings: DEFAULT_ACCOUNT_SETTINGS },
  };
}

function order(candidates: readonly Candidate[]): string[] {
  const left = [...candidates];
  const picked: Candidate[] = [];
  for (let next = pickNext(left, picked); next !== undefined; next = pickNext(left, picked)) {
    picked.push(next);
  }
  return picked.map(({ symbol }) => symbol);
}

describe('the order', () => {
  test('is what just earned, then the best score, then what has none', () => {
    const order1 = order([
      candidate('NONE', undefined),
      candidate('LOW', 0.1),
      candidate('FAST', undefined, undefined, true),
      candidate('HIGH', 0.4),
    ]);
    expect(order1).toEqual(['FAST', 'HIGH', 'LOW', 'NONE']);
  });

  test('between equals is that of the list', () => {
    const equals = ['A', 'B', 'C'].map((name) => candidate(name, 0.5));
    expect(order(equals)).toEqual(['A', 'B', 'C']);
    expect(order(equals.toReversed())).toEqual(['C', 'B', 'A']);
  });

  test('puts one that is like a pick before it behind one that is not', () => {
    const [best, twin, other] = [
      candidate('BEST', 0.5, 0.9),
      candidate('TWIN', 0.48, 0.9),
      candidate('OTHER', 0.3, 0.2),
    ] as const;
    expect(order([best, twin, other])).toEqual(['BEST', 'OTHER', 'TWIN']);
    expect(pickNext([twin], [best])).toMatchObject({ diversification: 0.55 });
    expect(pickNext([other], [best])).toMatchObject({ diversification: 1 });
  });
});

test.for([
  [0.5, [], 1],
  [0.5, [0.5], 0.55],
  [0.5, [0.6], 0.775],
  [0.5, [0.9, 0.4], 0.775],
  [0.5, [0.71], 1],
  [undefined, [0.5], 1],
  [0.5, [undefined], 1],
] as const)('a correlation of %s beside %s leaves %d', ([own, others, share]) => {
  const beside = others.map((dailyCorrelation) => ({ dailyCorrelation }));
  expect(diversify({ dailyCorrelation: own }, beside)).toBeCloseTo(share, 12);
});

test('the fast track holds what closed within the hour, in profit, this way, after less than ten minutes', () => {
  const nowMs = 10_000_000;
  const closed = (symbol: string, changes: Partial<Position> = {}) =>
    ({
      symbol,
      status: 'closed',
      direction: 'long',
      openedAtMs: nowMs - 900_000,
      closedAtMs: nowMs - 600_000,
      realizedPnl: notional('0.1'),
      ...changes,
    }) as Position;
  const found = listFastTrack(
    [
      closed('FAST'),
      closed('SHORT', { direction: 'short' }),
      closed('LOST', { realizedPnl: notional('-0.1') }),
      closed('EVEN', { realizedPnl: notional(0) }),
      closed('UNKNOWN', { realizedPnl: undefined }),
      closed('SLOW', { openedAtMs: nowMs - 1_200_000 }),
      closed('OLD', { openedAtMs: nowMs - 3_900_000, closedAtMs: nowMs - 3_600_001 }),
      closed('OPEN', { status: 'active', closedAtMs: undefined }),
    ],
    { direction: 'long', nowMs },
  );
  expect([...found]).toEqual(['FAST']);
});
