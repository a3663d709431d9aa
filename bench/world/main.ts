/**
 * What the simulated exchange costs without its wire: how fast time can be pushed, and how many customers fit.
 *
 *   kraite bench world [--days 30] [--accounts 1000,5000] [--symbols 600] [--json FILE]
 *
 * Each customer of the second part holds four positions, each with a rung, a profit order and a stop. There is
 * no peer: nothing else that we know plays a whole venue in one process.
 */

import { Decimal, required } from '#pkg/base';
import { createVenue, ENDPOINTS, type Venue } from '../../pkg/exchange/simulated/venue/venue.ts';
import { VenueState } from '../../pkg/exchange/simulated/venue/state.ts';
import { VenueRejection } from '../../pkg/exchange/simulated/venue/rejection.ts';
import { readExerciseOptions } from '../../tests/harness/exercise-options.ts';
import { printRows, writeRows, type BenchRow } from '../report.ts';

const values = readExerciseOptions({
  days: 30,
  accounts: [1_000, 5_000],
  symbols: 600,
  json: undefined,
});

const START_MS = Math.ceil(1_777_800_000_000 / 28_800_000) * 28_800_000;
const MINUTE_MS = 60_000;
const TICK_MS = 250;
const TICKS = 200;
const POSITIONS = 4;

function open(accounts: number, symbolCount: number): Venue {
  const keys = Array.from({ length: accounts }, (_, index) => `key-${index}`);
  const state = new VenueState();
  const options = { seed: 'bench', resumeMarketMs: 0, symbolCount, market: 'regimes' as const };
  const given = keys.map((key) => ({ key, secret: 's', balance: '10000' }));
  const venue = createVenue(state, { ...options, accounts: given }, START_MS);
  for (const [index, key] of keys.entries()) fill(venue, key, index);
  forget(venue);
  return venue;
}

function fill(venue: Venue, key: string, index: number): void {
  for (let place = 0; place < POSITIONS; place += 1) {
    const listed = venue.market.listed[(index * 7 + place * 13) % venue.market.listed.length];
    const { symbol, tickSize, stepSize } = required(listed, 'There are symbols.');
    const { mark } = venue.quote(symbol, START_MS);
    const quantity = new Decimal(100).div(mark).div(stepSize).ceil().times(stepSize).toFixed();
    const at = (ratio: number): string =>
      mark.times(ratio).div(tickSize).round().times(tickSize).toFixed();
    const limit = { symbol, type: 'LIMIT', timeInForce: 'GTC', quantity };
    call(venue, key, '/fapi/v1/order', { symbol, side: 'BUY', type: 'MARKET', quantity });
    call(venue, key, '/fapi/v1/order', { ...limit, side: 'BUY', price: at(0.7) });
    call(venue, key, '/fapi/v1/order', { ...limit, side: 'SELL', price: at(1.3) });
    const stop = { symbol, side: 'SELL', algoType: 'CONDITIONAL', type: 'STOP_MARKET' };
    const more = { triggerPrice: at(0.5), closePosition: 'true' };
    call(venue, key, '/fapi/v1/algoOrder', { ...stop, ...more });
  }
}

function call(
  venue: Venue,
  key: string,
  path: string,
  parameters: Readonly<Record<string, string>>,
): void {
  const endpoint = ENDPOINTS.find((each) => each.method === 'POST' && each.path === path);
  const account = venue.state.get('accounts', key);
  try {
    venue.call(required(endpoint, `POST ${path} exists.`), parameters, account, START_MS);
  } catch (thrown) {
    if (!(thrown instanceof VenueRejection)) throw thrown;
  }
}

function forget(venue: Venue): void {
  venue.takeChanges();
  venue.takeFrames();
}

/** Seconds that `days` of minutes take with ten customers. */
function measureDays(days: number): number {
  const venue = open(10, 26);
  const startedAt = performance.now();
  for (let minute = 1; minute <= days * 1440; minute += 1) {
    venue.tick(START_MS + minute * MINUTE_MS);
    forget(venue);
  }
  return (performance.now() - startedAt) / 1000;
}

function measureCrowd(accounts: number, symbols: number): readonly BenchRow[] {
  const venue = open(accounts, symbols);
  const spent: number[] = [];
  for (let tick = 1; tick <= TICKS; tick += 1) {
    const startedAt = performance.now();
    venue.tick(START_MS + tick * TICK_MS);
    forget(venue);
    spent.push(performance.now() - startedAt);
  }
  spent.sort((one, other) => one - other);
  const name = `${accounts} accounts, ${symbols} symbols`;
  const orders = [...venue.state.rows('orders')].length + [...venue.state.rows('algos')].length;
  const megabytes = process.memoryUsage().rss / 1e6;
  return [
    row(`${name}: tick p50`, 'ms', spent[Math.floor(TICKS * 0.5)] ?? 0, TICKS),
    row(`${name}: tick p99`, 'ms', spent[Math.floor(TICKS * 0.99)] ?? 0, TICKS),
    row(`${name}: process with ${orders} orders`, 'MB', megabytes, 1),
  ];
}

function row(name: string, unit: string, ours: number, runs: number): BenchRow {
  return { name, unit, ours: Number(ours.toFixed(2)), peers: {}, runs };
}

const { days } = values;
const rows: BenchRow[] = [row(`${days} days of minutes, 10 accounts`, 's', measureDays(days), 1)];
for (const accounts of values.accounts) {
  rows.push(...measureCrowd(accounts, values.symbols));
}
printRows(rows);
writeRows(values.json, rows);
