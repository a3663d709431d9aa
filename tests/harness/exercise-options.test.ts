import { expect, test } from 'vitest';

import { ExerciseOptionsError, parseExerciseOptions } from './exercise-options.ts';

const DEFAULTS = { seeds: 10, sizes: [7, 83], only: 'a,b', trace: false, json: undefined } as const;

test('flags take the kind of their default, and what is left out takes the default', () => {
  expect(parseExerciseOptions([], DEFAULTS)).toEqual(DEFAULTS);
  const args = ['--seeds', '2.5', '--sizes', '1,2', '--only', 'b', '--trace', '--json', 'x'];
  expect(parseExerciseOptions(args, DEFAULTS)).toEqual({
    seeds: 2.5,
    sizes: [1, 2],
    only: 'b',
    trace: true,
    json: 'x',
  });
});

test.each([
  [['--seeds', 'x'], '--seeds: x is no number above 0'],
  [['--seeds', '0'], '--seeds: 0 is no number above 0'],
  [['--seeds=-1'], '--seeds: -1 is no number above 0'],
  [['--seeds', '1e9x'], '--seeds: 1e9x is no number above 0'],
  [['--sizes', '7,'], '--sizes:  is no number above 0'],
  [['--only', 'c'], '--only: c is none of a,b'],
  [['--what'], "Unknown option '--what'; flags are --seeds --sizes --only --trace --json"],
  [['--seeds'], 'flags are --seeds'],
])('%j is refused with a sentence, and nothing runs', (args, sentence) => {
  expect(() => parseExerciseOptions(args, DEFAULTS)).toThrow(ExerciseOptionsError);
  expect(() => parseExerciseOptions(args, DEFAULTS)).toThrow(sentence);
});
