import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { createEventRecorder } from '#pkg/events';
import { createSilentLogger } from '#pkg/observability';
import { createMemorySignals } from '#pkg/queues';
import { createMemoryStore } from '#pkg/store';
import { createStepRunner } from '../../tests/harness/trade/step-runner.ts';
import { saveChannels, type Channel } from './channel.ts';
import type { DeliveryOutcome, Message } from './channels/deliver.ts';
import { sendNotifications } from './definitions.ts';
import { createNotificationHandlers, retryDelayMs } from './steps.ts';

const LOG: Channel = {
  name: 'log',
  kind: 'log',
  audience: 'both',
  severityMin: 'info',
  url: undefined,
  to: undefined,
  from: undefined,
  sealedSecret: undefined,
};

async function setUp(answer: (count: number) => DeliveryOutcome) {
  const clock = createManualClock();
  const store = createMemoryStore({ clock });
  const logger = createSilentLogger();
  const signals = createMemorySignals();
  const events = createEventRecorder({
    events: store.events,
    signals,
    clock,
    logger,
    box: 'tyche',
  });
  const tries: (Pick<Message, 'kind' | 'message'> & {
    readonly channel: string;
    readonly atMs: number;
  })[] = [];
  const handlers = createNotificationHandlers({
    store,
    clock,
    events,
    deliver: async ({ name }, { kind, message }) => {
      tries.push({ channel: name, kind, message, atMs: clock.nowMs() });
      return answer(tries.filter(({ channel }) => channel === name).length);
    },
  });
  const runner = createStepRunner({ clock, handlers: () => handlers });
  await events.record({ kind: 'BoxLost', message: 'before all' });
  await saveChannels(store.settings, [LOG, { ...LOG, name: 'second' }], 0);
  const look = async (forMs = 1_000): Promise<void> => {
    await runner.submit(sendNotifications, undefined);
    await runner.settle({ forMs });
  };
  await look();
  return { clock, store, events, tries, look, runner };
}

test('only what happens after the first look is told, once for each channel', async () => {
  const { events, tries, look } = await setUp(() => ({ kind: 'sent' }));
  expect(tries).toEqual([]);
  await events.record({ kind: 'BoxLost', message: 'eos is away.' });
  await look();
  await look();
  expect(tries.map(({ channel, message }) => `${channel}: ${message}`)).toEqual([
    'log: eos is away.',
    'second: eos is away.',
  ]);
});

test('a channel that is away for an hour gets its message then, and holds the other up at no time (incident 42)', async () => {
  const HOUR_MS = 3_600_000;
  const { events, tries, look, clock, runner } = await setUp((count) =>
    count === 1 ? { kind: 'later', message: 'no connection' } : { kind: 'sent' },
  );
  await events.record({ kind: 'BoxLost', message: 'eos is away.' });
  await look(HOUR_MS);
  expect(tries.map(({ channel }) => channel)).toEqual(['log', 'second', 'log', 'second']);
  expect(runner.summaries().flatMap(({ errors }) => errors)).toEqual([]);
  expect(clock.nowMs()).toBeGreaterThan(0);
});

test('a refused message is given up with an event, fails no step, and is not told itself', async () => {
  const { events, tries, look, store, runner } = await setUp(() => ({
    kind: 'refused',
    message: 'answered 401',
  }));
  await events.record({ kind: 'BoxLost', message: 'eos is away.' });
  await look();
  await look();
  const lost = (await store.events.listNewest(9)).filter(({ kind }) => kind === 'NotificationLost');
  expect(lost.map(({ message }) => message)).toEqual([
    'log did not take BoxLost: answered 401.',
    'second did not take BoxLost: answered 401.',
  ]);
  expect(tries).toHaveLength(2);
  expect(runner.summaries().some(({ isBroken }) => isBroken)).toBe(false);
});

test('a day is tried for, ever more seldom', async () => {
  expect([0, 60_000, 3_600_000].map((ageMs) => retryDelayMs(ageMs))).toEqual([
    5_000, 60_000, 600_000,
  ]);
  const { events, tries, look, store } = await setUp(() => ({
    kind: 'later',
    message: 'no connection',
  }));
  await events.record({ kind: 'BoxLost', message: 'eos is away.' });
  await look(30 * 3_600_000);
  const perChannel = tries.length / 2;
  expect(perChannel).toBeGreaterThan(100);
  expect(perChannel).toBeLessThan(200);
  const lost = (await store.events.listNewest(9)).filter(({ kind }) => kind === 'NotificationLost');
  expect(lost).toHaveLength(2);
});
