/** One venue, a few accounts, and mutations until there were enough; in virtual time. */
import { createManualClock, createSeededRandom, toError } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import { id, type AccountId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { createMemoryStore } from '#pkg/store';

import { createExchangeOver } from '../../../pkg/exchange/binance/binance-exchange.ts';
import { passTime } from '../kube/virtual-time.ts';
import { createFaultyWire } from './faulty-wire.ts';
import { createMutationLane, type MutationLane } from './mutation-lane.ts';

const LANES = 6;
const PURPOSES = ['entry', 'rung', 'rung', 'stop'] as const;
/** Hosts are never quite right. */
const SKEW_MS = 90_000;

export interface MutationOutcome {
  readonly mutations: number;
  readonly wrong: readonly string[];
  readonly fates: ReadonlyMap<string, number>;
}

export async function runMutations(seed: string, wanted: number): Promise<MutationOutcome> {
  const clock = createManualClock(Date.UTC(2026, 6, 1));
  const random = createSeededRandom(seed);
  const offMs = random.integer(2 * SKEW_MS) - SKEW_MS;
  const hostClock = { ...clock, nowMs: () => clock.nowMs() + offMs };
  const keys = Array.from({ length: LANES }, (_, index) => `lane-${index}`);
  const lanes = new Map<string, MutationLane>();
  const wire = createFaultyWire(
    { clock, random, onDeath: (key) => lanes.get(key)?.loseRun() },
    keys.map((key) => ({ key, secret: `secret of ${key}`, balance: '10000000' })),
  );
  const exchange = createExchangeOver(
    { venue: wire, wallet: undefined },
    {
      egress: { box: 'eos', egressAddress: '203.0.113.13', bindAddress: undefined },
      credentialsOf: async (accountId) => ({
        apiKey: accountId,
        apiSecret: `secret of ${accountId}`,
      }),
      budget: createMemoryWindowBudget(),
      clock: hostClock,
      logger: createSilentLogger(),
    },
  );
  const store = createMemoryStore({ clock: hostClock });
  for (const key of keys) {
    const parts = {
      clock: hostClock,
      store,
      exchange,
      venue: wire.view,
      random,
      purposes: PURPOSES,
    };
    lanes.set(key, createMutationLane(parts, id<AccountId>(key)));
  }
  const wrong: string[] = [];
  const count = (): number =>
    [...lanes.values()].reduce((sum, { mutations }) => sum + mutations, 0);
  let failure: Error | undefined;
  const work = async (): Promise<void> => {
    wire.calm(true);
    for (const lane of lanes.values()) await lane.begin();
    wire.calm(false);
    await Promise.all(
      [...lanes.values()].map(async (lane) => {
        while (count() < wanted) wrong.push(...(await lane.mutate()));
      }),
    );
  };
  let isOver = false;
  void work()
    .catch((error: unknown) => {
      failure = toError(error);
    })
    .finally(() => {
      isOver = true;
    });
  while (!isOver) await passTime(clock, 1_000);
  if (failure !== undefined) throw failure;
  // What was held back is let through: nothing of it may be accepted now.
  await passTime(clock, 60_000);
  for (const [name, accepted] of wire.view.acceptedById()) {
    if (accepted > 1) wrong.push(`${name} was accepted ${accepted} times`);
  }
  return { mutations: count(), wrong, fates: wire.fates };
}
