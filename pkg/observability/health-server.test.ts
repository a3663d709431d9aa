import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createManualClock, type ManualClock } from '#pkg/base';
import { startHealthServer, type HealthServer, type Readiness } from './health-server.ts';
import { createMetrics } from './metrics.ts';
import { parseProcessFacts } from './process-facts.ts';

const hook = { headers: { 'kraite-pre-stop': 'drain' } };

let server: HealthServer;
let readiness: Readiness;
let drains: number;
let endDrain: () => void;
let clock: ManualClock;

beforeEach(async () => {
  readiness = { isReady: true, isDraining: false, isDrained: false, reasons: [] };
  drains = 0;
  clock = createManualClock();
  server = await start(0);
});
afterEach(() => server[Symbol.asyncDispose]());

function start(port: number): Promise<HealthServer> {
  return startHealthServer({
    host: '127.0.0.1',
    port,
    identity: { process: 'eos-orders', box: 'eos', version: '1.2.3' },
    metrics: createMetrics({ box: 'eos', process: 'p', version: '1', isNodeIncluded: false }),
    clock,
    isLive: () => true,
    readiness: () => readiness,
    drain: () => {
      drains += 1;
      return new Promise((resolve) => {
        endDrain = resolve;
      });
    },
  });
}

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${path}`, init);

test('a live process answers 200 and shows its metrics', async () => {
  expect((await get('/livez')).status).toBe(200);
  const page = await get('/metrics');
  expect(page.headers.get('content-type')).toContain('text/plain');
  expect(await page.text()).toContain('kraite_build_info');
});

test('a process that is not ready says why in words', async () => {
  readiness = { isReady: false, isDraining: true, isDrained: false, reasons: ['BoxDraining'] };
  const response = await get('/readyz');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    process: 'eos-orders',
    box: 'eos',
    version: '1.2.3',
    isReady: false,
    isDraining: true,
    isDrained: false,
    reasons: [{ reason: 'BoxDraining', message: 'The box takes no more work while it drains.' }],
  });
});

test('a POST drains; a GET and a web page do not', async () => {
  expect((await get('/drain')).status).toBe(405);
  const page = await get('/drain', { method: 'POST', headers: { origin: 'http://x.example' } });
  expect([page.status, drains]).toEqual([403, 0]);
  expect((await get('/drain', { method: 'POST' })).status).toBe(202);
  expect(drains).toBe(1);
});

test('an unknown path is answered with the known ones', async () => {
  const response = await get('/healthz');
  expect(response.status).toBe(404);
  expect(await response.text()).toContain('/readyz');
});

test('a pre-stop hook is answered when the process is drained', async () => {
  const asked = get('/pre-stop?timeoutSeconds=60', hook);
  await vi.waitFor(() => expect(drains).toBe(1));
  endDrain();
  const response = await asked;
  expect([response.status, await response.json()]).toEqual([200, { isDrained: true }]);
});

test('a pre-stop hook is answered when its time is over, and the drain goes on', async () => {
  const asked = get('/pre-stop?timeoutSeconds=60', hook);
  await vi.waitFor(() => expect(drains).toBe(1));
  clock.advance(59_999);
  clock.advance(1);
  const response = await asked;
  expect([response.status, await response.json()]).toEqual([503, { isDrained: false }]);
});

test('a GET without the header of a pre-stop hook drains nothing', async () => {
  const response = await get('/pre-stop');
  expect([response.status, drains]).toEqual([403, 0]);
});

test('what /readyz says is read back as facts', async () => {
  readiness = {
    isReady: true,
    isDraining: true,
    isDrained: true,
    reasons: ['BoxDraining'],
    generation: 7,
    lanes: [{ name: 'orders', slots: 8, busy: 2, reason: 'AddressBudgetSpent' }],
    backlog: [{ lane: 'own', box: 'eos', ready: 1, running: 0 }],
  };
  const facts = parseProcessFacts(await (await get('/readyz')).text());
  expect(facts).toEqual({
    process: 'eos-orders',
    box: 'eos',
    version: '1.2.3',
    ...readiness,
  });
});

test.each(['', 'not json', '[]', '{}', '{"process":"p","box":"b","version":"1"}'])(
  'a body that is no /readyz holds no facts: %s',
  (body) => {
    expect(parseProcessFacts(body)).toBeUndefined();
  },
);

test('a port in use is refused with what to do', async () => {
  await expect(start(server.port)).rejects.toThrow(/free the port or choose another/);
});
