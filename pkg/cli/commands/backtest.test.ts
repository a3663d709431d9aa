import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { createStage } from '../../../tests/harness/cli-stage.ts';
import { readGolden } from '../../../tests/harness/golden.ts';
import { runKraite } from '../run.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtest-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: readonly string[]) {
  const { context, written } = createStage({ workingDirectory: folder });
  return { exitCode: await runKraite(['backtest', ...args], context), ...written };
}

test('the recorded half-year of BTC is judged, plotted and tabled', async () => {
  const { exitCode, stdout, stderr } = await run('BTCUSDT');
  expect(stderr).toBe('');
  // One side is rejected.
  expect(exitCode).toBe(1);
  expect(stdout).toBe(readGolden('tests/golden/cli/backtest.txt', stdout));
});

test('-o json says the same with every figure', async () => {
  const { exitCode, stdout } = await run('ETHUSDT', '--side', 'long', '--gap', '10', '-o', 'json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    symbol: 'ETHUSDT',
    candles: 4_309,
    sides: [{ kind: 'approve', setup: { direction: 'long', gapPercent: 10 } }],
  });
});

test('files of the public archive are read from any folder, and a wrong line is named', async () => {
  const row = (hour: number) => `${hour * 3_600_000},100,101,99,100.5,5,0,0,0,0,0,0`;
  const rows = Array.from({ length: 100 * 24 }, (_, hour) => row(hour + 1));
  writeFileSync(join(folder, 'CALMUSDT-1h-1970.csv'), rows.join('\n'));
  expect(await run('CALMUSDT', '--from', '.', '--side', 'long')).toMatchObject({ exitCode: 0 });
  writeFileSync(join(folder, 'BADUSDT-1h-1970.csv'), [row(1), row(2), 'x,y'].join('\n'));
  const wrong = await run('BADUSDT', '--from', '.');
  expect(wrong.exitCode).toBe(1);
  expect(wrong.stderr).toContain('BADUSDT-1h-1970.csv:3: 2 columns');
  const absent = await run('NONEUSDT');
  expect(absent.stderr).toContain('holds no file of klines (NONEUSDT-1h-….csv)');
});

test('--svg draws the price, and under it every time at which starts were stopped', async () => {
  await run('BTCUSDT', '--side', 'short', '--svg', 'btc.svg');
  const image = readFileSync(join(folder, 'btc.svg'), 'utf8');
  expect(image).toMatch(/^<svg [^>]+>\n[\s\S]+<\/svg>\n$/u);
  const [, points = ''] = /<polyline [^>]*points="([^"]+)"/u.exec(image) ?? [];
  expect(points.split(' ')).toHaveLength(1_110);
  const stops = image.match(/fill="#b3261e"/gu) ?? [];
  expect(stops.length).toBeGreaterThanOrEqual(2);
  expect(stops.length).toBeLessThanOrEqual(14);
  expect(image).toContain('short: reject. 14 of 4309 ended starts were stopped');
  const absent = await run('BTCUSDT', '--svg', 'no/such/folder/btc.svg');
  expect(absent.exitCode).toBe(1);
  expect(absent.stderr).toContain('no/such/folder');
});

test.each([
  [['BTCUSDT', '--side', 'up'], '--side: up is not long, short or both'],
  [['BTCUSDT', '--gap', '0'], '--gap: 0 is not a percentage above 0 and under 100'],
  [[], "missing required argument 'symbol'"],
])('%j is wrong use', async (args, message) => {
  const { exitCode, stderr } = await run(...args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});
