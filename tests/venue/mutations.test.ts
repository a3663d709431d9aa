/** A short run of the mutations of `tests/simulation/venue`, over real sockets and the venue's own fault plan. */
import { expect, test } from 'vitest';

import { createSeededRandom, createSystemClock } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import { id, type AccountId } from '#pkg/domain';
import { createBinanceExchange } from '#pkg/exchange';
import { startSimulatedVenue } from '#pkg/exchange/simulated';
import { createSilentLogger } from '#pkg/observability';
import { createMemoryStore } from '#pkg/store';

import { createMutationLane } from '../simulation/venue/mutation-lane.ts';
import { createVenueView } from '../simulation/venue/venue-view.ts';

const LANES = 20;
const INTENTS_OF_LANE = 1;

test('over real sockets, too, no faulty mutation is doubled or lost', async () => {
  const clock = createSystemClock();
  const keys = Array.from({ length: LANES }, (_, index) => `lane-${index}`);
  await using venue = await startSimulatedVenue({
    seed: 'mutations',
    symbolCount: 6,
    accounts: keys.map((key) => ({ key, secret: `secret of ${key}`, balance: '100000' })),
  });
  await using exchange = createBinanceExchange(
    {
      egress: { box: 'eos', egressAddress: '127.0.3.4', bindAddress: '127.0.3.4' },
      credentialsOf: async (accountId) => ({
        apiKey: accountId,
        apiSecret: `secret of ${accountId}`,
      }),
      budget: createMemoryWindowBudget(),
      clock,
      logger: createSilentLogger(),
    },
    { restUrl: venue.urls.rest },
  );
  const store = createMemoryStore({ clock });
  const view = createVenueView(venue.runtime.venue.state);
  const lanes = keys.map((key) => {
    const random = createSeededRandom(key);
    const purposes = ['rung', 'stop'] as const;
    return createMutationLane(
      { clock, store, exchange, venue: view, random, purposes },
      id<AccountId>(key),
    );
  });
  for (const lane of lanes) await lane.begin();
  venue.runtime.faults.order({
    plan: {
      seed: 'mutations',
      loseRequests: 0.06,
      loseReplies: 0.08,
      holdRequests: 0.08,
      delayMsMax: 2_500,
      answers: { timeout: 0.05, unknown503: 0.05, refused503: 0.03, busy: 0.03, html: 0.02 },
    },
  });
  const wrong = await Promise.all(
    lanes.map(async (lane) => {
      const found: string[] = [];
      for (let count = 0; count < INTENTS_OF_LANE; count += 1) found.push(...(await lane.mutate()));
      return found;
    }),
  );
  expect(wrong.flat()).toEqual([]);
  expect(venue.runtime.faults.describe().drawn.length).toBeGreaterThan(10);
  // What was held back has arrived by now, or never will.
  venue.runtime.faults.clear();
  await clock.sleep(2_600);
  expect([...view.acceptedById()].filter(([, accepted]) => accepted > 1)).toEqual([]);
});
