import fc from 'fast-check';
import { expect, test } from 'vitest';

import { readGolden } from '../../../tests/harness/golden.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from './glyphs.ts';
import type { ScreenBox, ScreenModel, ScreenPosition } from './model.ts';
import { renderScreen, type ScreenLook } from './render.ts';

const NOON_MS = Date.UTC(2026, 0, 1, 12);

function tradingBox(name: string, index: number, fields: Partial<ScreenBox> = {}): ScreenBox {
  return {
    name,
    role: 'trading',
    state: 'ready',
    reason: undefined,
    address: `203.0.113.${12 + index}`,
    lanes: [
      { name: 'positions', slots: 5, busy: 2 },
      { name: 'orders', slots: 8, busy: 3 },
      { name: 'priority', slots: 3, busy: 0 },
      { name: 'own', slots: 1, busy: 0 },
    ],
    budget: { used: 96 * index, max: 2_400 },
    ...fields,
  };
}

const LONG: ScreenPosition = {
  symbol: 'BTCUSDT',
  direction: 'long',
  status: 'active',
  reason: undefined,
  stop: 60,
  rungs: [
    { price: 91.5, isFilled: true },
    { price: 83, isFilled: false },
    { price: 74.5, isFilled: false },
    { price: 66, isFilled: false },
  ],
  entry: 100,
  mark: 93,
  profit: 95.2,
  pnlUsdt: '-3.40',
  ageMs: 74_000,
};

const SHORT: ScreenPosition = {
  ...LONG,
  symbol: 'ETHUSDT',
  direction: 'short',
  stop: 145,
  rungs: [109.5, 119, 128.5, 138].map((price) => ({ price, isFilled: false })),
  mark: 100.2,
  profit: 99.64,
  pnlUsdt: '+1.20',
  ageMs: 3_000,
};

const OPENING: ScreenPosition = {
  ...LONG,
  symbol: 'SOLUSDT',
  status: 'opening',
  stop: undefined,
  rungs: [],
  mark: 20,
  profit: undefined,
  pnlUsdt: undefined,
  ageMs: 200,
};

const MODEL: ScreenModel = {
  fleet: 'kraite',
  mode: 'simulated',
  phase: 'running',
  uptimeMs: 134_000,
  sites: [
    { name: 'admin', url: 'http://admin.localhost:8080' },
    { name: 'public', url: 'http://localhost:8080' },
    { name: 'docs', url: 'http://syntax.localhost:8080' },
  ],
  boxes: [
    {
      name: 'hyperion',
      role: 'core',
      state: 'ready',
      reason: undefined,
      address: undefined,
      lanes: [],
      budget: undefined,
    },
    tradingBox('athena', 0, {
      role: 'brain',
      lanes: [
        { name: 'user-data-stream', slots: 5, busy: 1 },
        { name: 'own', slots: 1, busy: 0 },
      ],
    }),
    tradingBox('eos', 1),
    tradingBox('iris', 2, { reason: 'AddressBudgetSpent', budget: { used: 2_390, max: 2_400 } }),
    tradingBox('nyx', 3, { state: 'killed', lanes: [] }),
    tradingBox('hemera', 4, {
      state: 'degraded',
      reason: 'hemera-worker: exited with 1',
      lanes: [],
    }),
    tradingBox('tyche', 5, {
      role: 'indicators',
      lanes: [
        { name: 'indicators', slots: 10, busy: 4 },
        { name: 'cronjobs', slots: 3, busy: 1 },
        { name: 'own', slots: 1, busy: 0 },
      ],
    }),
  ],
  positions: [LONG, SHORT, OPENING],
  totals: { opened: 9, closed: 6, realizedUsdt: '+12.40' },
  events: [
    { atMs: NOON_MS, kind: 'BoxKilled', message: 'nyx is killed: nyx-worker', reason: undefined },
    {
      atMs: NOON_MS + 2_000,
      kind: 'OpeningRefused',
      message: 'No symbol is left for a long slot.',
      reason: 'NoCandidate',
    },
    {
      atMs: NOON_MS + 3_000,
      kind: 'RungFilled',
      message: 'Long BTCUSDT: rung 1 filled.',
      reason: undefined,
    },
  ],
};

function look(columns: number, rows: number): ScreenLook {
  return { columns, rows, hasColour: false, glyphs: UNICODE_GLYPHS };
}

test.each([
  { columns: 80, rows: 24 },
  { columns: 132, rows: 40 },
])('the screen at $columns × $rows is the golden one', ({ columns, rows }) => {
  const text = `${renderScreen(MODEL, look(columns, rows)).join('\n')}\n`;
  expect(text).toBe(readGolden(`tests/golden/cli/screen-${columns}x${rows}.txt`, text));
});

test('a fleet without positions and events still says what it is', () => {
  const model: ScreenModel = { ...MODEL, positions: [], events: [] };
  const text = renderScreen(model, look(80, 24)).join('\n');
  expect(text).toContain('none open');
  expect(text).toContain('nothing yet');
});

test('real money is said so in capitals', () => {
  expect(renderScreen({ ...MODEL, mode: 'live' }, look(80, 24))[0]).toContain('LIVE: REAL MONEY');
});

test('a drain says what it waits for', () => {
  const model: ScreenModel = {
    ...MODEL,
    phase: 'draining',
    waitsFor: '2: place-rung, BTCUSDT opens',
  };
  expect(renderScreen(model, look(80, 24)).at(-1)).toBe(
    ' Ctrl-C stops at once   draining, 2: place-rung, BTCUSDT opens',
  );
});

test('a terminal without Unicode gets ASCII only', () => {
  const lines = renderScreen(MODEL, { ...look(80, 24), glyphs: ASCII_GLYPHS });
  expect(lines.join('')).toMatch(/^[\u0020-\u007E]*$/);
});

test('without colour there is no escape code, with colour the words stay the same', () => {
  const plain = renderScreen(MODEL, look(100, 30));
  const coloured = renderScreen(MODEL, { ...look(100, 30), hasColour: true });
  expect(plain.join('')).not.toContain('\u001B');
  expect(coloured.join('')).toContain('\u001B[32m');
  // oxlint-disable-next-line no-control-regex -- the escape codes are what is taken away
  expect(coloured.map((line) => line.replaceAll(/\u001B\[\d*m/g, '').trimEnd())).toEqual(plain);
});

test('whatever the size of the terminal, nothing is wider or longer than it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 220 }),
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 0, max: 30 }),
      (columns, rows, count) => {
        const positions = Array.from({ length: count }, () => LONG);
        const lines = renderScreen({ ...MODEL, positions }, look(columns, rows));
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) {
          expect(Array.from(line).length).toBeLessThanOrEqual(columns);
        }
      },
    ),
  );
});
