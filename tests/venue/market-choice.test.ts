/** Where the prices of the simulated exchange come from, as chosen on its command line. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runExchangeSim, startSimulatedVenue } from '#pkg/exchange/simulated';
import { createWire } from './wire-client.ts';

const ACCOUNT = { key: 'market-key', secret: 'market-secret' };
const RECORDED = new URL('../../data/BTCUSDT-1h-2020-11_2021-05.csv', import.meta.url);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'market-choice-'));
  copyFileSync(RECORDED, join(folder, basename(RECORDED.pathname)));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a replayed folder is the whole market, and its symbols can be traded', async () => {
  await using venue = await startSimulatedVenue({
    accounts: [{ ...ACCOUNT, balance: '10000' }],
    replayFolder: folder,
  });
  const wire = createWire(venue.urls.rest, ACCOUNT);
  const info = (await wire('GET', '/fapi/v1/exchangeInfo')).body as { symbols: unknown[] };
  expect(info.symbols).toMatchObject([{ symbol: 'BTCUSDT', status: 'TRADING' }]);
  const parameters = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' };
  const order = await wire('POST', '/fapi/v1/order', { parameters });
  expect(order).toMatchObject({ status: 200, body: { status: 'NEW' } });
});

test('a state folder goes on with the market that it began with, or says why not', async () => {
  const state = join(folder, 'state');
  const lines: string[] = [];
  const run = async (...flags: string[]): Promise<number> => {
    const stop = new AbortController();
    const edges = {
      writeOut: () => stop.abort(),
      writeError: (text: string) => void lines.push(text),
      signal: stop.signal,
    };
    const always = ['--listen', '127.0.0.1:0', '--account', 'k:s:100', '--state', state];
    return await runExchangeSim([...always, ...flags], edges);
  };
  expect(await run('--market', 'regimes')).toBe(0);
  expect(await run('--market', 'regimes')).toBe(0);
  expect(await run()).toBe(1);
  expect(lines.join()).toContain('began with a market of prices "regimes", not "lively"');
  lines.length = 0;
  expect(await run('--replay', join(folder, 'nowhere'))).toBe(1);
  expect(lines.join()).toContain('cannot read the folder');
  expect(await run('--market', 'quiet')).toBe(2);
});
