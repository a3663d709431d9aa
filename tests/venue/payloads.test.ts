/** Every answer and frame has each documented field, with its documented type, and no other. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createSystemClock } from '#pkg/base';
import {
  createVenueAdmin,
  startSimulatedVenue,
  type SimulatedVenue,
} from '#pkg/exchange/simulated';
import { eventually } from '../harness/eventually.ts';
import { createWire, type Wire } from './wire-client.ts';

/** `string`, `number`, `boolean`, `null`; a list of one form; places of different forms; or fields. */
type Shape =
  | string
  | readonly Shape[]
  | { readonly tuple: readonly Shape[] }
  | { readonly [field: string]: Shape };

interface Documented {
  readonly source: string;
  readonly shape: Shape;
}
interface Asked extends Documented {
  readonly name: string;
  readonly ask: Readonly<Record<string, string>>;
  /** Of the source address. */
  readonly weight: number;
}
type Body = Readonly<Record<string, unknown>>;

const { rest, frames } = JSON.parse(
  readFileSync(new URL('../payloads/documented-shapes.json', import.meta.url), 'utf8'),
) as { readonly rest: readonly Asked[]; readonly frames: Readonly<Record<string, Documented>> };
const ACCOUNT = { key: 'payload-key', secret: 'payload-secret' };
const clock = createSystemClock();

let venue: SimulatedVenue;
const answers: unknown[] = [];
const weights: number[] = [];
const seen = new Map<string, Body>();

beforeAll(async () => {
  venue = await startSimulatedVenue({ accounts: [{ ...ACCOUNT, balance: '10000' }] });
  await live();
});
afterAll(async () => {
  await venue[Symbol.asyncDispose]();
});

/** One life in the order of the list, from which every answer and the first frame of each kind is kept. */
async function live(): Promise<void> {
  const wire = createWire(venue.urls.rest, ACCOUNT);
  const { listenKey } = (await wire('POST', '/fapi/v1/listenKey')).body;
  const sockets = [
    collect(`${venue.urls.privateStream}/ws/${String(listenKey)}`),
    collect(`${venue.urls.marketStream}/ws/btcusdt@markPrice@1s`),
    collect(`${venue.urls.publicStream}/ws/btcusdt@bookTicker`),
  ];
  await Promise.all(sockets.map(({ opened }) => opened));
  let usedBefore = 1;
  for (const { name, ask } of rest) {
    const { body, used = usedBefore } = await answer(wire, name, ask);
    answers.push(body);
    // In a new minute the count begins again.
    weights.push(used < usedBefore ? used : used - usedBefore);
    usedBefore = used;
  }
  await eventually(() => expect([...seen.keys()]).toContain('markPriceUpdate'));
  sockets.push(await endBadly(wire));
  for (const { socket } of sockets) socket.terminate();
}

/** The end: the price falls until the customer is called, and the hour of the stream's key passes. */
async function endBadly(wire: Wire): Promise<ReturnType<typeof collect>> {
  const admin = createVenueAdmin(venue.urls.admin);
  const { listenKey } = (await wire('POST', '/fapi/v1/listenKey')).body;
  const user = collect(`${venue.urls.privateStream}/ws/${String(listenKey)}`);
  await user.opened;
  await admin.order({ movePrice: { symbol: 'SOLUSDT', ratio: 0.5 } });
  await eventually(() => expect([...seen.keys()]).toContain('MARGIN_CALL'));
  await admin.advance(3_700_000);
  await eventually(() => expect([...seen.keys()]).toContain('listenKeyExpired'));
  return user;
}

/** `$0.9` stands for nine tenths of the mark price, `$batch` for a list of one order. */
async function answer(
  wire: Wire,
  name: string,
  ask: Asked['ask'],
): Promise<{ readonly body: unknown; readonly used: number | undefined }> {
  const [method = '', path = ''] = name.split(' ');
  const mark = venue.runtime.venue.quote('SOLUSDT', clock.nowMs()).mark;
  const fill = (value: string): string => {
    if (value === '$batch') {
      const order = { symbol: 'SOLUSDT', side: 'BUY', positionSide: 'LONG', type: 'LIMIT' };
      const more = { timeInForce: 'GTC', quantity: '1', newClientOrderId: 'batch' };
      return JSON.stringify([{ ...order, ...more, price: mark.times(0.9).toFixed(2) }]);
    }
    return value.startsWith('$') ? mark.times(value.slice(1)).toFixed(2) : value;
  };
  const parameters = Object.fromEntries(
    Object.entries(ask).map(([key, value]) => [key, fill(value)]),
  );
  const { body, headers } = await wire(method, path, { parameters });
  const used = headers['x-mbx-used-weight-1m'];
  return { body, used: used === undefined ? undefined : Number(used) };
}

function collect(url: string) {
  const socket = new WebSocket(url);
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString('utf8')) as Body;
    const name = String(frame['e']);
    if (!seen.has(name)) seen.set(name, frame);
  });
  const opened = new Promise((resolve) => socket.once('open', resolve));
  return { socket, opened };
}

/** Returns where a value is not of its form. */
function faults(value: unknown, shape: Shape, at: string): readonly string[] {
  if (typeof shape === 'string') {
    const kind = value === null ? 'null' : typeof value;
    return kind === shape ? [] : [`${at} is ${kind}, not ${shape}`];
  }
  if (isList(shape) || isTuple(shape)) {
    if (!Array.isArray(value)) return [`${at} is no list`];
    const places = isList(shape) ? value.map(() => shape[0] ?? {}) : shape.tuple;
    const isEmpty = isList(shape) && shape.length > 0 && value.length === 0;
    return [
      ...(isEmpty ? [`${at} is empty`] : []),
      ...(places.length === value.length ? [] : [`${at} has ${value.length} places`]),
      ...places.flatMap((place, index) => faults(value[index], place, `${at}[${index}]`)),
    ];
  }
  if (typeof value !== 'object' || value === null) return [`${at} is no object`];
  const body = value as Body;
  return [
    ...Object.keys(body).flatMap((key) => (key in shape ? [] : [`${at}.${key} is not documented`])),
    ...Object.entries(shape).flatMap(([key, of]) => faults(body[key], of, `${at}.${key}`)),
  ];
}

const isList = (shape: Shape): shape is readonly Shape[] => Array.isArray(shape);
const isTuple = (shape: Shape): shape is { readonly tuple: readonly Shape[] } =>
  typeof shape === 'object' && Array.isArray((shape as Body)['tuple']);

test.each(rest.map((each, index) => [`${each.name} ${JSON.stringify(each.ask)}`, index] as const))(
  '%s is as documented',
  (_name, index) => {
    const documented = rest[index];
    expect(faults(answers[index], documented?.shape ?? {}, ''), documented?.source).toEqual([]);
  },
);

test('every request weighs what is documented', () => {
  const named = rest.map(({ name, weight }) => [name, weight]);
  expect(rest.map(({ name }, index) => [name, weights[index]])).toEqual(named);
});

test.each(Object.entries(frames))('the frame %s is as documented', (name, { source, shape }) => {
  expect(faults(seen.get(name), shape, ''), source).toEqual([]);
});
