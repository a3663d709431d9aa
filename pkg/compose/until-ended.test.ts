import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { STOP_MS_MAX, untilEnded } from './until-ended.ts';

const never = new Promise<never>(() => undefined);
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a start that finishes gives what it made, also while the process ends', async () => {
  const clock = createManualClock();
  const ending = new AbortController();
  expect(await untilEnded(Promise.resolve('role'), { clock, signal: ending.signal })).toBe('role');
  ending.abort();
  expect(await untilEnded(Promise.resolve('role'), { clock, signal: ending.signal })).toBe('role');
});

test('a start that would wait for ever is given up once the process was asked to end', async () => {
  const clock = createManualClock();
  const ending = new AbortController();
  let outcome = 'waits';
  void untilEnded(never, { clock, signal: ending.signal }).then((role) => {
    outcome = String(role);
  });
  clock.advance(STOP_MS_MAX * 10);
  await settle();
  expect(outcome).toBe('waits');
  ending.abort();
  await settle();
  clock.advance(STOP_MS_MAX - 1);
  await settle();
  expect(outcome).toBe('waits');
  clock.advance(1);
  await settle();
  expect(outcome).toBe('undefined');
});

test('a start that fails because the process ends is no failure; any other is', async () => {
  const clock = createManualClock();
  const ending = new AbortController();
  const options = { clock, signal: ending.signal };
  await expect(untilEnded(Promise.reject(new Error('broken')), options)).rejects.toThrow('broken');
  ending.abort();
  expect(await untilEnded(Promise.reject(new Error('aborted')), options)).toBeUndefined();
});
