import { expect, test } from 'vitest';

import { formatAge, parseDurationMs } from './words.ts';

test.each([
  [0, '0ms'],
  [850, '850ms'],
  [119_999, '119s'],
  [200_000, '3m20s'],
  [180_000, '3m'],
  [18_180_000, '5h3m'],
  [367_200_000, '4d6h'],
  [-5, '0ms'],
])('%i ms is written %s', (durationMs, text) => {
  expect(formatAge(durationMs)).toBe(text);
});

test.each([
  ['90s', 90_000],
  ['2m', 120_000],
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['1.5s', 1_500],
])('%s is a duration', (text, durationMs) => {
  expect(parseDurationMs(text)).toBe(durationMs);
});

test.each(['', '90', 's', '2 m', '-1s', '1d'])('"%s" is no duration', (text) => {
  expect(parseDurationMs(text)).toBeUndefined();
});
