import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ensureFirstOperator, startWeb, type WebServer } from '#pkg/web';
import { launchTestBrowser } from '../harness/browser.ts';
import {
  beatAllBoxes,
  createRunningWebFleet,
  openPosition,
  saveAccount,
  WEB_HOSTS,
} from '../harness/web-fleet.ts';

const SCREENSHOTS = join(import.meta.dirname, '..', '..', '.kraite', 'screenshots');
const ARGUMENTS = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // All three names are this machine; nothing is asked of a name server.
  '--host-resolver-rules=MAP * 127.0.0.1',
];

const fleet = createRunningWebFleet();
let web: WebServer;
let browser: Browser;
let page: Page;
let password = '';
const complaints: string[] = [];

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  web = await startWeb(fleet.dependencies, { port: 0, hosts: WEB_HOSTS });
  password = (await ensureFirstOperator(fleet.store, fleet.dependencies.random))?.password ?? '';
  await beatAllBoxes(fleet, 2);
  browser = await launchTestBrowser(ARGUMENTS);
  page = await browser.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
});

afterAll(async () => {
  await browser?.close();
  await web?.[Symbol.asyncDispose]();
});

const address = (site: keyof typeof WEB_HOSTS, path = '/'): string =>
  `http://${WEB_HOSTS[site]}:${web.port}${path}`;

/** Takes the page as it is, wide and narrow, light and dark, for people to look at. */
async function photograph(name: string): Promise<void> {
  for (const [size, width, height] of [
    ['wide', 1280, 900],
    ['narrow', 360, 740],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const path = join(SCREENSHOTS, `${name}-${size}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
    }
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(overflow, `${name} ${size} scrolls sideways`).toBe(0);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}

describe('in a browser', () => {
  it('an operator logs in and sees the seven boxes', async () => {
    await page.goto(address('admin'));
    expect(page.url()).toBe(address('admin', '/login'));
    await photograph('login');
    await page.fill('#name', 'admin');
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-box=tyche]');
    const boxes = await page.locator('[data-box]').allInnerTexts();
    expect(boxes.map((text) => text.split('\n')[0]?.split(' ')[0])).toEqual([
      'hyperion',
      'athena',
      'eos',
      'iris',
      'nyx',
      'hemera',
      'tyche',
    ]);
    const eos = await page.locator('[data-box=eos]').innerText();
    for (const fact of ['203.0.113.13', '127.0.3.1', '10.0.0.13', '0.1.0', 'of 2\u202f400']) {
      expect(eos).toContain(fact);
    }
    expect(await page.locator('#link').innerText()).toBe('Live');
  });

  it('a position appears in its corridor when the rows change, without a reload', async () => {
    expect(await page.locator('.position').count()).toBe(0);
    const accountId = await saveAccount(fleet);
    await openPosition(fleet, {
      accountId,
      symbol: 'BTCUSDT',
      direction: 'long',
      entry: '61240.5',
      mark: '61301.2',
      slot: 1,
    });
    const position = page.locator('[data-symbol=BTCUSDT]');
    await position.waitFor({ timeout: 5_000 });
    const label = (await position.locator('.corridor').getAttribute('aria-label')) ?? '';
    const words = ['stop', 'rung 4', 'rung 3', 'rung 2', 'rung 1', 'entry', 'profit', 'mark'];
    expect(words.filter((word) => !label.includes(word))).toEqual([]);
  });

  it('an event shows as soon as it is announced', async () => {
    const event = await fleet.store.events.append({
      kind: 'RungFilled',
      message: 'Rung 1 of ETHUSDT short filled at 2431.10.',
      box: 'eos',
      atMs: fleet.clock.nowMs(),
    });
    await fleet.signals.publish('events', JSON.stringify(event));
    await page.getByText('Rung 1 of ETHUSDT short').waitFor({ timeout: 5_000 });
  });

  it('a box that falls silent and what is refused show with their reasons', async () => {
    const accountId = await saveAccount(fleet);
    await openPosition(fleet, {
      accountId,
      symbol: 'ETHUSDT',
      direction: 'short',
      entry: '2400',
      mark: '2431.1',
      slot: 1,
      rungsFilled: 1,
    });
    await openPosition(fleet, {
      accountId,
      symbol: 'SOLUSDT',
      direction: 'long',
      entry: '151.27',
      mark: '140.02',
      slot: 2,
      rungsFilled: 1,
    });
    await fleet.store.workers.leave('nyx-worker-1');
    await fleet.store.scheduleRuns.begin('create-positions', 1, 1);
    await fleet.store.scheduleRuns.finish('create-positions', 1, {
      result: 'held',
      reason: 'NoCandidate',
      nowMs: 2,
    });
    await page.locator('[data-box=nyx] [data-state=away]').waitFor({ timeout: 5_000 });
    await page.getByText('NoCandidate').waitFor({ timeout: 5_000 });
    await page.locator('[data-symbol=SOLUSDT]').waitFor({ timeout: 5_000 });
    await photograph('fleet');
  });

  it('the page is used by keyboard, and logging out ends the stream', async () => {
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.getByRole('button', { name: 'Log out' }).press('Enter');
    await page.waitForURL(address('admin', '/login'));
    await page.goto(address('admin'));
    expect(page.url()).toBe(address('admin', '/login'));
  });

  it('the public site and the docs open, and link to each other', async () => {
    await page.goto(address('public'));
    await photograph('public');
    await page.getByRole('link', { name: 'Docs' }).click();
    await page.waitForURL(address('docs'));
    await photograph('docs');
    await page.locator('.side').getByRole('link', { name: 'KraiteFleet', exact: true }).click();
    await page.getByRole('heading', { name: 'KraiteFleet', level: 1 }).waitFor();
    await photograph('reference');
  });

  it('no page complained', () => {
    expect(complaints).toEqual([]);
  });
});
