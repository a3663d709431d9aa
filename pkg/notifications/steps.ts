import type { Clock } from '#pkg/base';
import type { EventRecorder } from '#pkg/events';
import { implementStep, type StepHandler, type StepOutcome } from '#pkg/steps';
import type { Store } from '#pkg/store';

import { NOTIFICATIONS } from './catalogue.ts';
import { readChannels } from './channel.ts';
import type { Deliver } from './channels/deliver.ts';
import {
  deliverNotification,
  deliverOne,
  planDeliveries,
  sendNotifications,
} from './definitions.ts';
import { planNotifications, type NotifyState } from './plan-notifications.ts';

export interface NotificationDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly deliver: Deliver;
}

const STATE = 'notify-state';
const EVENTS_MAX = 500;
const RETRY_MS_MIN = 5_000;
const RETRY_MS_MAX = 10 * 60_000;
/** What could not be told within a day is given up. */
const GIVE_UP_MS = 24 * 3_600_000;
const DONE: StepOutcome<null> = { kind: 'completed', response: null };

/** Returns the code that tells people. A channel that fails holds nobody else up and fails no step. */
export function createNotificationHandlers(dependencies: NotificationDependencies): StepHandler[] {
  const { store, clock, events, deliver } = dependencies;
  return [
    implementStep(planDeliveries, async (context) => {
      const nowMs = clock.nowMs();
      const stored = await store.settings.find(STATE);
      if (stored === undefined) {
        // What happened before anybody listened is history.
        const [newest] = await store.events.listNewest(1);
        const state: NotifyState = { sequence: newest?.sequence ?? 0, toldAtMs: {}, seenAtMs: {} };
        await store.settings.set(STATE, JSON.stringify(state), nowMs);
        return DONE;
      }
      const before = JSON.parse(stored) as NotifyState;
      const happened = await store.events.listAfter(before.sequence, EVENTS_MAX);
      if (happened.length === 0) return DONE;
      const channels = await readChannels(store.settings);
      const plan = planNotifications(NOTIFICATIONS, channels, before, happened);
      for (const delivery of plan.deliveries) {
        // The key makes a repeat of this run submit nothing twice.
        const onceKey = `notify:${delivery.sequence}:${delivery.channel}`;
        await context.submit(deliverNotification, delivery, { onceKey });
      }
      await store.settings.set(STATE, JSON.stringify(plan.state), nowMs);
      if (happened.length === EVENTS_MAX) await context.submit(sendNotifications, undefined);
      return DONE;
    }),
    implementStep(deliverOne, async (context, delivery) => {
      const channels = await readChannels(store.settings);
      const channel = channels.find(({ name }) => name === delivery.channel);
      if (channel === undefined) return { kind: 'skipped', reason: 'ChannelRemoved' };
      const outcome = await deliver(channel, delivery, context.signal);
      if (outcome.kind === 'sent') return DONE;
      const nowMs = clock.nowMs();
      const ageMs = nowMs - delivery.atMs;
      if (outcome.kind === 'later' && ageMs < GIVE_UP_MS) {
        const delayMs = Math.max(retryDelayMs(ageMs), outcome.retryAfterMs ?? 0);
        return { kind: 'deferred', untilMs: nowMs + delayMs, reason: 'ChannelUnreachable' };
      }
      // This kind is in no catalogue: a failure to tell is not told.
      await events.record({
        kind: 'NotificationLost',
        reason: 'NotificationRefused',
        message: `${channel.name} did not take ${delivery.kind}: ${outcome.message}.`,
      });
      return { kind: 'skipped', reason: 'NotificationRefused', message: outcome.message };
    }),
  ];
}

/** As long again as it has been tried, between five seconds and ten minutes. */
export function retryDelayMs(ageMs: number): number {
  return Math.min(RETRY_MS_MAX, Math.max(RETRY_MS_MIN, ageMs));
}
