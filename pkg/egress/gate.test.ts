import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { createMemoryWindowBudget, type BudgetKey } from '#pkg/budgets';
import { createSilentLogger } from '#pkg/observability';

import { createEgressGate } from './gate.ts';

const egress = { box: 'eos', egressAddress: '203.0.113.13', bindAddress: undefined };
const key: BudgetKey = { provider: 'binance', scope: 'address', id: egress.egressAddress };
const settled = (): Promise<void> => new Promise((resolve) => queueMicrotask(resolve));

function startGate() {
  const clock = createManualClock();
  const budget = createMemoryWindowBudget();
  const gate = createEgressGate({ egress, budget, clock, logger: createSilentLogger() });
  const ask = async () => {
    gate();
    for (let turn = 0; turn < 5; turn += 1) await settled();
    return gate();
  };
  const spend = (weight: number) =>
    budget.reserve([{ key, weight }], { providerNowMs: clock.nowMs(), priority: 'protective' });
  return { clock, budget, gate, ask, spend };
}

test('an address with weight left takes work', async () => {
  const { ask, spend } = startGate();
  await spend(2_000);
  expect(await ask()).toBeUndefined();
});

test('an address without weight leaves ordinary work to others and goes on protecting', async () => {
  const { gate, ask, spend } = startGate();
  await spend(2_150);
  expect(await ask()).toBe('AddressBudgetSpent');
  expect(gate('protective')).toBeUndefined();
});

test('a closed gate opens with the next minute, before anything is read again', async () => {
  const { clock, gate, ask, spend } = startGate();
  await spend(2_160);
  expect(await ask()).toBe('AddressBudgetSpent');
  clock.advance(60_000);
  expect(gate()).toBeUndefined();
});

test('a banned address takes no work at all until its ban ends', async () => {
  const { clock, budget, gate, ask } = startGate();
  await budget.block(key, clock.nowMs() + 120_000);
  expect(await ask()).toBe('AddressBanned');
  expect(gate('protective')).toBe('AddressBanned');
  clock.advance(120_000);
  expect(await ask()).toBeUndefined();
});

test('between the two marks the gate keeps its answer', async () => {
  const { clock, budget, ask, spend } = startGate();
  await spend(2_130);
  expect(await ask()).toBe('AddressBudgetSpent');
  // A header corrects the count down by little: 1,2 % was left, now 4 %.
  const nowMs = clock.nowMs();
  await budget.settle(key, {
    weight: 2_130,
    reservedAtMs: nowMs,
    answeredAtMs: nowMs,
    usages: [{ windowMs: 60_000, weightUsed: 2_064 }],
  });
  clock.advance(300);
  expect(await ask()).toBe('AddressBudgetSpent');
});
