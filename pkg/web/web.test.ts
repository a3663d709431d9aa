import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';

import { createManualClock, type ManualClock } from '#pkg/base';
import {
  beatAllBoxes,
  createWebFleet,
  openPosition,
  saveAccount,
  WEB_HOSTS,
  type WebFleet,
} from '../../tests/harness/web-fleet.ts';
import { SITES } from './dependencies.ts';
import { createLiveStream, type LiveStream } from './live-stream.ts';
import { ensureFirstOperator, resetOperatorPassword } from './operators.ts';
import { createServer } from './server.ts';
import { SESSION_MS } from './sessions.ts';
import type { FleetSnapshot } from './snapshot.ts';

let clock: ManualClock;
let fleet: WebFleet;
let stream: LiveStream;
let server: FastifyInstance;
const routes: { readonly method: string; readonly url: string; readonly isOpen: boolean }[] = [];

beforeEach(async () => {
  clock = createManualClock();
  fleet = createWebFleet(clock);
  stream = await createLiveStream(fleet.dependencies);
  routes.length = 0;
  server = await createServer(fleet.dependencies, {
    port: 0,
    hosts: WEB_HOSTS,
    stream,
    watchRoute: (route) => routes.push(route),
  });
});

afterEach(async () => {
  await stream[Symbol.asyncDispose]();
  await server.close();
});

const HOSTS = SITES.map((site) => WEB_HOSTS[site]);
const ADMIN = { host: 'admin.localhost:8080' };

async function logIn(): Promise<string> {
  const issued = await ensureFirstOperator(fleet.store, fleet.dependencies.random);
  if (issued === undefined) throw new Error('there is an operator already');
  const reply = await postLogin(issued.name, issued.password);
  return cookieOf(reply);
}

function postLogin(name: string, password: string) {
  return server.inject({
    method: 'POST',
    url: '/login',
    headers: { ...ADMIN, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ name, password }).toString(),
  });
}

function cookieOf(reply: { readonly headers: Readonly<Record<string, unknown>> }): string {
  return String(reply.headers['set-cookie']).split(';')[0] ?? '';
}

function get(url: string, headers: Record<string, string>) {
  return server.inject({ method: 'GET', url, headers });
}

describe('the three sites', () => {
  it('are told apart by host name on any port', async () => {
    const [admin, home, docs] = await Promise.all([
      get('/login', ADMIN),
      get('/', { host: 'LOCALHOST:9' }),
      get('/', { host: 'syntax.localhost' }),
    ]);
    expect(admin.body).toContain('Log in to the fleet');
    expect(home.body).toContain('protects first');
    expect(docs.body).toContain('aria-label="Pages"');
  });

  it('answer an unknown host with the names that are right', async () => {
    const reply = await get('/anything', { host: '127.0.0.1:8080' });
    expect(reply.statusCode).toBe(421);
    expect(reply.body).toBe(
      'This server knows admin.localhost, localhost, syntax.localhost; ask for one of these names.\n',
    );
  });

  it('do not reach into each other by path', async () => {
    const reply = await get('/@docs/', { host: 'localhost' });
    expect(reply.statusCode).toBe(404);
  });

  it('have no /metrics and no health', async () => {
    for (const host of HOSTS) {
      for (const url of ['/metrics', '/livez', '/readyz']) {
        const reply = await get(url, { host });
        expect(reply.statusCode, `${host}${url}`).not.toBe(200);
      }
    }
  });

  it('send strict security headers with every answer', async () => {
    const urls = ['/', '/login', '/nothing', '/assets/base.css', '/api/snapshot'];
    const hosts = [...HOSTS, 'unknown.example'];
    for (const host of hosts) {
      for (const url of urls) {
        const { headers } = await get(url, { host });
        expect(headers['content-security-policy']).toContain("default-src 'none'");
        expect(headers['content-security-policy']).not.toContain('unsafe');
        expect(headers['x-content-type-options']).toBe('nosniff');
        expect(headers['x-frame-options']).toBe('DENY');
      }
    }
  });

  it('carry no inline script and no inline style', async () => {
    const cookie = await logIn();
    const pages = await Promise.all([
      get('/', { ...ADMIN, cookie }),
      get('/login', ADMIN),
      get('/', { host: 'localhost' }),
      get('/', { host: 'syntax.localhost' }),
      get('/reference/kraitefleet', { host: 'syntax.localhost' }),
    ]);
    for (const { body, statusCode } of pages) {
      expect(statusCode).toBe(200);
      expect(body).not.toMatch(/<script(?![^>]*\bsrc=)/);
      expect(body).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
    }
  });

  it('answer a missing page with a page that leads back', async () => {
    for (const host of ['localhost', 'syntax.localhost']) {
      const reply = await get('/nothing/here', { host });
      expect(reply.statusCode).toBe(404);
      expect(reply.body).toContain('href="/"');
    }
  });
});

