import { describe, expect, test } from 'vitest';

import type { Levels, Measure } from '#pkg/prospects';
import { measureRoom, scoreCandidate, type ScoredFacts } from './score-candidate.ts';

const HOUR_MS = 3_600_000;
const MEASURE: Measure = {
  kind: 'measured',
  atMs: 0,
  moves: 499,
  correlation: 0.8,
  stability: 0.5,
  elasticity: { rising: 1.5, falling: -0.4 },
};
const LEVELS: Levels = {
  ...{ atMs: 0, timeframe: '1h', price: 100 },
  ...{ s3: 70, s1: 90, r1: 110, r3: 130 },
};
const FACTS: ScoredFacts = {
  direction: 'long',
  leader: 'long',
  measure: MEASURE,
  levels: LEVELS,
  mark: 100,
  nowMs: HOUR_MS,
};

describe('the score', () => {
  test('is ln(1 + |elasticity|) × |correlation| × room × stability', () => {
    const found = scoreCandidate(FACTS);
    expect(found).toMatchObject({ kind: 'scored', factors: { room: 1 } });
    expect(found.kind === 'scored' && found.score).toBeCloseTo(Math.log(2.5) * 0.8 * 0.5, 12);
  });

  test('of a short counts the hours in which BTC fell, whatever their sign', () => {
    const found = scoreCandidate({ ...FACTS, direction: 'short', leader: 'short' });
    expect(found.kind === 'scored' && found.score).toBeCloseTo(Math.log(1.4) * 0.8 * 0.5, 12);
  });

  test.for([
    ['long', 'long', 0.3, true],
    ['short', 'short', 0.3, true],
    ['long', 'short', -0.3, true],
    ['short', 'long', -0.3, true],
    ['long', 'long', -0.3, false],
    ['short', 'short', -0.3, false],
    ['long', 'short', 0.3, false],
    ['short', 'long', 0.3, false],
    ['long', 'long', 0, false],
  ] as const)(
    'for a %s while BTC points %s a correlation of %d counts: %s',
    ([direction, leader, correlation, isRight]) => {
      const found = scoreCandidate({
        ...FACTS,
        ...{ direction, leader, measure: { ...MEASURE, correlation } },
      });
      expect(found).toMatchObject(isRight ? { kind: 'scored' } : { reason: 'AgainstLeader' });
    },
  );

  test.for<readonly [string, Partial<ScoredFacts>, string]>([
    ['was not measured', { measure: undefined }, 'CandlesMissing'],
    [
      'could not be measured',
      { measure: { kind: 'unavailable', atMs: 0, reason: 'CandlesStale', message: 'Old.' } },
      'CandlesStale',
    ],
    ['was measured long ago', { nowMs: 2.5 * HOUR_MS + 1 }, 'CandlesStale'],
    ['has no levels', { levels: undefined }, 'ReadingMissing'],
    ['has old levels', { levels: { ...LEVELS, atMs: -2 * HOUR_MS } }, 'ReadingMissing'],
    [
      'was compared with too few hours',
      { measure: { ...MEASURE, elasticity: {} } },
      'CandlesMissing',
    ],
    ['has no leader', { leader: undefined }, 'LeaderUnclear'],
    ['stands at its resistance', { mark: 110 }, 'NoRoom'],
    ['changes its mind', { measure: { ...MEASURE, stability: 0 } }, 'NoRoom'],
  ])('of a symbol that %s is a reason, never a number', ([, facts, reason]) => {
    const found = scoreCandidate({ ...FACTS, ...facts });
    expect(found).toMatchObject({ kind: 'unscored', reason });
    expect(found.kind === 'unscored' && found.message).toMatch(/^[A-Z].*\.$/u);
  });
});

describe('room', () => {
  test.for([
    ['long', 60, 0],
    ['long', 80, 1],
    ['long', 106, 1],
    ['long', 108, 0.5],
    ['long', 110, 0],
    ['long', 125, 0],
    ['long', 131, 1],
    ['short', 131, 0],
    ['short', 120, 1],
    ['short', 94, 1],
    ['short', 92, 0.5],
    ['short', 90, 0],
    ['short', 75, 0],
    ['short', 69, 1],
  ] as const)('of a %s at %d between 90 and 110 is %d', ([direction, mark, room]) => {
    expect(measureRoom(LEVELS, { direction, mark })).toBeCloseTo(room, 12);
  });

  test('is none between levels that are no levels', () => {
    expect(measureRoom({ ...LEVELS, s1: 110 }, { direction: 'long', mark: 100 })).toBe(0);
  });
});
