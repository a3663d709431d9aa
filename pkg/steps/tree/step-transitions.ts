/**
 * The life of a step, as a table.
 *
 *                     ┌─── Woken ──── delayed ◀─ Deferred, Confirming, Retried
 *                     ▼                                                     ▲
 *   waiting ─Promoted▶ ready ──── Claimed ───▶ running ─────────────────────┤
 *   parked ──Promoted▶   ▲                        │                         │
 *                        └ Recovered, HandedBack ─┤                         │
 *                                                 ├ Expanded ▶ expanded     │
 *                                                 ▼              ▼          │
 *                         completed  skipped  stopped  failed (each from both)
 *
 *   Canceled, Skipped: from every state that is not an end (a break, a person, a skipped parent).
 *   A person's retry: stopped, failed ─Revived▶ ready; what was canceled after it ─Reset▶ waiting; what broke with it
 *   above ─Reopened▶ expanded.
 *
 * A pair absent from the table is a bug in the caller, not a state to handle: `nextStepState` asserts.
 * `step-transitions.test.ts` walks every pair.
 */
import { assert } from '#pkg/base';
import type { StepState } from '#pkg/store';

export const STEP_TRANSITIONS = {
  waiting: { Promoted: 'ready', Canceled: 'canceled', Skipped: 'skipped' },
  parked: { Promoted: 'ready', Canceled: 'canceled', Skipped: 'skipped' },
  ready: { Claimed: 'running', Canceled: 'canceled', Skipped: 'skipped' },
  delayed: { Woken: 'ready', Canceled: 'canceled', Skipped: 'skipped' },
  running: {
    Completed: 'completed',
    Skipped: 'skipped',
    Stopped: 'stopped',
    Failed: 'failed',
    Deferred: 'delayed',
    Confirming: 'delayed',
    Retried: 'delayed',
    Expanded: 'expanded',
    Recovered: 'ready',
    HandedBack: 'ready',
    Canceled: 'canceled',
  },
  expanded: {
    Completed: 'completed',
    Skipped: 'skipped',
    Stopped: 'stopped',
    Failed: 'failed',
    Canceled: 'canceled',
  },
  completed: {},
  skipped: {},
  stopped: { Revived: 'ready', Reopened: 'expanded' },
  failed: { Revived: 'ready', Reopened: 'expanded' },
  canceled: { Reset: 'waiting', Reopened: 'expanded' },
} as const satisfies Record<StepState, Partial<Record<string, StepState>>>;

export const STEP_EVENTS = [
  'Promoted',
  'Claimed',
  'Woken',
  'Completed',
  'Skipped',
  'Stopped',
  'Failed',
  'Deferred',
  'Confirming',
  'Retried',
  'Expanded',
  'Recovered',
  'HandedBack',
  'Canceled',
  'Revived',
  'Reopened',
  'Reset',
] as const;

export type StepEvent = (typeof STEP_EVENTS)[number];

/** Returns the state after `event`, or undefined when the table has no such pair. */
export function findNextStepState(state: StepState, event: StepEvent): StepState | undefined {
  const row: Partial<Record<StepEvent, StepState>> = STEP_TRANSITIONS[state];
  return row[event];
}

/** Returns the state after `event`. Asserts that the table allows it. */
export function nextStepState(state: StepState, event: StepEvent): StepState {
  const next = findNextStepState(state, event);
  assert(next !== undefined, `a step that is ${state} cannot take ${event}.`);
  return next;
}

/** The next index may go. */
export function isConcluded(state: StepState): boolean {
  return state === 'completed' || state === 'skipped';
}

/** The block that holds the step is broken. */
export function isBroken(state: StepState): boolean {
  return state === 'failed' || state === 'stopped' || state === 'canceled';
}

/** Work is on its way: the step will reach an end without anything else being promoted. */
export function isActive(state: StepState): boolean {
  return state === 'ready' || state === 'delayed' || state === 'running' || state === 'expanded';
}
