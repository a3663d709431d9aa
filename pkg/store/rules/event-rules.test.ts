import { describe, expect, test } from 'vitest';

import { completeEvent, settledPrefix } from './event-rules.ts';

const row = (sequence: number, ageMs: number) => ({
  event: completeEvent({ kind: 'BoxLost', message: 'eos is lost', atMs: 1 }, sequence),
  ageMs,
});
const settled = (after: number, rows: readonly ReturnType<typeof row>[]) =>
  settledPrefix(after, rows).map((event) => event.sequence);

describe('reading events in order', () => {
  test('a number that may still be committed holds back what comes after it', () => {
    expect(settled(5, [row(6, 3), row(8, 2), row(9, 1)])).toEqual([6]);
    expect(settled(5, [row(7, 2)])).toEqual([]);
  });

  test('a gap older than a second was never used', () => {
    expect(settled(5, [row(6, 5_000), row(8, 1_000), row(9, 1)])).toEqual([6, 8, 9]);
  });

  test('without a gap nothing is held back', () => {
    expect(settled(5, [row(6, 0), row(7, 0)])).toEqual([6, 7]);
  });
});
