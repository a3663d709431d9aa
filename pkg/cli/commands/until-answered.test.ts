import { createManualClock } from '#pkg/base';
import { expect, test } from 'vitest';

import { ANSWER_MS_MAX, untilAnswered } from './until-answered.ts';

function createBounds() {
  const requested = new AbortController();
  const clock = createManualClock();
  const interrupt = { requested: requested.signal, forced: new AbortController().signal };
  return { clock, requested, bounds: { clock, interrupt } };
}

const never = (): Promise<string> => Promise.withResolvers<string>().promise;

test('an answer in time is handed on', async () => {
  const { bounds } = createBounds();
  await expect(untilAnswered(bounds, Promise.resolve('rows'))).resolves.toBe('rows');
});

test('a refusal in time is handed on', async () => {
  const { bounds } = createBounds();
  const refusal = new Error('no such table');
  await expect(untilAnswered(bounds, Promise.reject(refusal))).rejects.toBe(refusal);
});

test('a fleet that never answers is given up with a sentence', async () => {
  const { bounds, clock } = createBounds();
  const asked = untilAnswered(bounds, never());
  clock.advance(ANSWER_MS_MAX);
  await expect(asked).rejects.toThrow('the fleet did not answer within 5.5 s');
});

test('an interrupt ends the wait at once', async () => {
  const { bounds, requested } = createBounds();
  const asked = untilAnswered(bounds, never());
  requested.abort();
  await expect(asked).rejects.toThrow('interrupted before the fleet answered');
});

test('an interrupt that came first is not missed', async () => {
  const { bounds, requested } = createBounds();
  requested.abort();
  await expect(untilAnswered(bounds, never())).rejects.toThrow('interrupted');
});