describe('the login', () => {
  it('turns strangers away from the page and from the API', async () => {
    const page = await get('/', ADMIN);
    expect([page.statusCode, page.headers.location]).toEqual([303, '/login']);
    const api = await get('/api/snapshot', ADMIN);
    expect([api.statusCode, api.json()]).toEqual([401, { error: 'Log in first, at /login.' }]);
    expect((await get('/api/stream', ADMIN)).statusCode).toBe(401);
  });

  it('lets the first operator in, with a cookie that scripts and other sites do not get', async () => {
    const issued = await ensureFirstOperator(fleet.store, fleet.dependencies.random);
    const reply = await postLogin(issued?.name ?? '', issued?.password ?? '');
    expect([reply.statusCode, reply.headers.location]).toEqual([303, '/']);
    expect(reply.headers['set-cookie']).toMatch(/HttpOnly; SameSite=Lax$/);
    const page = await get('/', { ...ADMIN, cookie: cookieOf(reply) });
    expect(page.body).toContain('id="positions"');
    expect(page.headers['cache-control']).toBe('no-store');
  });

  it('says the same of a wrong name and of a wrong password', async () => {
    await ensureFirstOperator(fleet.store, fleet.dependencies.random);
    const [name, password] = await Promise.all([
      postLogin('nobody', 'wrong'),
      postLogin('admin', 'wrong'),
    ]);
    expect([name.statusCode, password.statusCode]).toEqual([401, 401]);
    expect(name.body).toBe(password.body);
    expect(name.body).toContain('Name or password is wrong.');
  });

  it('is limited in tries', async () => {
    const codes: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      codes.push((await postLogin('admin', '')).statusCode);
    }
    expect(codes.slice(0, 10).every((code) => code === 401)).toBe(true);
    expect(codes.slice(10)).toEqual([429, 429]);
  });

  it('refuses a form that another site sent', async () => {
    const reply = await server.inject({
      method: 'POST',
      url: '/login',
      headers: { ...ADMIN, origin: 'http://evil.example' },
    });
    expect(reply.statusCode).toBe(403);
  });

  it('ends by itself, by logging out, and by a new password', async () => {
    const cookie = await logIn();
    const isIn = async (): Promise<boolean> =>
      (await get('/api/snapshot', { ...ADMIN, cookie })).statusCode === 200;
    expect(await isIn()).toBe(true);
    clock.advance(SESSION_MS);
    expect(await isIn()).toBe(false);

    const issued = await resetOperatorPassword(fleet.store, fleet.dependencies.random);
    const second = cookieOf(await postLogin('admin', issued?.password ?? ''));
    expect((await get('/api/snapshot', { ...ADMIN, cookie: second })).statusCode).toBe(200);
    await resetOperatorPassword(fleet.store, fleet.dependencies.random);
    expect((await get('/api/snapshot', { ...ADMIN, cookie: second })).statusCode).toBe(401);
  });

  it('needs the token of the session to log out', async () => {
    const cookie = await logIn();
    const logOut = (csrf: string) =>
      server.inject({
        method: 'POST',
        url: '/logout',
        headers: { ...ADMIN, cookie, 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ csrf }).toString(),
      });
    expect((await logOut('guessed')).statusCode).toBe(403);
    const page = await get('/', { ...ADMIN, cookie });
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    expect((await logOut(csrf)).statusCode).toBe(303);
    expect((await get('/api/snapshot', { ...ADMIN, cookie })).statusCode).toBe(401);
  });

  it('guards every route of the operators that does not say otherwise', async () => {
    const guarded = routes.filter(({ url, isOpen }) => url.startsWith('/@admin/') && !isOpen);
    expect(guarded.length).toBeGreaterThan(4);
    for (const { method, url } of guarded) {
      const path = url.replace('/@admin', '').replace('*', 'anything');
      const reply = await server.inject({ method: method as 'GET', url: path, headers: ADMIN });
      expect([303, 401], `${method} ${path}`).toContain(reply.statusCode);
    }
  });

  it('leaves one mutating route open: the login itself', () => {
    const open = routes.filter(
      ({ method, isOpen, url }) =>
        isOpen && !['GET', 'HEAD', 'OPTIONS'].includes(method) && !url.startsWith('/@unknown'),
    );
    expect(open.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /@admin/login']);
  });
});

