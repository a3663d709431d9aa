import { Type } from 'typebox';

import { defineStep } from '#pkg/steps';

import { NO_RESPONSE, POSITION_ARGUMENTS } from '../trade-step.ts';
import { OTHER_POSITIONS } from './other-positions.ts';

export const verifyPairIsFree = defineStep({
  name: 'verify-pair-is-free',
  lane: 'positions',
  arguments: POSITION_ARGUMENTS,
  /** What the user holds besides; null where it was not looked at. */
  response: Type.Union([OTHER_POSITIONS, NO_RESPONSE]),
});

export const ensureMarginMode = defineStep({
  name: 'ensure-margin-mode',
  lane: 'positions',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
});

export const preparePosition = defineStep({
  name: 'prepare-position',
  lane: 'positions',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
});

export const determineLeverage = defineStep({
  name: 'determine-leverage',
  lane: 'positions',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
});

export const applyLeverage = defineStep({
  name: 'apply-leverage',
  lane: 'positions',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
});

export const planOrders = defineStep({
  name: 'plan-orders',
  lane: 'positions',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
});

export const placeEntry = defineStep({
  name: 'place-entry',
  lane: 'orders',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  timeoutMs: 15_000,
});

/** Repeated for longer than any other step: exposure without a stop is what the fleet exists to prevent. */
export const placeStop = defineStep({
  name: 'place-stop',
  lane: 'orders',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  retry: { attemptsMax: 10, baseMs: 200, capMs: 1_000 },
  timeoutMs: 10_000,
});

export const placeRung = defineStep({
  name: 'place-rung',
  lane: 'orders',
  arguments: Type.Object({ positionId: Type.String(), rungIndex: Type.Integer({ minimum: 1 }) }),
  response: NO_RESPONSE,
  timeoutMs: 15_000,
});

export const placeProfit = defineStep({
  name: 'place-profit',
  lane: 'orders',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  timeoutMs: 15_000,
});

export const activatePosition = defineStep({
  name: 'activate-position',
  lane: 'positions',
  arguments: POSITION_ARGUMENTS,
  response: NO_RESPONSE,
  retry: { attemptsMax: 5, baseMs: 300, capMs: 2_000 },
});
