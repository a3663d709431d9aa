import { afterEach, beforeEach, expect, test } from 'vitest';
import { startHealthServer, type HealthServer, type Readiness } from './health-server.ts';
import { createMetrics } from './metrics.ts';

let server: HealthServer;
let readiness: Readiness;
let drains: number;

beforeEach(async () => {
  readiness = { isReady: true, isDraining: false, reasons: [] };
  drains = 0;
  server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics({ box: 'eos', process: 'p', version: '1', isNodeIncluded: false }),
    isLive: () => true,
    readiness: () => readiness,
    onDrain: () => {
      drains += 1;
    },
  });
});
afterEach(() => server[Symbol.asyncDispose]());

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${path}`, init);

test('a live process answers 200 and shows its metrics', async () => {
  expect((await get('/livez')).status).toBe(200);
  const page = await get('/metrics');
  expect(page.headers.get('content-type')).toContain('text/plain');
  expect(await page.text()).toContain('kraite_build_info');
});

test('a process that is not ready says why in words', async () => {
  readiness = { isReady: false, isDraining: true, reasons: ['BoxDraining'] };
  const response = await get('/readyz');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    isReady: false,
    isDraining: true,
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

test('a port in use is refused with what to do', async () => {
  const second = startHealthServer({
    host: '127.0.0.1',
    port: server.port,
    metrics: createMetrics({ box: 'eos', process: 'p', version: '1', isNodeIncluded: false }),
    isLive: () => true,
    readiness: () => readiness,
    onDrain: () => undefined,
  });
  await expect(second).rejects.toThrow(/free the port or choose another/);
});
