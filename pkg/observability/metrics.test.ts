import { expect, test } from 'vitest';
import { METRICS, renderCatalogue } from './catalogue.ts';
import { createMetrics } from './metrics.ts';

const create = () =>
  createMetrics({ box: 'eos', process: 'eos-worker', version: '0.1.0', isNodeIncluded: false });

test('the reference page is the catalogue', async () => {
  await expect(renderCatalogue()).toMatchFileSnapshot('../../docs/reference/metrics.md');
});

test('names follow the habits of Prometheus', () => {
  for (const [name, definition] of Object.entries(METRICS)) {
    expect(name).toMatch(/^kraite_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total'), name).toBe(definition.kind === 'counter');
    if (definition.kind === 'histogram') expect(name).toMatch(/_(seconds|size)$/);
    expect(definition.help, name).toMatch(/^[A-Z].*\.$/);
  }
});

test('what was counted, set and observed is on the page, with box and process', async () => {
  const metrics = create();
  metrics.increment('kraite_venue_requests_total', {
    address: '203.0.113.13',
    endpoint: 'order',
    status: '200',
  });
  metrics.set('kraite_open_positions', { direction: 'long' }, 3);
  metrics.observe('kraite_step_hop_seconds', { lane: 'orders' }, 0.0018);
  metrics.onScrape(() => metrics.set('kraite_lane_slots', { lane: 'orders' }, 8));
  const { text } = await metrics.render();
  expect(text).toContain(
    'kraite_venue_requests_total{address="203.0.113.13",endpoint="order",status="200",box="eos",process="eos-worker"} 1',
  );
  expect(text).toContain('kraite_open_positions{direction="long",box="eos"');
  expect(text).toMatch(/kraite_step_hop_seconds_bucket\{le="0.002",.*\} 1/);
  expect(text).toMatch(/kraite_lane_slots\{lane="orders",.*\} 8/);
  expect(text).toMatch(/kraite_build_info\{version="0.1.0",.*\} 1/);
});

test('a read that fails is counted, and the rest of the page is there', async () => {
  const metrics = create();
  metrics.onScrape(() => Promise.reject(new Error('the database is away')));
  metrics.onScrape(() => metrics.set('kraite_lane_slots', { lane: 'orders' }, 8));
  await metrics.render();
  const { text } = await metrics.render();
  expect(text).toMatch(/^kraite_lane_slots\{lane="orders",.*\} 8$/m);
  expect(text).toMatch(/^kraite_scrape_reads_failed_total\{.*\} 2$/m);
});

test('a cleared gauge forgets the labels it had', async () => {
  const metrics = create();
  metrics.set('kraite_steps', { lane: 'orders', state: 'ready' }, 4);
  metrics.clear('kraite_steps');
  expect((await metrics.render()).text).not.toContain('state="ready"');
});
