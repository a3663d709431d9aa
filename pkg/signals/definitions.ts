import { Type } from 'typebox';

import { defineStep, defineWorkflow, planStep } from '#pkg/steps';

const NO_ARGUMENTS = Type.Object({});
const NO_RESPONSE = Type.Null();
/** A pass over all symbols waits for the provider most of its time; waiting costs no attempt. */
const PATIENT = { attemptsMax: 20, baseMs: 1_000, capMs: 60_000 };

export const refreshRules = defineStep({
  name: 'refresh-symbol-rules',
  lane: 'cronjobs',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
  retry: PATIENT,
});

/** Signed, so it runs where accounts are known to the venue: on a trading box. */
export const refreshBrackets = defineStep({
  name: 'refresh-leverage-brackets',
  lane: 'positions',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
  retry: PATIENT,
});

export const refreshSymbols = defineWorkflow<undefined>({
  name: 'refresh-symbols',
  isProtective: false,
  steps: () => [
    planStep(refreshRules, {}, { index: 1 }),
    planStep(refreshBrackets, {}, { index: 2 }),
  ],
});

export const planDirections = defineStep({
  name: 'plan-direction-pass',
  lane: 'indicators',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
  retry: PATIENT,
});

export const concludeSymbols = defineStep({
  name: 'conclude-symbols',
  lane: 'indicators',
  arguments: Type.Object({
    symbols: Type.Array(Type.String(), { minItems: 1 }),
    timeframe: Type.Union([Type.Literal('1h'), Type.Literal('4h'), Type.Literal('1d')]),
  }),
  response: NO_RESPONSE,
  retry: PATIENT,
});

export const finishDirections = defineStep({
  name: 'finish-direction-pass',
  lane: 'indicators',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
});

/** One pass over all symbols: bulk readings, a direction or a reason for each, then the slots are looked at. */
export const concludeDirections = defineWorkflow<undefined>({
  name: 'conclude-directions',
  isProtective: false,
  steps: () => [
    planStep(planDirections, {}, { index: 1 }),
    planStep(finishDirections, {}, { index: 2 }),
  ],
});

export const planCandles = defineStep({
  name: 'plan-candle-pass',
  lane: 'indicators',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
});

export const readSymbolCandles = defineStep({
  name: 'read-symbol-candles',
  lane: 'indicators',
  arguments: Type.Object({ symbols: Type.Array(Type.String(), { minItems: 1 }) }),
  response: NO_RESPONSE,
  retry: PATIENT,
});

export const refreshCandles = defineWorkflow<undefined>({
  name: 'refresh-candles',
  isProtective: false,
  steps: () => [planStep(planCandles, {}, { index: 1 })],
});

export const pruneCandlesStep = defineStep({
  name: 'prune-candles',
  lane: 'cronjobs',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
});

export const pruneCandles = defineWorkflow<undefined>({
  name: 'prune-candles',
  isProtective: false,
  steps: () => [planStep(pruneCandlesStep, {}, { index: 1 })],
});
