import { Type } from 'typebox';

import { defineStep, defineWorkflow, planStep, type SubmitOptions } from '#pkg/steps';

export const compareBooks = defineStep({
  name: 'compare-books',
  lane: 'cronjobs',
  arguments: Type.Object({}),
  response: Type.Object({ askedAtMs: Type.Number() }),
});

export const endWarmUp = defineStep({
  name: 'end-warm-up',
  lane: 'cronjobs',
  arguments: Type.Object({}),
  response: Type.Null(),
});

/** Compares the books of every account with the venue, then lets the fleet be normal again. */
export const warmUp = defineWorkflow<undefined>({
  name: 'warm-up',
  isProtective: true,
  steps: () => [planStep(compareBooks, {}, { index: 1 }), planStep(endWarmUp, {}, { index: 2 })],
});

export const WARM_UP_OPTIONS: SubmitOptions = { dedupeKey: 'warm-up', isUrgent: true };

export const watchMode = defineStep({
  name: 'watch-mode',
  lane: 'cronjobs',
  arguments: Type.Object({}),
  response: Type.Null(),
});

export const watchHealth = defineStep({
  name: 'watch-health',
  lane: 'cronjobs',
  arguments: Type.Object({}),
  response: Type.Null(),
});

/** Looks each minute whether the fleet is well; also in modes that hold the rest, as nobody else would tell. */
export const watchFleet = defineWorkflow<undefined>({
  name: 'watch-fleet',
  isProtective: true,
  steps: () => [planStep(watchMode, {}, { index: 1 }), planStep(watchHealth, {}, { index: 2 })],
});

export const planDriftChecks = defineStep({
  name: 'plan-drift-checks',
  lane: 'cronjobs',
  arguments: Type.Object({}),
  response: Type.Null(),
});

export const checkAccountDrift = defineStep({
  name: 'check-account-drift',
  lane: 'positions',
  arguments: Type.Object({ accountId: Type.String() }),
  response: Type.Null(),
});

/** Compares quiet positions with the venue, those first that were not looked at for longest. */
export const checkDrift = defineWorkflow<undefined>({
  name: 'check-drift',
  isProtective: true,
  steps: () => [planStep(planDriftChecks, {}, { index: 1 })],
});

export const pruneRecordsStep = defineStep({
  name: 'prune-records',
  lane: 'cronjobs',
  arguments: Type.Object({}),
  response: Type.Null(),
});

/** Removes records that nobody needs any more: a week after the run of the timetable, the applied frame, the session. */
export const pruneRecords = defineWorkflow<undefined>({
  name: 'prune-records',
  isProtective: false,
  steps: () => [planStep(pruneRecordsStep, {}, { index: 1 })],
});
