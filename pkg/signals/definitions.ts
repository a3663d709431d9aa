import { Type } from 'typebox';

import { TIMEFRAMES } from '#pkg/domain';
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

const TIMEFRAME = Type.Union([Type.Literal('1h'), Type.Literal('4h'), Type.Literal('1d')]);
const SYMBOLS = Type.Array(Type.String());

/** Plans the round of one timeframe: all symbols on the shortest, what stayed unclear on the others. */
export const planDirections = defineStep({
  name: 'plan-direction-round',
  lane: 'indicators',
  arguments: Type.Object({ timeframe: TIMEFRAME }),
  response: NO_RESPONSE,
  retry: PATIENT,
});

/** One request to the provider, as full as it may be; a symbol's readings may come in two of them. */
export const readIndicators = defineStep({
  name: 'read-indicators',
  lane: 'indicators',
  arguments: Type.Object({
    timeframe: TIMEFRAME,
    queries: Type.Array(Type.Object({ symbol: Type.String(), indicator: Type.String() }), {
      minItems: 1,
    }),
    /** Until then a provider that does not answer is asked again; after that our own candles must do. */
    patientUntilMs: Type.Optional(Type.Number()),
  }),
  response: NO_RESPONSE,
  retry: PATIENT,
});

/** Directions that earlier timeframes gave a symbol without being taken, by symbol. */
const CLAIMS = Type.Optional(
  Type.Record(Type.String(), Type.Array(Type.Union([Type.Literal('long'), Type.Literal('short')]))),
);

/** Concludes a round from what its requests left in the store; responds with the symbols that stay unclear. */
export const concludeSymbols = defineStep({
  name: 'conclude-round',
  lane: 'indicators',
  arguments: Type.Object({
    symbols: SYMBOLS,
    timeframe: TIMEFRAME,
    sinceMs: Type.Number(),
    claims: CLAIMS,
  }),
  response: Type.Object({ timeframe: TIMEFRAME, unclear: SYMBOLS, claims: CLAIMS }),
});

export const finishDirections = defineStep({
  name: 'finish-direction-pass',
  lane: 'indicators',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
});

/**
 * One pass over all symbols: a round for each timeframe, a direction or a reason for each symbol, then the slots are
 * looked at.
 */
export const concludeDirections = defineWorkflow<undefined>({
  name: 'conclude-directions',
  isProtective: false,
  steps: () => [
    ...TIMEFRAMES.map((timeframe, round) =>
      planStep(planDirections, { timeframe }, { index: round + 1 }),
    ),
    planStep(finishDirections, {}, { index: TIMEFRAMES.length + 1 }),
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
  arguments: Type.Object({
    symbols: Type.Array(Type.String(), { minItems: 1 }),
    /** All of them when absent. */
    timeframes: Type.Optional(Type.Array(TIMEFRAME)),
  }),
  response: NO_RESPONSE,
  retry: PATIENT,
});

/** How each of these symbols moves with BTC, from the candles that the pass has just completed. */
export const measureSymbols = defineStep({
  name: 'measure-symbols',
  lane: 'indicators',
  arguments: Type.Object({
    symbols: Type.Array(Type.String(), { minItems: 1 }),
    by: Type.Union([Type.Literal('hours'), Type.Literal('days')]),
  }),
  response: NO_RESPONSE,
});

/** Every symbol is measured by its hours: what is scored by them may be looked at. */
export const tellMeasured = defineStep({
  name: 'tell-measured',
  lane: 'indicators',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
});

/**
 * One pass over the candles of all symbols: the hours are completed and measured and the slots looked at, then the longer
 * candles follow, for which nobody waits.
 */
export const refreshCandles = defineWorkflow<undefined>({
  name: 'refresh-candles',
  isProtective: false,
  steps: () => [planStep(planCandles, {}, { index: 1 })],
});

/** The hourly score of the whole market. Five symbols, so it never waits for the pass over all of them. */
export const scoreMarket = defineStep({
  name: 'score-market',
  lane: 'indicators',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
  retry: PATIENT,
});

export const scoreMarketHourly = defineWorkflow<undefined>({
  name: 'score-market',
  isProtective: false,
  steps: () => [planStep(scoreMarket, {}, { index: 1 })],
});

/** The look of each minute, on the brain: it must not wait behind a full lane of readings. */
export const watchMarket = defineStep({
  name: 'watch-market',
  lane: 'cronjobs',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
});

export const watchMarketMinutely = defineWorkflow<undefined>({
  name: 'watch-market',
  isProtective: false,
  steps: () => [planStep(watchMarket, {}, { index: 1 })],
});

const JUDGED = Type.Object({
  symbol: Type.String(),
  direction: Type.Union([Type.Literal('long'), Type.Literal('short')]),
});

export const planJudging = defineStep({
  name: 'plan-judging',
  lane: 'indicators',
  arguments: Type.Object({ symbols: Type.Array(JUDGED, { minItems: 1 }) }),
  response: NO_RESPONSE,
});

/** Reads two years of hours of one symbol and simulates the ladders of all accounts over them. */
export const judgeLadderStep = defineStep({
  name: 'judge-ladder',
  lane: 'indicators',
  arguments: Type.Object({ ...JUDGED.properties, notBeforeMs: Type.Number() }),
  response: NO_RESPONSE,
  retry: PATIENT,
});

export const tellJudged = defineStep({
  name: 'tell-judged',
  lane: 'indicators',
  arguments: NO_ARGUMENTS,
  response: NO_RESPONSE,
});

/** Has ladders judged over history, one symbol after the other, so that the first verdict comes soon. */
export const judgeSymbols = defineWorkflow<{
  readonly symbols: readonly { readonly symbol: string; readonly direction: 'long' | 'short' }[];
}>({
  name: 'judge-symbols',
  isProtective: false,
  steps: ({ symbols }) => [planStep(planJudging, { symbols: [...symbols] }, { index: 1 })],
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
