import { expect, test } from 'vitest';

import { id, type AccountId } from '#pkg/domain';
import { planTurn, type Waiting } from './plan-turn.ts';

const accounts = (count: number): readonly Waiting[] =>
  Array.from({ length: count }, (_, at) => ({
    accountId: id<AccountId>(`a${at}`),
    weight: 84,
    lookedAtMs: count - at,
  }));

test('a small fleet is looked at whole, a large one as far as a fifth of its budgets goes', () => {
  expect(planTurn(accounts(28), { addresses: 1 })).toHaveLength(28);
  // 0.2 × 5 minutes × 2400 × 4 addresses ÷ 84
  expect(planTurn(accounts(1_000), { addresses: 4 })).toHaveLength(114);
  expect(planTurn(accounts(1_000), { addresses: 0 })).toHaveLength(28);
});

test('who was not looked at for longest comes first, so every account gets its turn', () => {
  let waiting = accounts(1_000);
  const seen = new Set<AccountId>();
  for (let run = 1; run <= 9; run += 1) {
    const chosen = new Set(planTurn(waiting, { addresses: 4 }));
    for (const accountId of chosen) seen.add(accountId);
    waiting = waiting.map((each) =>
      chosen.has(each.accountId) ? { ...each, lookedAtMs: 10_000 + run } : each,
    );
  }
  expect(seen.size).toBe(1_000);
});
