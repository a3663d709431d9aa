import { expect, test } from 'vitest';

import { readGolden } from '../../tests/harness/golden.ts';
import { NOTIFICATIONS, renderNotifications } from './catalogue.ts';
import { findChannelMistakes, type Channel } from './channel.ts';
import { planNotifications, type NotifyState } from './plan-notifications.ts';

const MINUTE_MS = 60_000;
const EMPTY: NotifyState = { sequence: 0, toldAtMs: {}, seenAtMs: {} };

const channel = (name: string, changes: Partial<Channel> = {}): Channel => ({
  name,
  kind: 'log',
  audience: 'both',
  severityMin: 'info',
  url: undefined,
  to: undefined,
  from: undefined,
  sealedSecret: undefined,
  ...changes,
});
const event = (kind: string, sequence: number, atMs: number, changes: object = {}) =>
  ({ kind, sequence, atMs, message: `${kind} happened`, ...changes }) as never;

const told = (
  state: NotifyState,
  events: readonly never[],
  channels: readonly Channel[] = [channel('log')],
) => {
  const plan = planNotifications(NOTIFICATIONS, channels, state, events);
  return { state: plan.state, who: plan.deliveries.map((each) => `${each.channel} ${each.kind}`) };
};

test('traders and operators hear different things, from the severity they chose on', () => {
  const channels = [
    channel('trader', { audience: 'trader' }),
    channel('operator', { audience: 'operator' }),
    channel('pager', { audience: 'operator', severityMin: 'critical' }),
    channel('all'),
  ];
  const events = [
    event('PositionOpened', 1, 0),
    event('ModeChanged', 2, 0),
    event('BoxLost', 3, 0),
  ];
  expect(told(EMPTY, events, channels).who).toEqual([
    'trader PositionOpened',
    'all PositionOpened',
    'operator ModeChanged',
    'all ModeChanged',
    'operator BoxLost',
    'pager BoxLost',
    'all BoxLost',
  ]);
});

test('the same about the same thing is told once in ten minutes; about another thing at once', () => {
  const first = told(EMPTY, [
    event('BoxLost', 1, 0, { box: 'eos' }),
    event('BoxLost', 2, 1, { box: 'eos' }),
    event('BoxLost', 3, 2, { box: 'iris' }),
  ]);
  expect(first.who).toHaveLength(2);
  const early = told(first.state, [event('BoxLost', 4, 10 * MINUTE_MS - 1, { box: 'eos' })]);
  expect(early.who).toEqual([]);
  const late = told(early.state, [event('BoxLost', 5, 10 * MINUTE_MS, { box: 'eos' })]);
  expect(late.who).toEqual(['log BoxLost']);
});

test('a threshold is earned within its time, and anew after each notification', () => {
  const crash = (sequence: number, atMs: number) => event('ProcessCrashed', sequence, atMs);
  const slow = told(EMPTY, [crash(1, 0), crash(2, 6 * MINUTE_MS), crash(3, 11 * MINUTE_MS)]);
  expect(slow.who).toEqual([]);
  const third = told(slow.state, [crash(4, 12 * MINUTE_MS)]);
  expect(third.who).toEqual(['log ProcessCrashed']);
  const fourth = told(third.state, [crash(5, 23 * MINUTE_MS), crash(6, 23 * MINUTE_MS)]);
  expect(fourth.who).toEqual([]);
  expect(told(fourth.state, [crash(7, 23 * MINUTE_MS)]).who).toEqual(['log ProcessCrashed']);
});

test('what stands in no catalogue is told to nobody, and is not looked at twice', () => {
  const plan = told(EMPTY, [event('DirectionsConcluded', 7, 0), event('NotificationLost', 8, 0)]);
  expect([plan.who, plan.state.sequence]).toEqual([[], 8]);
});

test('a channel that cannot work is refused with what it needs', () => {
  const mistakes = (changes: object) =>
    findChannelMistakes({ ...channel('ops'), hasSecret: false, ...changes });
  expect(mistakes({})).toEqual([]);
  expect(mistakes({ kind: 'email' })).toEqual([
    'email needs --url',
    'email needs --to',
    'email needs --from',
  ]);
  expect(mistakes({ kind: 'telegram', to: '1' })).toEqual(['telegram needs --secret-file']);
  expect(mistakes({ kind: 'webhook', url: 'ftp://x' })[0]).toContain('http: or https:');
  expect(mistakes({ kind: 'email', to: 'a', from: 'b', url: 'smtp://u:p@x' })[0]).toContain(
    '--secret-file',
  );
  expect(mistakes({ name: 'Bad Name' })[0]).toContain('small letters');
});

test('the page of notifications is the catalogue', () => {
  const page = renderNotifications();
  expect(page).toBe(readGolden('docs/reference/notifications.md', page));
});
