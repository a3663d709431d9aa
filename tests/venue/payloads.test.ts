/** Every answer and frame has each documented field, with its documented type, and none that was withdrawn. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createSystemClock } from '#pkg/base';
import { startSimulatedVenue, type SimulatedVenue } from '#pkg/exchange/simulated';
import { createWire } from './wire-client.ts';

interface Shape {
  readonly source: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly absent?: readonly string[];
}
type Body = Readonly<Record<string, unknown>>;

const SHAPES = JSON.parse(
  readFileSync(new URL('../payloads/documented-shapes.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Shape>>;
const ACCOUNT = { key: 'payload-key', secret: 'payload-secret' };
const clock = createSystemClock();

let venue: SimulatedVenue;
const seen: Record<string, Body> = {};

beforeAll(async () => {
  venue = await startSimulatedVenue({ accounts: [{ ...ACCOUNT, balance: '10000' }] });
  await live();
});
afterAll(async () => {
  await venue[Symbol.asyncDispose]();
});

/** One short life, from which every message is kept. */
async function live(): Promise<void> {
  const wire = createWire(venue.urls.rest, ACCOUNT);
  const { listenKey } = (await wire('POST', '/fapi/v1/listenKey')).body;
  const user = collect(`${venue.urls.privateStream}/ws/${String(listenKey)}`);
  const market = collect(`${venue.urls.marketStream}/ws/btcusdt@markPrice@1s`);
  await user.opened;
  await wire('POST', '/fapi/v1/positionSide/dual', { parameters: { dualSidePosition: 'true' } });
  const order = { symbol: 'SOLUSDT', side: 'BUY', positionSide: 'LONG' };
  const entry = { ...order, type: 'MARKET', quantity: 1, newClientOrderId: 'entry' };
  seen['POST order'] = (await wire('POST', '/fapi/v1/order', { parameters: entry })).body;
  const byId = { symbol: 'SOLUSDT', origClientOrderId: 'entry' };
  seen['GET order'] = (await wire('GET', '/fapi/v1/order', { parameters: byId })).body;
  const stop = {
    ...order,
    side: 'SELL',
    algoType: 'CONDITIONAL',
    type: 'STOP_MARKET',
    closePosition: 'true',
    triggerPrice: '60.00',
    clientAlgoId: 'stop',
  };
  seen['POST algoOrder'] = (await wire('POST', '/fapi/v1/algoOrder', { parameters: stop })).body;
  const byAlgoId = { clientAlgoId: 'stop' };
  seen['GET algoOrder'] = (await wire('GET', '/fapi/v1/algoOrder', { parameters: byAlgoId })).body;
  const first = async (path: string, parameters = {}): Promise<Body> =>
    ((await wire('GET', path, { parameters })).body as unknown as readonly Body[])[0] ?? {};
  seen['positionRisk v3'] = await first('/fapi/v3/positionRisk');
  seen['positionRisk v2'] = await first('/fapi/v2/positionRisk', { symbol: 'SOLUSDT' });
  seen['balance v3'] = await first('/fapi/v3/balance');
  seen['account v3'] = (await wire('GET', '/fapi/v3/account')).body;
  seen['userTrades'] = await first('/fapi/v1/userTrades', { symbol: 'SOLUSDT' });
  seen['income'] = await first('/fapi/v1/income');
  seen['premiumIndex'] = (
    await wire('GET', '/fapi/v1/premiumIndex', { parameters: { symbol: 'SOLUSDT' } })
  ).body;
  for (let tries = 0; tries < 60 && market.frames.length === 0; tries += 1) await clock.sleep(50);
  keepFrames(user.frames, market.frames);
  user.socket.terminate();
  market.socket.terminate();
}

function keepFrames(user: readonly Body[], market: readonly Body[]): void {
  const inner = (name: string, field: string): Body =>
    (user.find((frame) => frame['e'] === name)?.[field] ?? {}) as Body;
  const account = inner('ACCOUNT_UPDATE', 'a') as { B?: readonly Body[]; P?: readonly Body[] };
  seen['ORDER_TRADE_UPDATE'] = inner('ORDER_TRADE_UPDATE', 'o');
  seen['ALGO_UPDATE'] = inner('ALGO_UPDATE', 'o');
  seen['ACCOUNT_UPDATE balance'] = account.B?.[0] ?? {};
  seen['ACCOUNT_UPDATE position'] = account.P?.[0] ?? {};
  seen['markPriceUpdate'] = market[0] ?? {};
}

function collect(url: string) {
  const socket = new WebSocket(url);
  const frames: Body[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString('utf8')) as Body));
  const opened = new Promise((resolve) => socket.once('open', resolve));
  return { socket, frames, opened };
}

test.each(Object.entries(SHAPES))('%s is as documented', (name, shape) => {
  const body = seen[name] ?? {};
  const types = Object.fromEntries(
    Object.keys(shape.fields).map((field) => [
      field,
      Array.isArray(body[field]) ? 'array' : typeof body[field],
    ]),
  );
  expect(types, shape.source).toEqual(shape.fields);
  for (const field of shape.absent ?? []) expect(body).not.toHaveProperty(field);
});
