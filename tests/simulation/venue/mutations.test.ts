/**
 * No intent becomes two orders and none gets lost, whatever befalls the requests.
 *
 * The fleet's own client and its own code of sending, on virtual time, against the state machine of the simulated venue.
 * `KRAITE_MUTATIONS=100000 npx vitest run --project simulation tests/simulation/venue` runs as many as one likes,
 * `KRAITE_SEED` another sequence.
 */
import { expect, test } from 'vitest';

import { runMutations } from './mutation-run.ts';

const WANTED = Number(process.env['KRAITE_MUTATIONS'] ?? 2_000);
const SEED = process.env['KRAITE_SEED'] ?? 'mutations';
/** The venue is new after so many: its rows only grow. */
const OF_ONE_VENUE = 500;
const TIMEOUT_MS = 3_600_000;

test('of faulty mutations none is doubled and none is lost', { timeout: TIMEOUT_MS }, async () => {
  const fates = new Map<string, number>();
  let mutations = 0;
  for (let venue = 0; mutations < WANTED; venue += 1) {
    const wanted = Math.min(OF_ONE_VENUE, WANTED - mutations);
    const outcome = await runMutations(`${SEED}-${venue}`, wanted);
    expect(outcome.wrong, `KRAITE_SEED=${SEED}, venue ${venue}`).toEqual([]);
    mutations += outcome.mutations;
    for (const [fate, count] of outcome.fates) fates.set(fate, (fates.get(fate) ?? 0) + count);
  }
  expect(mutations).toBeGreaterThanOrEqual(WANTED);
  // A test that meets no fault proves nothing.
  for (const fate of [
    'request-lost',
    'reply-lost',
    'held-back',
    'unknown-executed',
    'lease-lost',
  ]) {
    expect(fates.get(fate) ?? 0, fate).toBeGreaterThan(WANTED / 100);
  }
});