describe('the first operator', () => {
  it('is created once', async () => {
    const first = await ensureFirstOperator(fleet.store, fleet.dependencies.random);
    expect(first?.name).toBe('admin');
    expect(first?.password).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
    expect(await ensureFirstOperator(fleet.store, fleet.dependencies.random)).toBeUndefined();
  });

  it('cannot be reset under a name that nobody has', async () => {
    expect(
      await resetOperatorPassword(fleet.store, fleet.dependencies.random, 'nobody'),
    ).toBeUndefined();
  });
});

describe('the snapshot', () => {
  async function snapshot(): Promise<FleetSnapshot> {
    const cookie = await logIn();
    return (await get('/api/snapshot', { ...ADMIN, cookie })).json<FleetSnapshot>();
  }

  it('shows a box without a heartbeat as away and its slots as gone', async () => {
    await beatAllBoxes(fleet, 2);
    await fleet.store.workers.leave('nyx-worker-1');
    const shown = await snapshot();
    expect(shown.boxes.map((box) => `${box.name} ${box.state}`)).toEqual([
      'hyperion ready',
      'athena ready',
      'eos ready',
      'iris ready',
      'nyx away',
      'hemera ready',
      'tyche ready',
    ]);
    const orders = shown.lanes.find((lane) => lane.lane === 'orders');
    expect([orders?.busy, orders?.slots]).toEqual([6, 24]);
  });

  it('shows a position with its corridor, what waits with its reason, and events, newest first', async () => {
    const accountId = await saveAccount(fleet);
    const shown = { symbol: 'BTCUSDT', direction: 'long', entry: '60000', mark: '60100' } as const;
    await openPosition(fleet, { accountId, slot: 1, rungsFilled: 1, ...shown });
    await fleet.store.scheduleRuns.begin('create-positions', 1, 1);
    await fleet.store.scheduleRuns.finish('create-positions', 1, {
      result: 'held',
      reason: 'FleetPaused',
      nowMs: 2,
    });
    for (const kind of ['PositionOpened', 'RungFilled']) {
      await fleet.store.events.append({ kind, message: 'It happened.', atMs: 1 });
    }
    const { positions, waits, events } = await snapshot();
    expect(positions).toHaveLength(1);
    expect(positions[0]).toMatchObject({
      account: 'main',
      symbol: 'BTCUSDT',
      status: 'active',
      rungsFilled: 1,
      rungs: 4,
      hasStop: true,
      markPrice: '60100',
      unrealizedUsdt: '2.00',
    });
    expect(waits).toEqual([
      {
        what: 'engine',
        who: 'new workflows',
        reason: {
          word: 'DispatcherAway',
          sentence: 'No dispatcher holds the lease, so nothing new is admitted.',
        },
      },
      {
        what: 'schedule',
        who: 'create-positions',
        reason: { word: 'FleetPaused', sentence: 'The fleet is paused by hand.' },
      },
    ]);
    expect(events.map((event) => event.kind)).toEqual(['RungFilled', 'PositionOpened']);
  });

  it('that cannot be read is an error without a trace of the inside', async () => {
    const cookie = await logIn();
    fleet.store.workers.list = () => Promise.reject(new Error('secret place'));
    const reply = await get('/api/snapshot', { ...ADMIN, cookie });
    expect(reply.statusCode).toBe(500);
    expect(reply.json<{ readonly error: string }>().error).toMatch(/^Something failed here/);
    expect(reply.body).not.toContain('secret place');
  });
});
