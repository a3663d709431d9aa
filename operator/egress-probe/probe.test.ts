import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSystemClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { startEchoServer } from './echo-server.ts';
import { findAddress, findAgreed, judgeObservations, type Observation } from './observation.ts';
import { listenForProbes } from './probe-listener.ts';
import { runProbe } from './probe.ts';

const clock = createSystemClock();
const RIGHT = '203.0.113.13';
const WRONG = '203.0.113.10';
const seen = (...addresses: readonly (string | undefined)[]): readonly Observation[] =>
  addresses.map((address, index) => ({
    endpoint: `http://echo-${index}/`,
    ...(address === undefined ? { error: 'no answer' } : { address }),
  }));

test.for([
  ['two of two', seen(RIGHT, RIGHT), 'confirmed'],
  ['two of three, one silent', seen(RIGHT, undefined, RIGHT), 'confirmed'],
  ['two of three, one that saw another', seen(WRONG, RIGHT, RIGHT), 'confirmed'],
  ['the only one', seen(RIGHT), 'confirmed'],
  ['one of three', seen(RIGHT, undefined, undefined), 'unclear'],
  ['one against one', seen(RIGHT, WRONG), 'unclear'],
  ['silence', seen(undefined, undefined), 'unclear'],
  ['no services', seen(), 'unclear'],
  ['two that saw another', seen(WRONG, WRONG, RIGHT), 'contradicted'],
  ['two against two', seen(RIGHT, RIGHT, WRONG, WRONG), 'contradicted'],
  ['the only one saw another', seen(WRONG), 'contradicted'],
] as const)('%s: %3$s', ([, observations, kind]) => {
  expect(judgeObservations(RIGHT, observations)).toMatchObject({ kind });
});

test('an address is agreed on by two, or by the only one', () => {
  expect(findAgreed(seen(WRONG, RIGHT, RIGHT))).toBe(RIGHT);
  expect(findAgreed(seen(WRONG, RIGHT))).toBeUndefined();
  expect(findAgreed(seen())).toBeUndefined();
});

test('an address is found in plain text and in JSON', () => {
  expect(findAddress('203.0.113.13\n')).toBe(RIGHT);
  expect(findAddress('{"ip":"203.0.113.13","v":"1.2.3"}')).toBe(RIGHT);
  expect(findAddress('999.1.1.1 is none')).toBeUndefined();
});

test('an agent asks a probe that came before it, and tells what stays unanswered', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kraite-probe-'));
  const socketPath = join(folder, 'probe.sock');
  const stop = new AbortController();
  const probing = runProbe({ socketPath, clock, logger: createSilentLogger() }, stop.signal);
  const connected = Promise.withResolvers<void>();
  {
    await using echo = await startEchoServer({ host: '127.0.0.1', port: 0 });
    await using probes = await listenForProbes(socketPath, { clock, onConnect: connected.resolve });
    expect(await probes.ask([echo.url])).toMatchObject([
      { error: expect.stringMatching(/no probe/) as string },
    ]);
    await connected.promise;
    expect(await probes.ask([echo.url, 'http://127.0.0.1:1/', 'nonsense'])).toEqual([
      { endpoint: echo.url, address: '127.0.0.1' },
      { endpoint: 'http://127.0.0.1:1/', error: expect.stringContaining('ECONNREFUSED') as string },
      { endpoint: 'nonsense', error: expect.stringContaining('Invalid URL') as string },
    ]);
  }
  stop.abort();
  await probing;
  await rm(folder, { recursive: true });
});

test('an echo service answers a reader with his address, and nobody else', async () => {
  await using echo = await startEchoServer({ host: '127.0.0.1', port: 0 });
  const headers = { 'x-forwarded-for': '198.51.100.1' };
  expect(await (await fetch(echo.url, { headers })).text()).toBe('127.0.0.1\n');
  expect((await fetch(echo.url, { method: 'POST' })).status).toBe(405);
});
