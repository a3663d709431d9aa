import { Type } from 'typebox';

import { required, type Reason } from '#pkg/base';
import { id, type Position, type PositionId } from '#pkg/domain';
import {
  ExchangeAccountRefusedError,
  ExchangeThrottledError,
  ExchangeUnreachableError,
} from '#pkg/exchange';
import {
  implementStep,
  type StepContext,
  type StepDefinition,
  type StepHandler,
  type StepOutcome,
} from '#pkg/steps';
import type { Store } from '#pkg/store';

/** Pause before the venue is asked again when it did not answer. Costs no attempt. */
const UNREACHABLE_RETRY_MS = 750;

export const POSITION_ARGUMENTS = Type.Object({ positionId: Type.String() });
export const NO_RESPONSE = Type.Null();

/**
 * Binds code to a step that talks to the venue.
 *
 * A spent budget and a silent venue become deferrals, which cost no attempt: neither says anything about
 * the step itself. A refused account fails at once. Everything else is the engine's to repeat.
 */
export function implementTradeStep<A, R>(
  definition: StepDefinition<A, R>,
  run: (context: StepContext, args: A) => Promise<StepOutcome<R>>,
): StepHandler {
  return implementStep(definition, async (context, args) => {
    try {
      return await run(context, args);
    } catch (error) {
      if (error instanceof ExchangeThrottledError) return deferUntil(error.retryAtMs, error.reason);
      if (error instanceof ExchangeUnreachableError) {
        return deferUntil(context.clock.nowMs() + UNREACHABLE_RETRY_MS, 'VenueUnreachable');
      }
      if (error instanceof ExchangeAccountRefusedError) {
        return { kind: 'failed', error, retry: 'never' };
      }
      throw error;
    }
  });
}

/** The outcome of a step that has nothing to tell. */
export const DONE: StepOutcome<null> = { kind: 'completed', response: null };

/** Runs again at `untilMs` (wall clock). */
export function deferUntil(
  untilMs: number,
  reason: Reason,
): Extract<StepOutcome<never>, { kind: 'deferred' }> {
  return { kind: 'deferred', untilMs, reason };
}

/** Ends the workflow quietly; what compensates runs. */
export function stop(reason: Reason, message: string): StepOutcome<never> {
  return { kind: 'stopped', reason, message };
}

/** Not needed; the workflow goes on. */
export function skip(reason: Reason, message?: string): StepOutcome<never> {
  return message === undefined ? { kind: 'skipped', reason } : { kind: 'skipped', reason, message };
}

/** Fails for good: repeating the same request cannot help. */
export function failNow(message: string): StepOutcome<never> {
  return { kind: 'failed', error: new Error(message), retry: 'never' };
}

/** Reads the position that a step is about; its row was committed before the step was. */
export async function requirePosition(store: Store, positionId: string): Promise<Position> {
  const position = await store.positions.find(id<PositionId>(positionId));
  return required(position, 'A step names a position that was committed before it.');
}
