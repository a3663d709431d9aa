import { Type, type Static } from 'typebox';

import { defineStep, defineWorkflow, planStep } from '#pkg/steps';

const DELIVERY = Type.Object({
  channel: Type.String(),
  sequence: Type.Number(),
  kind: Type.String(),
  severity: Type.String(),
  title: Type.String(),
  message: Type.String(),
  atMs: Type.Number(),
});

export const planDeliveries = defineStep({
  name: 'plan-deliveries',
  lane: 'cronjobs',
  arguments: Type.Object({}),
  response: Type.Null(),
});

export const deliverOne = defineStep({
  name: 'deliver-notification',
  lane: 'cronjobs',
  arguments: DELIVERY,
  response: Type.Null(),
});

/** Tells what happened since the last look. Protective: a fleet in maintenance must be able to call for help. */
export const sendNotifications = defineWorkflow<undefined>({
  name: 'send-notifications',
  isProtective: true,
  steps: () => [planStep(planDeliveries, {}, { index: 1 })],
});

/** One message through one channel, for as long as it takes. */
export const deliverNotification = defineWorkflow<Static<typeof DELIVERY>>({
  name: 'deliver-notification',
  isProtective: true,
  steps: (delivery) => [planStep(deliverOne, delivery, { index: 1 })],
});
