import { describe, expect, test } from 'vitest';

import type { StepState } from '#pkg/store';
import {
  findNextStepState,
  isActive,
  isBroken,
  isConcluded,
  nextStepState,
  STEP_EVENTS,
  STEP_TRANSITIONS,
} from './step-transitions.ts';

const STATES = Object.keys(STEP_TRANSITIONS) as StepState[];

/** The same facts as the table, said the other way round: where each event leads, and from where. */
const LEADS_TO = {
  Promoted: ['ready', ['waiting', 'parked']],
  Claimed: ['running', ['ready']],
  Woken: ['ready', ['delayed']],
  Completed: ['completed', ['running', 'expanded']],
  Skipped: ['skipped', ['waiting', 'parked', 'ready', 'delayed', 'running', 'expanded']],
  Stopped: ['stopped', ['running', 'expanded']],
  Failed: ['failed', ['running', 'expanded']],
  Deferred: ['delayed', ['running']],
  Confirming: ['delayed', ['running']],
  Revived: ['ready', ['stopped', 'failed']],
  Reopened: ['expanded', ['stopped', 'failed', 'canceled']],
  Reset: ['waiting', ['canceled']],
  Retried: ['delayed', ['running']],
  Expanded: ['expanded', ['running']],
  Recovered: ['ready', ['running']],
  HandedBack: ['ready', ['running']],
  Canceled: ['canceled', ['waiting', 'parked', 'ready', 'delayed', 'running', 'expanded']],
} as const satisfies Record<string, readonly [StepState, readonly StepState[]]>;

describe('the life of a step', () => {
  for (const state of STATES) {
    for (const event of STEP_EVENTS) {
      const [to, from] = LEADS_TO[event];
      const isAllowed = (from as readonly StepState[]).includes(state);
      test(`${state} and ${event} ${isAllowed ? `lead to ${to}` : 'do not go together'}`, () => {
        expect(findNextStepState(state, event)).toBe(isAllowed ? to : undefined);
        if (isAllowed) expect(nextStepState(state, event)).toBe(to);
        else expect(() => nextStepState(state, event)).toThrow(`${state} cannot take ${event}`);
      });
    }
  }

  test('an end has no way out but a retry by a person', () => {
    for (const state of STATES.filter((one) => isConcluded(one) || isBroken(one))) {
      const events = Object.keys(STEP_TRANSITIONS[state]);
      const isByHand = (event: string): boolean => ['Revived', 'Reopened', 'Reset'].includes(event);
      expect(events.filter((event) => isConcluded(state) || !isByHand(event))).toEqual([]);
    }
  });

  test('every state is dormant, active, concluded or broken, and only one of these', () => {
    for (const state of STATES) {
      const isDormant = state === 'waiting' || state === 'parked';
      const kinds = [isDormant, isActive(state), isConcluded(state), isBroken(state)];
      expect(kinds.filter(Boolean)).toHaveLength(1);
    }
  });
});
