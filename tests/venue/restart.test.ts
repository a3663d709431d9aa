/** The venue is killed without warning and comes back with everything that it answered. */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createVenueAdmin } from '#pkg/exchange/simulated';
import { createWire } from './wire-client.ts';

const ACCOUNT = { key: 'restart-key', secret: 'restart-secret' };
const MAIN = new URL('../../cmd/exchange-sim/main.ts', import.meta.url).pathname;

interface Running {
  readonly child: ChildProcess;
  readonly rest: string;
  readonly admin: string;
}

let folder: string;
let running: Running | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'venue-restart-'));
});
afterEach(() => {
  running?.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(flags: readonly string[] = []): Promise<Running> {
  const account = `${ACCOUNT.key}:${ACCOUNT.secret}:10000`;
  const child = spawn(
    process.execPath,
    [
      MAIN,
      '--listen',
      '127.0.0.1:0',
      '--account',
      account,
      '--state',
      folder,
      '-o',
      'json',
      ...flags,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`exchange-sim ended with ${code}`)));
    child.stdout.once('data', (line: Buffer) => {
      const ready = JSON.parse(line.toString('utf8')) as { rest: string; admin: string };
      resolve({ child, ...ready });
    });
  });
}

async function kill({ child }: Running): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

test('orders, positions, money and market time survive kill -9 and a torn last line', async () => {
  running = await start(['--seed', '11']);
  let wire = createWire(running.rest, ACCOUNT);
  await wire('POST', '/fapi/v1/positionSide/dual', { parameters: { dualSidePosition: 'true' } });
  const order = { symbol: 'SOLUSDT', side: 'BUY', positionSide: 'LONG' };
  await wire('POST', '/fapi/v1/order', {
    parameters: { ...order, type: 'MARKET', quantity: 2, newClientOrderId: 'kept' },
  });
  const rung = { type: 'LIMIT', timeInForce: 'GTC', quantity: 4, price: '80.00' };
  await wire('POST', '/fapi/v1/order', {
    parameters: { ...order, ...rung, newClientOrderId: 'rung' },
  });
  const stop = {
    algoType: 'CONDITIONAL',
    type: 'STOP_MARKET',
    closePosition: 'true',
    triggerPrice: '70.00',
  };
  await wire('POST', '/fapi/v1/algoOrder', {
    parameters: { ...order, ...stop, side: 'SELL', clientAlgoId: 'stop' },
  });
  await createVenueAdmin(running.admin).advance(3_600_000);
  await createVenueAdmin(running.admin).order({ rename: { symbol: 'OPUSDT', to: 'OPTIMUSDT' } });
  const before = await createVenueAdmin(running.admin).state();
  const clockBefore = await createVenueAdmin(running.admin).clock();
  await kill(running);

  const log = readdirSync(folder).find((name) => name.startsWith('log-')) ?? '';
  appendFileSync(join(folder, log), '{"t":1,"c":[["orders","1",{"orderId"');
  running = await start(['--seed', 'ignored']);
  wire = createWire(running.rest, ACCOUNT);
  const after = await createVenueAdmin(running.admin).state();
  for (const table of [
    'accounts',
    'positions',
    'orders',
    'algos',
    'trades',
    'incomes',
    'settings',
  ]) {
    expect(after[table], table).toEqual(before[table]);
  }
  expect(await createVenueAdmin(running.admin).summary()).toMatchObject({
    seed: '11',
    openPositions: 1,
    openWithoutStop: 0,
    openOrders: 1,
    openAlgoOrders: 1,
  });
  const { prices } = await createVenueAdmin(running.admin).market();
  expect(prices['OPTIMUSDT']).toEqual(prices['OPUSDT']);
  const clockAfter = await createVenueAdmin(running.admin).clock();
  expect(clockAfter.nowMs).toBeGreaterThan(clockBefore.nowMs);
  expect(clockAfter.marketMs).toBeGreaterThan(clockBefore.marketMs - 1_100);
  expect(clockAfter.marketMs).toBeLessThan(clockBefore.marketMs + 3_000);
  const found = await wire('GET', '/fapi/v1/order', {
    parameters: { symbol: 'SOLUSDT', origClientOrderId: 'kept' },
    timestampMs: clockAfter.nowMs,
  });
  expect(found.body).toMatchObject({ status: 'FILLED', executedQty: '2' });
});

test('a second venue on the same state folder is refused', async () => {
  running = await start();
  await expect(start()).rejects.toThrow('ended with 1');
});
