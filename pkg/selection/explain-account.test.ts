import { expect, test } from 'vitest';

import { setHold } from '#pkg/holds';
import { concludeDirections } from '#pkg/signals';
import { createTradeBench, type TradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { createPositions, explainAccount } from './index.ts';

const SLOTS = { slots: { long: 2, short: 1 } } as const;

async function explain(bench: TradeBench) {
  const account = await bench.store.accounts.find(bench.account.id);
  if (account === undefined) throw new Error('the account is gone');
  return explainAccount(bench, account);
}

test('an account that may open says so for each side, with its free slots', async () => {
  const bench = await createTradeBench(SLOTS);
  expect(await explain(bench)).toMatchObject([
    { side: 'long', slots: 2, free: [1, 2], taken: [], reason: undefined },
    { side: 'short', slots: 1, free: [1], taken: [], reason: undefined },
  ]);
});

test('a pause is the first refusal of both sides', async () => {
  const bench = await createTradeBench(SLOTS);
  const sinceMs = bench.clock.nowMs();
  const pause = { source: 'person', owner: 'ann', why: 'a look', sinceMs } as const;
  await setHold(
    bench.store.settings,
    { ...pause, scope: { kind: 'fleet' }, reason: 'FleetPaused' },
    sinceMs,
  );
  expect((await explain(bench)).map(({ reason }) => reason)).toEqual([
    'FleetPaused',
    'FleetPaused',
  ]);
});

test('where every gate is open, the last look at the symbols answers (incident 56)', async () => {
  const bench = await createTradeBench(SLOTS);
  await bench.runner.submit(concludeDirections, undefined);
  await bench.runner.settle();
  await bench.runner.submit(createPositions, undefined);
  await bench.runner.settle();

  const [long, short] = await explain(bench);
  expect(long?.taken.map(({ symbol, slot }) => `${symbol} ${slot}`)).toEqual(['BTCUSDT 1']);
  expect(long).toMatchObject({ free: [2], reason: 'NoCandidate' });
  expect(long?.message).toContain('PairAlreadyHeld');
  expect(short).toMatchObject({ free: [1], reason: 'NoCandidate' });
});
