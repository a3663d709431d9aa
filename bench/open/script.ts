/**
 * What a person would write without a fleet: the orders of one opening through the SDK `binance`, one after another.
 *
 * Nothing is durable, no limit is counted and a lost reply is an exception: a floor for the number of round trips, not a
 * rival in safety.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { USDMClient } from 'binance';

import { required } from '#pkg/base';
import { createVenueAdmin, type VenueAdmin } from '#pkg/exchange/simulated';

const KEY = 'script';
const SECRET = 'script-secret';
const RUNGS = [0.92, 0.84, 0.76, 0.68];
const NOTIONAL = 400;

export interface Script extends AsyncDisposable {
  readonly admin: VenueAdmin;
  /** Opens a position in the next symbol; resolves with the milliseconds that it took. */
  open(): Promise<number>;
}

/** Starts an exchange of its own beside the fleet's, in a process of its own, and the script's client. */
export async function startScript(launcher: string): Promise<Script> {
  const child = spawn(
    launcher,
    [
      'exchange-sim',
      ...['--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0'],
      ...[
        '--account',
        `${KEY}:${SECRET}:100000`,
        '--seed',
        'script',
        '--symbols',
        '200',
        '-o',
        'json',
      ],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ready = await new Promise<{ readonly rest: string; readonly admin: string }>((resolve) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      resolve(JSON.parse(line) as { readonly rest: string; readonly admin: string });
    });
  });
  const client = new USDMClient({ api_key: KEY, api_secret: SECRET, baseUrl: ready.rest });
  await client.setPositionMode({ dualSidePosition: 'true' });
  const { symbols } = await client.getExchangeInfo();
  let count = 0;
  const open = async (): Promise<number> => {
    const { symbol, filters } = required(symbols[count], 'There are more symbols than openings.');
    count += 1;
    const tick = filterOf(filters, 'PRICE_FILTER', 'tickSize');
    const step = filterOf(filters, 'LOT_SIZE', 'stepSize');
    const { markPrice } = await client.getMarkPrice({ symbol });
    const mark = Number(markPrice);
    const quantity = toStep(NOTIONAL / mark, step);
    const startedMs = performance.now();
    const position = { symbol, positionSide: 'LONG' } as const;
    await client.getPositionsV3({ symbol });
    await client.setLeverage({ symbol, leverage: 10 });
    await client.submitNewOrder({ ...position, side: 'BUY', type: 'MARKET', quantity });
    await client.submitNewAlgoOrder({
      ...position,
      algoType: 'CONDITIONAL',
      side: 'SELL',
      type: 'STOP_MARKET',
      triggerPrice: String(toStep(mark * 0.6, tick)),
      closePosition: 'true',
    });
    for (const ratio of RUNGS) {
      await client.submitNewOrder({
        ...position,
        side: 'BUY',
        type: 'LIMIT',
        timeInForce: 'GTC',
        quantity,
        price: toStep(mark * ratio, tick),
      });
    }
    await client.submitNewOrder({
      ...position,
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity,
      price: toStep(mark * 1.1, tick),
    });
    return performance.now() - startedMs;
  };
  return {
    admin: createVenueAdmin(ready.admin),
    open,
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill();
      await ended;
    },
  };
}

function filterOf(filters: readonly object[], type: string, field: string): number {
  const found = filters.find((filter) => Reflect.get(filter, 'filterType') === type);
  return Number(Reflect.get(required(found, `The symbol has ${type}.`), field));
}

function toStep(value: number, step: number): number {
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Number((Math.round(value / step) * step).toFixed(digits));
}
