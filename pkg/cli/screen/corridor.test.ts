import { expect, test } from 'vitest';

import { drawCorridor } from './corridor.ts';
import { ASCII_GLYPHS } from './glyphs.ts';
import type { ScreenPosition } from './model.ts';

type Prices = Parameters<typeof drawCorridor>[0];

const LONG: Prices = {
  stop: 60,
  rungs: [90, 80].map((price) => ({ price, isFilled: false })),
  entry: 100,
  mark: undefined,
  profit: 101,
};

function draw(prices: Prices, width = 17): string {
  return drawCorridor(prices, width, ASCII_GLYPHS)
    .map(({ text }) => text)
    .join('');
}

test('a long stands from its stop over rungs and entry to its profit', () => {
  expect(draw(LONG)).toBe('x---o---o---+--->');
});

test('the price stands true between its two neighbours', () => {
  expect(draw({ ...LONG, mark: 85 })).toBe('x---o-^-o---+--->');
  expect(draw({ ...LONG, mark: 100.5 })).toBe('x---o---o---+-^->');
});

test('a short is drawn the same way round: its stop, which is above, stands left', () => {
  const short: Prices = {
    stop: 140,
    rungs: [110, 120].map((price) => ({ price, isFilled: false })),
    entry: 100,
    mark: 99.5,
    profit: 99,
  };
  expect(draw(short)).toBe('x---o---o---+-^->');
});

test('after a re-averaging the profit stands before the entry and the filled rung is marked', () => {
  const rungs: ScreenPosition['rungs'] = [
    { price: 90, isFilled: true },
    { price: 80, isFilled: false },
  ];
  expect(draw({ ...LONG, rungs, profit: 94 })).toBe('x---o---@--->---+');
});

test('a price beyond stop or profit stays at the edge', () => {
  expect(draw({ ...LONG, mark: 10 }).startsWith('^')).toBe(true);
  expect(draw({ ...LONG, mark: 500 }).endsWith('^')).toBe(true);
});

test('what cannot be drawn is left blank', () => {
  expect(draw({ stop: undefined, rungs: [], entry: 100, mark: 100, profit: undefined }, 5)).toBe(
    '     ',
  );
});
